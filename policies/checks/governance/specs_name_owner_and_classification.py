"""A tenant says who answers for its data, who pays and how sensitive the data is."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.documents import TenantSpec
from policies.check import ArtefactCheck

CLASSES = ("public", "internal", "confidential", "restricted")


class SpecsNameOwnerAndClassification(ArtefactCheck):
    """Requirement: the spec says owner, cost_centre, classification and what the data is; every dataset inherits them.

    They become the mandatory tags. Retention is CSO_S3_07_SPEC's, contracts are CSO_GOV_01_CONTRACT's.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.13; NAIC 668 4(D)(2)(b); SOC 2 CC1.
    """

    control = "CSO_GOV_01"
    check_id = "CSO_GOV_01_SPEC"
    title = "Every tenant names its owner, its cost centre and its data's classification"
    artefact = "spec"

    def judge(self, artefact: TenantSpec) -> Iterator[str | tuple[str, int]]:
        document = artefact.document
        for key in ("tenant", "description", "owner", "cost_centre"):
            value = document.get(key)
            if not isinstance(value, str) or not value.strip():
                yield f"{key} is {value!r}", artefact.line_of(key)
        if "@" not in str(document.get("owner")):
            yield f"owner is {document.get('owner')!r}, no address of people", artefact.line_of("owner")
        classification = document.get("classification")
        if classification not in CLASSES:
            yield (
                f"classification is {classification!r}, none of {', '.join(CLASSES)}",
                artefact.line_of("classification"),
            )


check = SpecsNameOwnerAndClassification()
