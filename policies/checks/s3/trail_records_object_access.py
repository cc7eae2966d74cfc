"""CloudTrail records every read and write of every object in the account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import Block, PlanRule, Resource, log_target

OBJECTS = "AWS::S3::Object"
OF_OBJECTS = {"eventCategory": ["Data"], "resources.type": [OBJECTS]}


class TrailRecordsObjectAccess(PlanRule):
    """Requirement: the platform has a trail with S3 data events of every bucket, read and write, into the log bucket.

    An advanced selector may leave out what the trail itself delivers, which would record itself without end, where
    another one records who reads that; and it may be confined to the environment's names. So reads of the log bucket,
    which logs no access to itself, are recorded too.
    Unknown is treated as: no verdict.
    Source: CIS AWS 4.8, 4.9; NYDFS 500.6.
    """

    control = "CSO_S3_06"
    check_id = "CSO_S3_06_TRAIL"
    title = "The account's trail records reads and writes of all objects"
    types = ("aws_cloudtrail",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        names = f"arn:aws:s3:::{plan.context.organisation}-{plan.context.environment}-"
        target = log_target(plan.context)
        if resource.get("s3_bucket_name") != target:
            yield f"s3_bucket_name is {resource.get('s3_bucket_name')!r}, not {target!r}"
        basic = any(_basic(selector) for selector in resource.blocks("event_selector"))
        prefix = resource.get("s3_key_prefix") or "AWSLogs"
        own = f"arn:aws:s3:::{resource.get('s3_bucket_name')}/{prefix}/"
        advanced = resource.blocks("advanced_event_selector")
        left_out = [_left_out(selector, names) for selector in advanced]
        is_whole = basic or [] in left_out
        if not is_whole and [own] not in left_out:
            yield "no selector records both reads and writes of all S3 objects but the trail's own"
        elif not is_whole and not any(_reads_of(selector, own) for selector in advanced):
            yield f"no selector records who reads what the trail delivers, {own!r}"

    def judge_plan(self, plan: Any) -> Iterator[str]:
        if plan.context.is_platform and not plan.of_type("aws_cloudtrail"):
            yield "the platform has no aws_cloudtrail"


def _basic(selector: Block) -> bool:
    return selector.get("read_write_type") == "All" and any(
        data.get("type") == OBJECTS and {"arn:aws:s3", "arn:aws:s3:::"} & set(data.strings("values"))
        for data in selector.blocks("data_resource")
    )


def _left_out(selector: Block, names: str) -> list[str] | None:
    """Return the prefixes that a selector of reads and writes leaves out; None for one of less than all objects."""
    kinds, where = _fields(selector)
    if kinds != OF_OBJECTS:
        return None
    begins = where.strings("starts_with")
    narrowed = any(where.strings(test) for test in ("equals", "not_equals", "ends_with", "not_ends_with"))
    return None if narrowed or (begins and names not in begins) else where.strings("not_starts_with")


def _reads_of(selector: Block, prefix: str) -> bool:
    kinds, where = _fields(selector)
    others = [test for test in where if test not in ("field", "starts_with") and where.strings(test)]
    return kinds == {**OF_OBJECTS, "readOnly": ["true"]} and prefix in where.strings("starts_with") and not others


def _fields(selector: Block) -> tuple[dict[str, list[str]], Block]:
    """Return what a selector's fields must equal, and the one on ARNs."""
    fields = {str(field.get("field")): field for field in selector.blocks("field_selector")}
    where = fields.pop("resources.ARN", Block({}))
    return {name: field.strings("equals") for name, field in fields.items()}, where


check = TrailRecordsObjectAccess()
