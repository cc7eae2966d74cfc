"""A Spark job names no address and no key: its step tells it where to read and write."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.code import SparkJob
from policies.artefacts.code_reach import texts
from policies.check import ArtefactCheck
from policies.data.code_allowlist import profile


class JobNamesNoAddress(ArtefactCheck):
    """Requirement: no text in a job is a URI, a setting of a key, a query, or a call into the JVM, documentation apart.

    Even the tenant's own bucket is refused: it would be one environment's. SQL that a job puts together when it runs,
    `"".join(…)` given to `where`, is not seen; the step's role is the wall behind this fence (CSO_EMR_07).
    Compliant example: `inputs.source("policies")`.
    Non-compliant example: `"s3://meridian-prod-claims-raw/"`, `f"{scheme}://{host}"`, `"fs.s3a.secret.key"`.
    Unknown is treated as: what a text is filled with when the code runs is not judged, its literal parts are.
    Source: CSO catalogue, Spark jobs; NYDFS 500.7.
    """

    control = "CSO_SPK_01"
    check_id = "CSO_SPK_01_ADDRESSES"
    title = "A Spark job names no address and no key"
    artefact = "spark_job"

    def judge(self, artefact: SparkJob) -> Iterator[tuple[str, int]]:
        yield from texts(artefact, profile("spark_runtime" if artefact.is_runtime else "spark_job", artefact.path))


check = JobNamesNoAddress()
