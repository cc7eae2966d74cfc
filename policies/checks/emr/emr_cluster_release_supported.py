"""Clusters of the plan run a release in standard support."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import Resource, ResourceCheck, Warn
from policies.data import emr_releases


class EmrClusterReleaseSupported(ResourceCheck):
    """Requirement: the release is one whose standard support lasts beyond today; 180 days before its end the gate
    warns.
    Unknown is treated as: no verdict.
    Source: Amazon EMR Release Guide; NYDFS 500.5.
    """

    control = "CSO_EMR_10"
    check_id = "CSO_EMR_10"
    title = "Clusters of the plan run a release in standard support"
    types = ("aws_emr_cluster",)

    def judge(self, resource: Resource) -> Iterator[str]:
        label = resource.get("release_label")
        if not label:
            yield "release_label is not said"
            return
        found = emr_releases.support(str(label), resource.context.today)
        if found.problem:
            yield found.problem
        if found.warning:
            yield Warn(found.warning)


check = EmrClusterReleaseSupported()
