"""A step's command line as spark-submit reads it: options, properties, the script, and what the script gets.

Source: Spark 3.5, "Submitting Applications" and SparkSubmitArguments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

OPTIONS = frozenset({"--deploy-mode", "--master", "--conf", "--py-files", "--name", "--archives", "--files", "--jars"})
"""Options that a step may use; each has a value."""

CODE_OPTIONS = frozenset({"--py-files", "--archives", "--files", "--jars"})

PROPERTIES = frozenset(
    {
        "spark.default.parallelism",
        "spark.driver.cores",
        "spark.driver.memory",
        "spark.driver.memoryOverhead",
        "spark.executor.cores",
        "spark.executor.instances",
        "spark.executor.memory",
        "spark.executor.memoryOverhead",
        "spark.hadoop.fs.s3a.encryption.algorithm",
        "spark.hadoop.fs.s3a.encryption.key",
        "spark.memory.fraction",
        "spark.memory.offHeap.enabled",
        "spark.memory.offHeap.size",
        "spark.memory.storageFraction",
        "spark.network.timeout",
        "spark.pyspark.driver.python",
        "spark.pyspark.python",
        "spark.shuffle.compress",
        "spark.shuffle.file.buffer",
        "spark.shuffle.io.maxRetries",
        "spark.shuffle.io.retryWait",
        "spark.shuffle.spill.compress",
        "spark.speculation",
        "spark.sql.ansi.enabled",
        "spark.sql.autoBroadcastJoinThreshold",
        "spark.sql.broadcastTimeout",
        "spark.sql.files.maxPartitionBytes",
        "spark.sql.files.maxRecordsPerFile",
        "spark.sql.files.openCostInBytes",
        "spark.sql.parquet.compression.codec",
        "spark.sql.session.timeZone",
        "spark.sql.shuffle.partitions",
        "spark.task.maxFailures",
        "spark.yarn.maxAppAttempts",
    }
)
PROPERTY_PREFIXES = ("spark.dynamicAllocation.", "spark.sql.adaptive.", "spark.sql.codegen.", "spark.sql.optimizer.")
"""What a job may set: its size and how it computes. No Java options, class paths, environment, credentials, proxies,
nor what names a class or another place: spark.sql.extensions, a catalogue over JDBC, spark.shuffle.manager."""

INTERPRETERS = frozenset({"python3", "/usr/bin/python3", "/usr/bin/python3.9", "/usr/bin/python3.11"})


@dataclass(frozen=True)
class SparkSubmit:
    """One command line.

    Attributes:
        options: (name, value) in order, `--conf` left out.
        properties: `{name: value}` of every `--conf`; of two the last, as Spark has it.
        script: what is run; empty when there is none.
        arguments: what the script gets.
        problems: what the command line holds that no step may.
    """

    options: tuple[tuple[str, str], ...] = ()
    properties: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    script: str = ""
    arguments: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def code(self) -> list[str]:
        """Every address of code: the script's and those of the options."""
        named = [item for name, value in self.options if name in CODE_OPTIONS for item in value.split(",")]
        return [address.strip().split("#")[0] for address in named] + [self.script]


def read(command: Sequence[str]) -> SparkSubmit:
    """Return a step's command line; reading stops at what is no spark-submit, which `problems` then says."""
    if not command or command[0] != "spark-submit":
        return SparkSubmit(problems=(f"the command is {command[0] if command else ''!r}, not 'spark-submit'",))
    options: list[tuple[str, str]] = []
    properties: dict[str, str] = {}
    rest = list(command[1:])
    while rest and rest[0].startswith("-"):
        name, equals, value = rest.pop(0).partition("=")
        if name not in OPTIONS:
            return _stopped(options, properties, f"the option {name!r} is not approved")
        if not equals:
            if not rest:
                return _stopped(options, properties, f"the option {name!r} has no value")
            value = rest.pop(0)
        if name == "--conf":
            key, _, setting = value.partition("=")
            properties[key.strip()] = setting
        else:
            options.append((name, value))
    found = SparkSubmit(tuple(options), properties, rest[0] if rest else "", tuple(rest[1:]))
    return SparkSubmit(found.options, properties, found.script, found.arguments, tuple(_problems(found)))


def _stopped(options: list[tuple[str, str]], properties: dict[str, str], problem: str) -> SparkSubmit:
    return SparkSubmit(tuple(options), properties, problems=(problem,))


def _problems(found: SparkSubmit) -> Iterator[str]:
    given = dict(found.options)
    if given.get("--master") != "yarn" or given.get("--deploy-mode") != "cluster":
        yield "it does not say --master yarn --deploy-mode cluster"
    if not found.script.endswith(".py"):
        yield f"it runs {found.script!r}, not a Python script"
    yield from property_problems(found.properties)


def property_problems(properties: Mapping[str, str]) -> Iterator[str]:
    """Yield the properties that nobody may set, in a step or for a whole cluster."""
    for name, value in properties.items():
        if name not in PROPERTIES and not name.startswith(PROPERTY_PREFIXES):
            yield f"the property {name!r} is not approved"
        if name.startswith("spark.pyspark.") and value not in INTERPRETERS:
            yield f"{name} is {value!r}, no interpreter of the release"
