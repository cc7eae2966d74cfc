"""The StreamSets engine may read landing, write raw, see its own clusters and be reached by Session Manager."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import NotApplicable, PlanRule, Resource, Statement, matches
from policies.plan import Plan

LIST = frozenset({"s3:listbucket", "s3:getbucketlocation"})
ZONES = {
    "landing": LIST | {"s3:getobject", "s3:getobjectversion"},
    "raw": LIST | {"s3:putobject", "s3:abortmultipartupload"},
}
KEYS = frozenset({"kms:decrypt", "kms:generatedatakey"})
WATCH = frozenset({"elasticmapreduce:describecluster", "elasticmapreduce:describestep", "elasticmapreduce:liststeps"})
LOOKALIKES = (
    ("s3:getobject", "curated/x-landing/y"),
    ("s3:getobject", "raw/x-landing/y"),
    ("s3:putobject", "curated/x-raw/y"),
    ("s3:putobject", "landing/x-raw/y"),
)
"""(action, object outside its zone whose key looks like the zone): a star in an ARN spans slashes."""
ENVIRONMENT_TAG = "elasticmapreduce:ResourceTag/env"
SESSION = ("ssm:updateinstanceinformation", "ssmmessages:*", "ec2messages:*")


class StreamsetsOnlyIngests(PlanRule):
    """Requirement: its role's policies allow reading *-landing, writing *-raw, Session Manager, the use of keys, and to
    see, not change, the clusters that carry the environment's tag. So does the role of every other machine.

    Compliant example: `s3:GetObject` on `arn:aws:s3:::meridian-prod-*-landing/*`.
    Non-compliant example: `s3:DeleteObject`; a curated bucket; `elasticmapreduce:AddJobFlowSteps` as any tenant.
    Unknown is treated as: no verdict.
    Source: CSO catalogue, StreamSets hosts; NYDFS 500.7.
    """

    control = "CSO_SDC_04"
    check_id = "CSO_SDC_04_ROLE"
    title = "The StreamSets engine only ingests"
    types = ("aws_iam_role",)

    def judge(self, resource: Resource, plan: Plan) -> Iterator[str]:
        context = plan.context
        if resource.get("name") != f"{context.name}-streamsets" and not _runs_a_machine(resource, plan):
            raise NotApplicable("it is not the StreamSets engine's role, and no machine's")
        for attached in plan.referring(resource, "aws_iam_role_policy_attachment", "role"):
            yield f"{attached.address} attaches a policy, which this control does not read"
        policies = plan.referring(resource, "aws_iam_role_policy", "role")
        if not any(policy.policy("policy").allows for policy in policies):
            yield "no policy that allows it anything stands in the plan"
        statements = [one for policy in policies for one in policy.policy("policy").statements]
        prefix = f"arn:aws:s3:::{context.organisation}-{context.environment}-"
        for statement in (one for policy in policies for one in policy.policy("policy").allows):
            may_watch = statement.condition("StringEquals", ENVIRONMENT_TAG) == (context.environment,)
            allowed = KEYS | WATCH if may_watch else KEYS
            yield from (f"{statement.label} allows {what}" for what in _refused(statement, prefix, allowed))
        for action, place in LOOKALIKES:
            if _may(statements, action, f"{prefix}any-{place}"):
                yield f"nothing denies {action} on *-{place}, which the star of another zone's pattern spans"


def _refused(statement: Statement, prefix: str, allowed: frozenset[str]) -> Iterator[str]:
    if statement.not_actions or statement.not_resources:
        yield "all but a few actions or resources"
    for action in statement.actions:
        if action in allowed or any(matches(pattern, action) for pattern in SESSION):
            continue
        zones = [zone for zone, actions in ZONES.items() if action in actions]
        for resource in statement.resources or ("every resource",):
            if not any(matches(f"{prefix}*-{zone}", resource.partition("/")[0]) for zone in zones):
                yield f"{action} on {resource}"


def _runs_a_machine(role: Resource, plan: Plan) -> bool:
    machines = plan.of_type("aws_instance")
    profiles = plan.referring(role, "aws_iam_instance_profile", "role") if machines else []
    return any(plan.referring(profile, "aws_instance", "iam_instance_profile") for profile in profiles)


def _may(statements: list[Statement], action: str, resource: str) -> bool:
    """Tell whether an action is allowed by some statement and denied by none that holds always."""
    about = [
        one
        for one in statements
        if one.covers_action(action) and any(matches(pattern, resource) for pattern in one.resources)
    ]
    is_denied = any(not one.is_allow and not one.conditions for one in about)
    return any(one.is_allow for one in about) and not is_denied


check = StreamsetsOnlyIngests()
