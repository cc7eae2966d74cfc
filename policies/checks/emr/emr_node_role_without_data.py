"""Nodes reach no data without a runtime role."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_names, emr_network, emr_role
from policies.check import NotApplicable, PlanRule, Resource
from policies.plan import Plan


class EmrNodeRoleWithoutData(PlanRule):
    """Requirement: the role of EMR's nodes reaches S3 only in the platform's log and artifact buckets; data takes
    the runtime role of a step.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.7; EMR Management Guide, "Runtime roles for Amazon EMR steps".
    """

    control = "CSO_EMR_17"
    check_id = "CSO_EMR_17"
    title = "Nodes reach no data without a runtime role"
    types = ("aws_iam_instance_profile",)

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        if resource.get("name") != f"{plan.context.name}-emr-node" and not self._is_of_cluster(resource, plan):
            raise NotApplicable("no cluster uses this instance profile")
        role = emr_role.of_profile(resource, plan)
        allowed = tuple(f"arn:aws:s3:::{emr_names.platform(plan.context)}-{kind}" for kind in ("logs", "artifacts"))
        for name, policy in emr_role.policies_of(role, plan):
            if isinstance(policy, str):
                yield f"the managed policy {policy!r} may reach any bucket"
                continue
            for statement in policy.allows:
                if emr_role.reaches_data(statement, allowed):
                    yield f"{name}, {statement.label}: {', '.join(statement.resources) or 'all but some resources'}"

    def judge_plan(self, plan: Plan) -> Iterator[str]:
        if not plan.context.is_platform:
            raise NotApplicable("the platform stack holds the nodes' role")
        names = {profile.values.get("name") for profile in plan.of_type("aws_iam_instance_profile")}
        if f"{plan.context.name}-emr-node" not in names:
            yield f"the platform has no instance profile {plan.context.name}-emr-node, which job flows name"

    @staticmethod
    def _is_of_cluster(profile: Resource, plan: Plan) -> bool:
        names = {profile.values.get(key) for key in ("name", "arn", "id")}
        used = "ec2_attributes.instance_profile"
        return any(
            (cluster.get(used) in names)
            if not cluster.is_unknown(used)
            else any(emr_network.is_of(source, profile) for source in cluster.sources(used))
            for cluster in plan.of_type("aws_emr_cluster")
        )


check = EmrNodeRoleWithoutData()
