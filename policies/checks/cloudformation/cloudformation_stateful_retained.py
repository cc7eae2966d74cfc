"""CloudFormation keeps what holds data."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.cloudformation import Template
from policies.check import ArtefactCheck
from policies.data import cloudformation_types


class CloudformationStatefulRetained(ArtefactCheck):
    """Requirement: what holds data, or the key to it, is retained or snapshotted when its stack is deleted or
    replaces it.
    Unknown is treated as: does not occur: the two policies are written as text.
    Source: FSBP S3.14; AWS CloudFormation User Guide, "DeletionPolicy attribute".
    """

    control = "CSO_CFN_03"
    check_id = "CSO_CFN_03"
    title = "CloudFormation keeps what holds data"
    artefact = "cloudformation"

    def judge(self, artefact: Template) -> Iterator[tuple[str, int]]:
        for item in artefact.declared.values():
            mapped = cloudformation_types.types().get(item.type)
            if mapped is None or not mapped.is_stateful:
                continue
            keeps = ("Retain", "Snapshot") if mapped.can_snapshot else ("Retain",)
            for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
                if item.settings.get(policy) not in keeps:
                    found = item.settings.get(policy)
                    yield f"{item.logical_id}: {policy} is {found!r}, not {' or '.join(keeps)}", item.line


check = CloudformationStatefulRetained()
