"""Lake Formation's tags as a plan gives them: what each database, table and column is tagged with itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from policies.companions import left_to_aws
from policies.values import Block

if TYPE_CHECKING:  # policies.check hands this module's functions on to the checks
    from policies.check import Resource
    from policies.plan import Plan

TYPES = ("aws_lakeformation_resource_lf_tags", "aws_lakeformation_resource_lf_tag")


def lf_tags(plan: Plan, key: str) -> Mapping[str, Mapping[str, str]]:
    """Return {database: {it, `it.table` or `it.table.column`: value}} of the LF-tag `key`; `*` is all of them.

    Raises:
        Undecided: a tag of the plan, or what it is on, is known only after the apply.
    """
    return plan.once(_by_key).get(key, {})


def _by_key(plan: Plan) -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = {}
    for tag in plan.of_type(*TYPES):
        pairs = [(str(one.get("key")), str(one.get("value"))) for one in tag.blocks("lf_tag")]
        for database, place in _places(tag):
            for key, value in pairs:
                found.setdefault(key, {}).setdefault(database, {})[place] = value
    return found


def _places(tag: Resource) -> Iterator[tuple[str, str]]:
    """Yield (database, what of it) that a resource tags."""
    for kind in ("database", "table", "table_with_columns"):
        block = Block({}) if left_to_aws(tag, kind) else tag.block(kind)
        name, database = block.get("name"), block.get("database_name")
        if kind == "database" and name:
            yield name, name
        elif kind == "table" and database:
            yield database, f"{database}.{name or '*'}"
        elif database:
            yield from ((database, f"{database}.{name}.{column}") for column in block.strings("column_names") or ["*"])
