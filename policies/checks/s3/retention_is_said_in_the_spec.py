"""A tenant says for how long its data is kept."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.documents import TenantSpec
from policies.check import ArtefactCheck


class RetentionIsSaidInTheSpec(ArtefactCheck):
    """Requirement: the spec says retention_days, from which every zone's day of disposal follows.

    A default would dispose of data, or keep it, without anybody's decision.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.13; NAIC 668 4(D)(2)(k).
    """

    control = "CSO_S3_07"
    check_id = "CSO_S3_07_SPEC"
    title = "The tenant says how long its data is kept"
    artefact = "spec"

    def judge(self, artefact: TenantSpec) -> Iterator[str | tuple[str, int]]:
        days = artefact.document.get("retention_days")
        if not isinstance(days, int) or isinstance(days, bool) or days < 1:
            yield f"retention_days is {days!r}, not a number of days", artefact.line_of("retention_days")


check = RetentionIsSaidInTheSpec()
