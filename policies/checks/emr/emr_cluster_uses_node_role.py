"""Clusters of the plan use the platform's node role."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_names, emr_network
from policies.check import PlanRule, Resource, Undecided
from policies.plan import Plan


class EmrClusterUsesNodeRole(PlanRule):
    """Requirement: a cluster's machines have the platform's instance profile, the one whose role CSO_EMR_17
    judges.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.7.
    """

    control = "CSO_EMR_17"
    check_id = "CSO_EMR_17_CLUSTER"
    title = "Clusters of the plan use the platform's node role"
    types = ("aws_emr_cluster",)

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        profile, wanted = "ec2_attributes.instance_profile", f"{emr_names.platform(plan.context)}-emr-node"
        if not resource.is_unknown(profile):
            used = resource.get(profile)
            if str(used).rpartition("/")[2] != wanted:
                yield f"ec2_attributes.instance_profile is {used!r}, not {wanted!r}"
            return
        sources = resource.sources(profile)
        own = [item for item in plan.of_type("aws_iam_instance_profile") if item.values.get("name") == wanted]
        if not sources or not all(any(emr_network.is_of(source, item) for item in own) for source in sources):
            raise Undecided(f"{profile} is known only after the apply and cannot be traced to {wanted}")


check = EmrClusterUsesNodeRole()
