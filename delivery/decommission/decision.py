"""What a decommission would do to one stack: which resources go, which are kept, and the digest that is approved.

Decides and changes nothing. It must not know how anything is destroyed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from delivery.decommission.kept import Kept, Rules, schema_name
from delivery.decommission.ownership import deletions
from delivery.decommission.retention import HELD, reason_to_keep
from delivery.decommission.terraform_steps import DestroyPlan
from delivery.decommission.warehouse import Schema
from delivery.tagged import ABSENT, Clients
from delivery.workspace import StackId
from generator.names import Names

Item = Mapping[str, Any]
ROOT_ONLY = "only the account's root user may order the deletion of a key of this environment; backups may be under it"


@dataclass(frozen=True)
class Decision:
    """What would become of a stack.

    Attributes:
        planned: the plan that destroys all that the state holds.
        kept: what outlives it; what earlier decommissions kept and must still be kept, too.
        leaving: addresses that leave the state with what is kept.
        emptied: buckets that are emptied for Terraform to destroy them.
        removed: what earlier decommissions kept and nothing keeps any more.
        schema: of the warehouse, that is dropped with all that is in it; None where there is none, or it is kept.
        digest: of all of it; an approval names this.
    """

    stack: StackId
    planned: DestroyPlan
    kept: tuple[Kept, ...]
    leaving: tuple[str, ...]
    emptied: tuple[str, ...]
    removed: tuple[Kept, ...]
    digest: str
    schema: Schema | None = None

    @property
    def destroyed(self) -> list[tuple[str, str]]:
        """(address, type) of what Terraform destroys."""
        changes = self.planned.planned.changes
        return [(change.address, change.type) for change in changes if change.address not in self.leaving]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to be done."""
        return not (self.planned.planned.changes or self.removed or self.schema)


def decide(
    stack: StackId,
    names: Names,
    planned: DestroyPlan,
    clients: Clients,
    rules: Rules,
    earlier: Sequence[Kept],
    schema: Schema | None = None,
) -> Decision:
    """Return what would become of a stack.

    Args:
        earlier: what the newest evidence says is kept.
        schema: the tenant's in the warehouse; None where there is none, or nobody may look.

    Raises:
        ForeignDestruction: the plan touches what is not the tenant's own.
        ClientError: a bucket that decides cannot be read.
    """
    items = deletions(str(stack), planned.document, names)
    s3 = clients("s3")
    in_state = {item["change"]["before"]["bucket"] for item in items if item["type"] == "aws_s3_bucket"}
    outside = {known.bucket for known in earlier if known.bucket and _exists(s3, known.bucket)} - in_state
    reasons = {bucket: reason_to_keep(s3, bucket, rules) for bucket in sorted(in_state | outside)}
    buckets = [
        Kept(f"arn:aws:s3:::{bucket}", reason.why, reason.until, _address(items, earlier, bucket))
        for bucket, reason in reasons.items()
        if reason
    ]
    keys = _keys(items, earlier, buckets, rules)
    held_schema = _held_schema(schema, names, buckets, rules, earlier)
    kept = sorted([*buckets, *keys, *held_schema])
    held = {known.arn for known in kept}
    removed = [
        known for known in earlier if known.arn not in held and not known.is_schema and _is_left(known, outside, items)
    ]
    dropped = None if held_schema else schema
    emptied = sorted(bucket for bucket in in_state if not reasons[bucket])
    leaving = sorted(item["address"] for item in items if _belongs(item, kept))
    return Decision(
        stack,
        planned,
        tuple(kept),
        tuple(leaving),
        tuple(emptied),
        tuple(sorted(removed)),
        _digest(planned.digest, kept, leaving, emptied, removed, dropped),
        dropped,
    )


def _held_schema(
    schema: Schema | None, names: Names, buckets: Sequence[Kept], rules: Rules, earlier: Sequence[Kept]
) -> list[Kept]:
    """Return the schema where a legal hold or an order is on the tenant's data: the loaded copies are evidence, too.

    Retention alone does not keep it: what was loaded is a copy of curated data, which is kept itself. One that was kept
    before and that nobody may look at now is kept further.
    """
    if schema is None:
        return [known for known in earlier if known.is_schema]
    reasons = [kept for kept in buckets if kept.why.startswith(HELD)]
    if not reasons and not (rules.hold_until and rules.hold_until > rules.today):
        return []
    why = f"{reasons[0].why} ({reasons[0].bucket})" if reasons else f"ordered to be kept until {rules.hold_until}"
    until = rules.hold_until.isoformat() if rules.hold_until and not reasons else ""
    return [Kept(schema_name(names.platform.entity("warehouse"), schema.name), why, until)]


def _exists(s3: Any, bucket: str) -> bool:
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ABSENT:
            raise
        return False
    return True


def _address(items: Sequence[Item], earlier: Sequence[Kept], bucket: str) -> str:
    """Return where a bucket stands in the state, or stood before it was kept."""
    found = (item for item in items if item["type"] == "aws_s3_bucket")
    now = (item["address"] for item in found if item["change"]["before"]["bucket"] == bucket)
    return next(now, "") or next((known.address for known in earlier if known.bucket == bucket), "")


def _keys(items: Sequence[Item], earlier: Sequence[Kept], buckets: Sequence[Kept], rules: Rules) -> list[Kept]:
    """Return the tenant's keys and aliases where data under them is kept, or the environment lets no key go."""
    if not buckets and not rules.is_protected:
        return []
    names = ", ".join(kept.bucket for kept in buckets)
    why = f"encrypts what is kept in {names}" if buckets else ROOT_ONLY
    days = [kept.until for kept in buckets]
    until = max(days) if buckets and all(days) and not rules.is_protected else ""
    found = {
        item["change"]["before"]["arn"]: item["address"]
        for item in items
        if item["type"] in ("aws_kms_key", "aws_kms_alias")
    }
    known = {kept.arn: kept.address for kept in earlier if not kept.bucket and not kept.is_schema}
    return [Kept(arn, why, until, address) for arn, address in (known | found).items()]


def _is_left(known: Kept, outside: set[str], items: Sequence[Item]) -> bool:
    """Tell whether something that was kept is still there and in no state, so that no plan destroys it."""
    if known.bucket:
        return known.bucket in outside
    return all(item["change"]["before"].get("arn") != known.arn for item in items)


def _belongs(item: Item, kept: Sequence[Kept]) -> bool:
    """Tell whether a resource is kept, or says something about a bucket that is."""
    it = item["change"]["before"]
    arns = {known.arn for known in kept}
    if item["type"].startswith("aws_s3_bucket"):
        return f"arn:aws:s3:::{it['bucket']}" in arns
    return item["type"] in ("aws_kms_key", "aws_kms_alias") and it["arn"] in arns


def _digest(
    plan: str,
    kept: Sequence[Kept],
    leaving: Sequence[str],
    emptied: Sequence[str],
    removed: Sequence[Kept],
    schema: Schema | None,
) -> str:
    """Return the SHA-256 of what would be done; the days of what is kept are not in it, for data may still arrive."""
    meaning = {
        "plan": plan,
        "kept": sorted(known.arn for known in kept),
        "leaving": sorted(leaving),
        "emptied": sorted(emptied),
        "removed": sorted(known.arn for known in removed),
        **({"schema": [schema.name, *sorted(table for table, _ in schema.tables)]} if schema else {}),
    }
    return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()
