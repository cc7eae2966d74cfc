"""Verdicts on a whole record: each call against the policies that stand around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sluice.access.judge import judge
from sluice.access.model import Call, Judged, Resource, Verdict
from sluice.access.reading import Record
from sluice.access.told import Around, facts


def verdicts(record: Record, organisations: Mapping[str, str]) -> Iterator[Judged]:
    """Yield a verdict on every call that a role of the known accounts has made.

    Args:
        organisations: `{account: id of its AWS organization}`; roles of other accounts are others' to judge.
    """
    for call in record.calls:
        if call.account not in organisations:
            continue
        role = record.roles.get(call.role_arn)
        if role is None:
            yield Judged(call, Verdict.UNDECIDED, "its role does not stand here any more")
            continue
        resource = _resource(call, record.resources)
        around = Around(organisations[call.account], record.endpoints.get(call.account, {}))
        yield judge(call, role, resource, facts(call, role, resource, around))


def _resource(call: Call, resources: Mapping[str, Resource]) -> Resource | None:
    """Return what a call acts on: the thing itself, or the bucket of an object."""
    arn = call.resource
    return resources.get(arn.partition("/")[0] if arn.startswith("arn:aws:s3:::") else arn)
