"""Which actions a role's policies grant that none of its recorded calls has needed.

What was not asked for here may still be needed on AWS: see docs/howto/permissions.md before something is taken away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from policies import globs
from sluice.access.model import Judged, Role
from sluice.access.report import place


def unused(judged: Iterable[Judged], roles: Mapping[str, Role]) -> Iterator[str]:
    """Yield a line for each statement of a role that has asked anything, with its actions that no call needed."""
    asked: dict[str, list[Judged]] = {}
    for each in judged:
        asked.setdefault(each.call.role_arn, []).append(each)
    for arn, found in sorted(asked.items()):
        role = roles.get(arn)
        for rule in () if role is None else role.rules:
            if not rule.statement.is_allow:
                continue
            needed = {each.call.action.lower() for each in found if rule in each.used}
            idle = [text for text in rule.statement.actions if not any(globs.matches(text, name) for name in needed)]
            if idle:
                yield f"unused  {arn}  {rule}: {', '.join(idle)}  ({place(arn)})"
