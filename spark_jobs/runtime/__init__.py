"""What every Spark job shares: arguments, contracts, source records, checks, output.

A job gives `run` one function from inputs to data frames; reading, verifying, judging and writing happen here. Only
pyspark and the standard library are there on a cluster, so nothing else is imported.
"""

from spark_jobs.runtime.errors import JobError
from spark_jobs.runtime.inputs import Inputs
from spark_jobs.runtime.run import run

__all__ = ["Inputs", "JobError", "run"]
