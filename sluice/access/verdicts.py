"""Verdicts on a whole record: each call against the policies that stand around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sluice.access.judge import judge
from sluice.access.model import Call, Judged, Resource, Verdict
from sluice.access.reading import Record
from sluice.access.told import facts


def verdicts(record: Record, organisation_id: str) -> Iterator[Judged]:
    """Yield a verdict on every call of a role that the local cloud has, or should have."""
    for call in record.calls:
        role = record.roles.get(call.role_arn)
        if role is None:
            yield Judged(call, Verdict.UNDECIDED, "its role does not stand here any more")
            continue
        resource = _resource(call, record.resources)
        yield judge(call, role, resource, facts(call, role, resource, organisation_id))


def _resource(call: Call, resources: Mapping[str, Resource]) -> Resource | None:
    """Return what a call acts on: the thing itself, or the bucket of an object."""
    arn = call.resource
    return resources.get(arn.partition("/")[0] if arn.startswith("arn:aws:s3:::") else arn)
