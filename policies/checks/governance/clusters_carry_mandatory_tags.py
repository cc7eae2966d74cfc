"""Clusters that Airflow starts carry the tags that no plan shows for them."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.documents import JobFlow
from policies.check import ArtefactCheck

TAGS = ("cost-centre", "data-class", "env", "owner", "tenant")


class ClustersCarryMandatoryTags(ArtefactCheck):
    """Requirement: the job flow's tags say tenant, env, owner, data-class and cost-centre; tenant and env are its own.

    Unknown is treated as: no verdict.
    Source: NYDFS 500.13; NAIC 668 4(D)(2)(b).
    """

    control = "CSO_GOV_01"
    check_id = "CSO_GOV_01_JOB_FLOW"
    title = "Every cluster carries the mandatory tags"
    artefact = "job_flow"

    def judge(self, artefact: JobFlow) -> Iterator[str | tuple[str, int]]:
        tags = {str(tag.get("Key")): tag.get("Value") for tag in artefact.document.blocks("Tags")}
        missing = [name for name in TAGS if not tags.get(name)]
        if missing:
            yield f"without the tags {', '.join(missing)}"
        for name, own in (("tenant", artefact.context.stack), ("env", artefact.context.environment)):
            if tags.get(name) and tags[name] != own:
                yield f"the tag {name} is {tags[name]!r}, not {own!r}"


check = ClustersCarryMandatoryTags()
