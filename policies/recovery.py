"""Where a bucket's objects are kept a second time: replication that takes all of them, AWS Backup that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.companions import left_to_aws, said_blocks, whole_bucket

if TYPE_CHECKING:  # policies.check hands this module's functions on to the checks
    from policies.check import Block, Resource
    from policies.plan import Plan


def backed_up(plan: Plan) -> list[str]:
    """Return the ARN patterns that the plan's backup selections take, without those that leave something out again."""
    return plan.once(_backed_up)


def _backed_up(plan: Plan) -> list[str]:
    chosen = [selection for selection in plan.of_type("aws_backup_selection") if not _leaves_out(selection)]
    return [name for selection in chosen for name in selection.strings("resources")]


def _leaves_out(selection: Resource) -> bool:
    conditions = said_blocks(selection, "condition")
    narrowed = any(condition.get(test) for condition in conditions for test in condition)
    excepted = not left_to_aws(selection, "not_resources") and selection.strings("not_resources")
    return narrowed or bool(excepted)


def replicates(rule: Block, own_arn: str) -> bool:
    """Tell whether a replication rule takes the whole bucket, encrypted objects too, to another bucket.

    Without sse_kms_encrypted_objects S3 leaves every object under a KMS key out and says nothing.
    """
    target = rule.block("destination")
    encrypted = rule.block("source_selection_criteria").block("sse_kms_encrypted_objects").get("status") == "Enabled"
    key = target.block("encryption_configuration").get("replica_kms_key_id")
    return whole_bucket(rule) and encrypted and bool(key) and target.get("bucket") not in (None, own_arn)
