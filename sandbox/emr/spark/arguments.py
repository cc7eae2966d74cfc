"""Which of spark-submit's arguments mean a real cluster, and what is left for one machine. Text in, text out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

CLUSTER_OPTIONS = frozenset(
    [
        "--deploy-mode",
        "--master",
        "--queue",
        "--num-executors",
        "--executor-memory",
        "--executor-cores",
        "--total-executor-cores",
        "--driver-memory",
        "--driver-cores",
        "--driver-java-options",
        "--driver-class-path",
        "--principal",
        "--keytab",
    ]
)
CLUSTER_FLAGS = frozenset({"--supervise"})
FLAGS = frozenset({"--verbose", "-v", "--help", "-h", "--version"})

_CLUSTER_SETTING = re.compile(
    r"""spark\.(
        master | submit\.deployMode | default\.parallelism | sql\.shuffle\.partitions
      | (driver|executor)\.(cores|memory|memoryOverhead|memoryOverheadFactor|instances|extraClassPath
                           |extraJavaOptions|defaultJavaOptions|extraLibraryPath|resource\..*)
      | (dynamicAllocation|shuffle\.service|yarn|kubernetes|eventLog|history|ui|decommission|executorEnv)(\..*)?
      | pyspark\.(python|driver\.python) | local\.dir | sql\.catalogImplementation | sql\.warehouse\.dir
      | hadoop\.(fs\.s3.*|yarn\..*) | emr\..*
    )$""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Submission:
    """A spark-submit command for one machine.

    Attributes:
        arguments: what follows `spark-submit`, without what means a cluster.
        left_out: what was taken away, as it was written, for the step's log.
    """

    arguments: tuple[str, ...]
    left_out: tuple[str, ...]


class UnsupportedArgumentError(ValueError):
    """spark-submit was given something that the local cloud cannot honour, and must not ignore."""


def means_a_cluster(setting: str) -> bool:
    """Return whether a Spark property says where or how large to run, rather than what the job computes."""
    return _CLUSTER_SETTING.match(setting) is not None


def for_one_machine(arguments: Sequence[str]) -> Submission:
    """Take away what means a cluster; the application and everything behind it stay as they are.

    Raises:
        UnsupportedArgumentError: a properties file, or an option without its value.
    """
    kept: list[str] = []
    left_out: list[str] = []
    words = list(arguments)
    while words and words[0].startswith("-"):
        option, inline, value = words.pop(0).partition("=")
        if option in FLAGS | CLUSTER_FLAGS:
            (left_out if option in CLUSTER_FLAGS else kept).append(option)
            continue
        if not inline:
            if not words:
                raise UnsupportedArgumentError(f"spark-submit: {option!r} has no value")
            value = words.pop(0)
        if option == "--properties-file":
            raise UnsupportedArgumentError(
                f"spark-submit: --properties-file {value!r} would replace the cluster's settings; use --conf"
            )
        is_cluster = option in CLUSTER_OPTIONS or (
            option in ("--conf", "-c") and means_a_cluster(value.partition("=")[0].strip())
        )
        (left_out if is_cluster else kept).extend((option, value))
    return Submission((*kept, *words), tuple(left_out))


def cluster_defaults(configurations: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """Return the `spark-defaults` of a cluster's configurations that mean something on one machine.

    Args:
        configurations: as in RunJobFlow; the members' names in either case.
    """
    defaults: dict[str, str] = {}
    for configuration in configurations:
        named = {str(name).lower(): value for name, value in dict(configuration).items()}
        properties = named.get("properties")
        if named.get("classification") == "spark-defaults" and isinstance(properties, Mapping):
            defaults.update({str(name): str(value) for name, value in dict(properties).items()})
    return {name: value for name, value in defaults.items() if not means_a_cluster(name)}
