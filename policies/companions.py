"""What stands beside a resource in its plan: a bucket's policy and settings, a stack's own keys.

Decides which resource belongs to which and what a bucket is for. It must not know what any control asks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.errors import Undecided

if TYPE_CHECKING:  # policies.check hands this module's functions on to the checks
    from policies.check import Block, Resource
    from policies.context import Context
    from policies.plan import Plan

ZONES = ("landing", "raw", "curated")


def companion(resource: Resource, plan: Plan, type: str, attribute: str = "bucket") -> Resource | None:
    """Return the one resource of `type` whose `attribute` names `resource`; None when there is none.

    Raises:
        Undecided: there are two, or may be, of which AWS keeps the one that was applied last.
    """
    found = plan.referring(resource, type, attribute)
    found += plan.unclear(type, attribute)
    if len(found) > 1:
        raise Undecided(f"{found[0].address} and {found[1].address} both set {resource.address}")
    return found[0] if found else None


def bucket_name(bucket: Resource) -> str:
    """Return a bucket's name, of which its ARN and its place in the platform follow.

    Raises:
        Undecided: it is left to AWS or known only after the apply.
    """
    name = bucket.get("bucket")
    if not isinstance(name, str) or not name:
        raise Undecided(f"{bucket.address} names no bucket, so what its policy protects cannot be told")
    return name


def bucket_arn(bucket: Resource) -> str:
    return f"arn:aws:s3:::{bucket_name(bucket)}"


def zone(bucket: Resource) -> str:
    """Return the data zone by the bucket's name, `landing`, `raw` or `curated`; empty for any other bucket."""
    return next((zone for zone in ZONES if bucket_name(bucket).endswith(f"-{zone}")), "")


def log_target(context: Context) -> str:
    """Return the name of the environment's bucket for logs, `<organisation>-<environment>-platform-logs`."""
    return f"{context.platform_name}-logs"


def own_keys(plan: Plan) -> frozenset[str]:
    """Return the ARNs by which the plan's own customer managed keys are named, those of their aliases included."""
    return plan.once(_own_keys)


def _own_keys(plan: Plan) -> frozenset[str]:
    keys = {key.get("arn") for key in plan.of_type("aws_kms_key")} - {None}
    ids = keys | {arn.rpartition("/")[2] for arn in keys}
    aliases = {
        alias.get("arn")
        for alias in plan.of_type("aws_kms_alias")
        if {alias.values.get("target_key_id"), alias.values.get("target_key_arn")} & ids
    }
    return frozenset(keys | (aliases - {None}))


def whole_bucket(rule: Block) -> bool:
    """Tell whether a lifecycle or replication rule is on and speaks about every object of its bucket."""
    if rule.get("status") != "Enabled" or rule.get("prefix"):
        return False
    narrowing = ("prefix", "object_size_greater_than", "object_size_less_than")
    parts = rule.blocks("filter")
    return not any(part.get(key) for part in parts for key in narrowing) and not any(
        part.blocks("tag") or part.blocks("and") for part in parts
    )


def left_to_aws(resource: Resource, attribute: str) -> bool:
    """Tell whether nobody says `attribute`, so that AWS's default holds: absent, or unknown for no other reason."""
    if resource.is_unknown(attribute):
        return resource.sources(attribute) == frozenset({f"{resource.address}.{attribute}"})
    return resource.get(attribute) is None


def said_blocks(resource: Resource, attribute: str) -> list[Block]:
    """Return the blocks at `attribute`; none where nobody says any and the provider only reports what AWS makes."""
    return [] if left_to_aws(resource, attribute) else resource.blocks(attribute)


def shortest_days(blocks: list[Block], attribute: str) -> int:
    """Return the shortest time that one of the blocks says, which is the one that holds; 0 when none says any."""
    return min((days for block in blocks if (days := block.get(attribute))), default=0)
