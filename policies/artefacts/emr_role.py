"""What the role of EMR's nodes may do: its policies in the plan, and whether one of them reaches data."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.computed import is_computed
from policies.check import PolicyDocument, Resource, Statement, matches
from policies.errors import Undecided
from policies.plan import Plan

DATA_SERVICES = ("s3", "s3express", "s3-object-lambda", "s3-outposts", "s3tables", "lakeformation")
HARMLESS_MANAGED = frozenset({"arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"})


def of_profile(profile: Resource, plan: Plan) -> Resource:
    """Return the role of an instance profile.

    Raises:
        Undecided: the plan does not hold it.
    """
    for role in plan.of_type("aws_iam_role"):
        if profile in plan.referring(role, "aws_iam_instance_profile", "role"):
            return role
    raise Undecided(f"{profile.address}: its role is none of this plan")


def policies_of(role: Resource, plan: Plan) -> Iterator[tuple[str, PolicyDocument | str]]:
    """Yield (where, policy) of everything that gives the role permissions; the ARN where its text is not in the plan.

    Raises:
        Undecided: a policy is known only after the apply.
    """
    for inline in plan.referring(role, "aws_iam_role_policy", "role"):
        yield inline.address, inline.policy("policy")
    if not is_computed(role, "inline_policy"):
        for block in role.blocks("inline_policy"):
            if block.get("policy"):
                yield f"{role.address} inline_policy", block.policy("policy")
    arns = {} if is_computed(role, "managed_policy_arns") else dict.fromkeys(role.strings("managed_policy_arns"))
    attachments = plan.referring(role, "aws_iam_role_policy_attachment", "role")
    own = {policy.values.get("arn"): policy for policy in plan.of_type("aws_iam_policy")}
    for attachment in attachments:
        policy = next(
            (item for item in own.values() if attachment in plan.referring(item, attachment.type, "policy_arn")), None
        )
        if policy is not None:
            yield policy.address, policy.policy("policy")
        else:
            arns[attachment.get("policy_arn")] = None
    yield from (("managed policy", arn) for arn in arns if arn not in HARMLESS_MANAGED and arn not in own)


def reaches_data(statement: Statement, allowed: tuple[str, ...]) -> bool:
    """Tell whether an Allow reaches data outside the buckets `allowed`, given as ARNs; conditions are not trusted."""
    if not any(_speaks_of(statement, service) for service in DATA_SERVICES):
        return False
    if statement.not_resources or not statement.resources:
        return True
    return any(_may_be_data(resource, allowed) for resource in statement.resources)


def _speaks_of(statement: Statement, service: str) -> bool:
    """Tell whether a statement is about any action of a service: each reads data, changes it or opens a way."""
    if statement.not_actions:
        return not any(matches(pattern, f"{service}:*") for pattern in statement.not_actions)
    return any(matches(action.partition(":")[0], service) for action in statement.actions)


def _may_be_data(resource: str, allowed: tuple[str, ...]) -> bool:
    literal = resource.split("*", maxsplit=1)[0].split("?", maxsplit=1)[0]
    if any(resource == arn or literal.startswith(f"{arn}/") for arn in allowed):
        return False
    service = resource.split(":")[2] if resource.count(":") >= 5 else "*"
    return any(matches(service, name) for name in DATA_SERVICES)
