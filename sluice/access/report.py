"""Verdicts as text: one line for each thing that would have been refused or cannot be told, and where it is granted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from sluice.access.model import Judged, Verdict

PLACES = (
    ("role/sluice-*", "delivery/bootstrap/account.yaml"),
    ("role/tenant/*", "modules/tenant, by the tenant's spec"),
    ("role/*-platform-airflow", "modules/airflow"),
    ("role/*-platform-backup", "modules/backup"),
    ("role/*-platform-emr-*", "modules/emr_foundation"),
    ("role/*-platform-flow-logs", "modules/network"),
    ("role/*-platform-notebooks", "modules/notebooks"),
    ("role/*-platform-streamsets", "modules/streamsets"),
    ("role/*-platform-warehouse", "modules/warehouse"),
)
"""(pattern of a role, where its policies are written)."""
JENKINS = "role/sluice-jenkins-*"
EXAMPLES = 3
TAGS = "aws:requesttag/"


def place(role_arn: str) -> str:
    """Return where a role's policies are written."""
    role = role_arn.split(":", 5)[5]
    if fnmatchcase(role, JENKINS):
        return "docs/howto/jenkins.md"
    return next((where for pattern, where in PLACES if fnmatchcase(role, pattern)), "not by Sluice")


def lines(judged: Iterable[Judged], verdict: Verdict) -> Iterator[str]:
    """Yield what has one verdict, grouped by role, action and reason, with some of the resources."""
    groups: dict[tuple[str, str, str], list[Judged]] = {}
    for each in judged:
        if each.verdict is verdict:
            groups.setdefault((each.call.role_arn, each.call.action, each.reason), []).append(each)
    for (role, action, reason), found in sorted(groups.items()):
        yield f"{verdict.value}  {role}  {action}  (asked {sum(each.call.count for each in found)} times)"
        for each in found[:EXAMPLES]:
            yield f"  on:       {each.call.resource or 'what cannot be told'}"
        if len(found) > EXAMPLES:
            yield f"            and {len(found) - EXAMPLES} more"
        told = {key: value for key, value in found[0].call.context.items() if value and not key.startswith(TAGS)}
        if told:
            yield f"  told:     {', '.join(f'{key} = {value}' for key, value in told.items())}"
        yield f"  why:      {reason}"
        yield f"  granted:  {place(role)}"
