"""From a command line to complete outputs: the frame around every job's own function.

Decides the order: verify inputs, adopt what is complete, build, write and judge. Failures leave one clear last line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from spark_jobs.runtime.arguments import Arguments, parse_arguments
from spark_jobs.runtime.contract import Contracts
from spark_jobs.runtime.errors import SchemaMismatch, SparkFailed
from spark_jobs.runtime.files import Files
from spark_jobs.runtime.inputs import Inputs, open_inputs
from spark_jobs.runtime.output import is_complete, write_dataset

Build = Callable[[Inputs], Mapping[str, Any]]
"""A job: from its inputs to {dataset: DataFrame}, lazily; nothing is computed before it is written."""

_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # an overflow in money must stop the job, not become null
    "spark.sql.adaptive.coalescePartitions.parallelismFirst": "false",  # few files rather than many tasks
    "spark.sql.optimizer.canChangeCachedPlanOutputPartitioning": "true",  # cached frames are coalesced, too
}


def run(build: Build, argv: Sequence[str] | None = None) -> None:
    """Run one step.

    Raises:
        JobError: an input, the data or an output forbids to go on; the message is the step's last line.
    """
    arguments = parse_arguments(argv)
    is_own = SparkSession.getActiveSession() is None
    spark = SparkSession.builder.appName(arguments.job).getOrCreate()
    try:
        _run(build, arguments, spark)
    except Py4JJavaError as error:
        raise SparkFailed(f"{arguments.job} as_of {arguments.as_of}: {_root_cause(error)}") from error
    except PySparkException as error:
        raise SparkFailed(f"{arguments.job} as_of {arguments.as_of}: {_first_line(str(error))}") from error
    finally:
        if is_own:
            spark.stop()


def _run(build: Build, arguments: Arguments, spark: Any) -> None:
    for name, value in _SETTINGS.items():
        spark.conf.set(name, value)
    files = Files(spark)
    contracts = Contracts(files.read(arguments.contracts), arguments.contracts)
    inputs = open_inputs(spark, files, contracts, arguments.reads, arguments.as_of)
    waiting = {
        name: location
        for name, location in arguments.writes.items()
        if not is_complete(files, contracts[name], location, arguments, inputs)
    }
    for name in arguments.writes.keys() - waiting.keys():
        print(f"{name}: already complete")
    if not waiting:
        return
    frames = build(Inputs(spark, arguments.as_of, inputs))
    if frames.keys() != arguments.writes.keys():
        made, asked = ", ".join(sorted(frames)), ", ".join(sorted(arguments.writes))
        raise SchemaMismatch(f"{arguments.job} makes {made}; its step was told to write {asked}")
    for name, location in waiting.items():
        rows = write_dataset(spark, files, frames[name], contracts[name], location, arguments, inputs)
        print(f"{name}: {rows} rows at {location}")


def _root_cause(error: Py4JJavaError) -> str:
    cause = error.java_exception
    while cause.getCause() is not None:
        cause = cause.getCause()
    return _first_line(f"{cause.getClass().getSimpleName()}: {cause.getMessage()}")


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "no message")
