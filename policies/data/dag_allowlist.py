"""What a rendered DAG may hold, as the CSO wrote it in dag_allowlist.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from policies.context import Context
from policies.data import read

ANY = "any"


@dataclass(frozen=True)
class Operator:
    """An operator that a DAG may use.

    Attributes:
        arguments: `{name: pattern, or {key: pattern}, or "any"}` of its own arguments; placeholders are still in them.
        pool: that its tasks must take; empty when it needs none.
        is_idempotent: why a second try does no harm; empty when it may do harm.
    """

    arguments: Mapping[str, Any]
    pool: str = ""
    is_idempotent: str = ""


@dataclass(frozen=True)
class Allowed:
    """The whole list.

    Attributes:
        imports: `module.name`, besides the operators.
        operators: `{module.name: operator}`.
        params: `{parameter: {keyword of JSON schema: value}}`.
        order: `{operator: [operators whose tasks all stand before each of its tasks]}`.
        templates: `(regular expression, arguments in which it may stand)`; no arguments means all.
    """

    imports: frozenset[str]
    operators: Mapping[str, Operator]
    task_arguments: frozenset[str]
    dag_arguments: frozenset[str]
    default_args: frozenset[str]
    most_retries: int
    params: Mapping[str, Mapping[str, Any]]
    templates: tuple[tuple[str, frozenset[str]], ...]
    addresses: tuple[str, ...]
    order: Mapping[str, list[str]]

    def template(self, argument: str) -> re.Pattern[str]:
        """Return what finds the templates that may stand in an argument of a task."""
        patterns = [pattern for pattern, arguments in self.templates if not arguments or argument in arguments]
        return re.compile(r"\{\{ (?:" + "|".join(patterns) + r") \}\}")


@cache
def allowed() -> Allowed:
    """Return the list.

    Raises:
        RegisterBroken: the file cannot be relied on.
    """
    facts = read("dag_allowlist")
    return Allowed(
        imports=frozenset(facts["imports"]),
        operators={path: Operator(**operator) for path, operator in facts["operators"].items()},
        task_arguments=frozenset(facts["task_arguments"]),
        dag_arguments=frozenset(facts["dag_arguments"]),
        default_args=frozenset(facts["default_args"]),
        most_retries=facts["most_retries"],
        params=facts["params"],
        templates=tuple(
            (item["pattern"], frozenset() if item["arguments"] == ANY else frozenset(item["arguments"]))
            for item in facts["templates"]
        ),
        addresses=tuple(facts["addresses"]),
        order=facts["order"],
    )


def filled(pattern: str, context: Context, folder: str = "") -> str:
    """Return a pattern with its placeholders filled in for one tenant and environment."""
    platform = context.platform_name
    values = {
        "name": context.name,
        "platform": platform,
        "database": context.name.replace("-", "_"),
        "schema": context.stack.replace("-", "_"),
        "stack": context.stack,
        "account": context.account_id,
        "region": context.region,
        "folder": folder,
    }
    for name, value in values.items():
        pattern = pattern.replace("{" + name + "}", value)
    return pattern
