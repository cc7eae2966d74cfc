"""CloudTrail records every read and write of every object in the account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import Block, PlanRule, Resource

OBJECTS = "AWS::S3::Object"


class TrailRecordsObjectAccess(PlanRule):
    """Requirement: the platform has a trail with S3 data events of every bucket, read and write.

    An advanced selector may leave out the trail's own bucket, whose deliveries would record themselves without end,
    and may be confined to the environment's names.
    Unknown is treated as: no verdict.
    Source: CIS AWS 4.8, 4.9; NYDFS 500.6.
    """

    control = "CSO_S3_06"
    check_id = "CSO_S3_06_TRAIL"
    title = "The account's trail records reads and writes of all objects"
    types = ("aws_cloudtrail",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        names = f"arn:aws:s3:::{plan.context.organisation}-{plan.context.environment}-"
        basic = any(_basic(selector) for selector in resource.blocks("event_selector"))
        own = f"arn:aws:s3:::{resource.get('s3_bucket_name')}/"
        if not basic and not any(_advanced(s, names, own) for s in resource.blocks("advanced_event_selector")):
            yield "no selector records both reads and writes of all S3 objects"

    def judge_plan(self, plan: Any) -> Iterator[str]:
        if plan.context.is_platform and not plan.of_type("aws_cloudtrail"):
            yield "the platform has no aws_cloudtrail"


def _basic(selector: Block) -> bool:
    return selector.get("read_write_type") == "All" and any(
        data.get("type") == OBJECTS and {"arn:aws:s3", "arn:aws:s3:::"} & set(data.strings("values"))
        for data in selector.blocks("data_resource")
    )


def _advanced(selector: Block, names: str, own: str) -> bool:
    fields = {field.get("field"): field for field in selector.blocks("field_selector")}
    where = fields.pop("resources.ARN", Block({}))
    kinds = {name: field.strings("equals") for name, field in fields.items()}
    if kinds != {"eventCategory": ["Data"], "resources.type": [OBJECTS]}:
        return False
    left_out, begins = where.strings("not_starts_with"), where.strings("starts_with")
    narrowed = any(where.strings(test) for test in ("equals", "not_equals", "ends_with", "not_ends_with"))
    return not narrowed and all(arn == own for arn in left_out) and (not begins or names in begins)


check = TrailRecordsObjectAccess()
