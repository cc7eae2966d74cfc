"""The command, environment and settings with which a real spark-submit runs one step on this machine.

Decides what is cheap enough for two cores; must not know clusters, steps or moto.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.emr.spark import build
from sandbox.emr.spark.arguments import for_one_machine
from sandbox.emr.spark.java import find_jdk

LOG_SETTINGS = Path(__file__).with_name("log4j2.properties")
JVM_OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xshare:auto")
"""A step lives for seconds: the second compiler and a parallel collector cost more than they bring."""
INHERITED = ("PATH", "HOME", "USER", "TMPDIR", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Session:
    """As whom, and against what, a step runs.

    Attributes:
        endpoint: base address of the local cloud.
        region: of the cluster.
        access_key, secret_key, token: session credentials of the step's role.
        variables: further environment variables.
    """

    endpoint: str
    region: str
    access_key: str
    secret_key: str
    token: str
    variables: Mapping[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_SESSION_TOKEN": self.token,
            "AWS_EC2_METADATA_DISABLED": "true",
            **self.variables,
        }


@dataclass(frozen=True)
class Command:
    """What to start: `arguments` in `environment`; `left_out` are arguments that mean a real cluster."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    left_out: tuple[str, ...] = ()


def base_environment(session: Session) -> dict[str, str]:
    """Return the environment of any process on a node: nothing of the server's own but where programs are."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {**inherited, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC", **session.environment()}


def spark_submit(
    arguments: Sequence[str],
    session: Session,
    folder: Path,
    defaults: Mapping[str, str] | None = None,
    cores: int = 2,
    jvm_options: Sequence[str] = (),
) -> Command:
    """Return the command that runs a step's `spark-submit` here.

    Args:
        arguments: what follows `spark-submit` in the step.
        folder: of the step, existing; settings and scratch files are put there.
        defaults: the cluster's own `spark-defaults`.
        cores: threads that run tasks.
        jvm_options: in place of the class archive's.

    Raises:
        UnsupportedArgumentError: an argument cannot be honoured here.
        JavaNotFoundError, SparkBuildError: this machine cannot run Spark.
    """
    submission = for_one_machine(arguments)
    jdk = find_jdk()
    jar = build.file_system_jar(jdk)
    archive = build.class_archive(jdk, jar)
    if not jvm_options and archive.exists():
        jvm_options = (f"-XX:SharedArchiveFile={archive}",)
    java_options = shlex.join([*JVM_OPTIONS, *_quiet(), *jvm_options, f"-Dlog4j2.configurationFile={LOG_SETTINGS}"])
    settings = {**_settings(folder, cores, jar), "spark.driver.extraJavaOptions": java_options, **(defaults or {})}
    properties = folder / "spark-defaults.conf"
    properties.write_text("".join(f"{name} {value}\n" for name, value in settings.items()), encoding="utf-8")
    environment = {
        **base_environment(session),
        "JAVA_HOME": str(jdk.home),
        "SPARK_HOME": str(build.spark_home()),
        "SPARK_CONF_DIR": str(build.configuration_folder()),
        "SPARK_LAUNCHER_OPTS": " ".join([*JVM_OPTIONS, *_quiet()]),
        "SPARK_LOCAL_DIRS": str(folder / "scratch"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
    }
    program = str(build.spark_home() / "bin" / "spark-submit")
    command = (program, "--properties-file", str(properties), *submission.arguments)
    return Command(command, environment, submission.left_out)


def _quiet() -> tuple[str, ...]:
    """The JVM's own warnings belong to stderr: stdout is the job's."""
    return ("-Xlog:disable", "-Xlog:all=error:stderr")


def _settings(folder: Path, cores: int, jar: Path) -> dict[str, str]:
    return {
        "spark.master": f"local[{cores}]",
        "spark.driver.memory": "1g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraClassPath": str(jar),
        "spark.hadoop.fs.s3.impl": build.FILE_SYSTEM_CLASS,
        "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",  # renames are copies: once, not twice
        "spark.default.parallelism": "2",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.codegen.wholeStage": "false",  # for so little data, compiling queries costs more than running them
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": (folder / "warehouse").as_uri(),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.eventLog.enabled": "false",
    }
