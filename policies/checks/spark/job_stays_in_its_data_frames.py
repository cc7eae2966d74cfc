"""A Spark job stays in its data frames: no session, no JVM, no files, no text that is run, no look inside Python."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.code import SparkJob
from policies.artefacts.code_reach import names
from policies.check import ArtefactCheck
from policies.data.code_allowlist import profile


class JobStaysInItsDataFrames(ArtefactCheck):
    """Requirement: of Python's own and of objects' attributes a job uses none that lead out of data frames.

    The names are judged, not what they are names of; a job's runtime role is the wall behind this fence (CSO_EMR_07).
    Compliant example: `inputs.dataset("policy").where(f.col("product") == "SPIA")`.
    Non-compliant example: `eval(…)`, `open(…)`, `frame.sparkSession`, `frame._jdf`, `frame.rdd.pipe(…)`, `x.__class__`.
    Unknown is treated as: failed (getattr with a computed name); what is no Python has no verdict.
    Source: CSO catalogue, Spark jobs; NYDFS 500.8.
    """

    control = "CSO_SPK_01"
    check_id = "CSO_SPK_01_REACH"
    title = "A Spark job reaches nothing but its data frames"
    artefact = "spark_job"

    def judge(self, artefact: SparkJob) -> Iterator[tuple[str, int]]:
        yield from names(artefact, profile("spark_runtime" if artefact.is_runtime else "spark_job", artefact.path))


check = JobStaysInItsDataFrames()
