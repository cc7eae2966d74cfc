"""A Spark job imports only what a job needs: Spark's functions, the shared runtime, its own package."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.code import SparkJob
from policies.artefacts.code_reach import imports
from policies.check import ArtefactCheck
from policies.data.code_allowlist import profile


class JobImportsWhatItMay(ArtefactCheck):
    """Requirement: a job's imports, and what it takes from them, are those of policies/data/code_allowlist.yaml.

    Compliant example: `from pyspark.sql import functions as f`, `f.col("amount")`.
    Non-compliant example: `import boto3`, `import subprocess`, `f.sys.modules["os"]`, another tenant's package.
    Unknown is treated as: failed; what is no Python has no verdict.
    Source: CSO catalogue, Spark jobs; NYDFS 500.8.
    """

    control = "CSO_SPK_01"
    check_id = "CSO_SPK_01"
    title = "A Spark job imports only what a job needs"
    artefact = "spark_job"

    def judge(self, artefact: SparkJob) -> Iterator[tuple[str, int]]:
        kind = "spark_runtime" if artefact.is_runtime else "spark_job"
        yield from imports(artefact, profile(kind, artefact.path), artefact.package)


check = JobImportsWhatItMay()
