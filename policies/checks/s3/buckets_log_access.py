"""Who reached for which object is written down, for every bucket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import NotApplicable, PlanRule, Resource, bucket_name, companion, log_target


class BucketsLogAccess(PlanRule):
    """Requirement: server access logs go to the environment's log bucket, below a prefix that names the bucket.

    The log bucket itself is excused: logging it into itself never ends. The account's trail (CSO_S3_06_TRAIL) records
    who reads it, and also the buckets of the account's bootstrap, which are there before the log bucket is.
    Unknown is treated as: no verdict.
    Source: FSBP S3.9; NYDFS 500.6.
    """

    control = "CSO_S3_06"
    check_id = "CSO_S3_06"
    title = "Every bucket logs access to the environment's log bucket"
    types = ("aws_s3_bucket",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        name, target = bucket_name(resource), log_target(plan.context)
        if plan.context.is_bootstrap:
            raise NotApplicable("is made before the log bucket; the account's trail records who reads and writes it")
        if name == target:
            raise NotApplicable("is the target of access logs; the account's trail records who reads it")
        logging = companion(resource, plan, "aws_s3_bucket_logging")
        if logging is None:
            yield "the bucket has no aws_s3_bucket_logging"
            return
        if logging.get("target_bucket") != target:
            yield f"{logging.address}: target_bucket is {logging.get('target_bucket')!r}, not {target!r}"
        prefix = logging.get("target_prefix")
        if not prefix or name not in prefix:
            yield f"{logging.address}: target_prefix {prefix!r} does not name the bucket"


check = BucketsLogAccess()
