"""Lake Formation's tags as a plan gives them: what each database, table and column is tagged with itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

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
    table, columns = tag.block("table"), tag.block("table_with_columns")
    if name := tag.block("database").get("name"):
        yield name, name
    if name := table.get("database_name"):
        yield name, f"{name}.{table.get('name') or '*'}"
    if name := columns.get("database_name"):
        for column in columns.strings("column_names") or ["*"]:
            yield name, f"{name}.{columns.get('name') or '*'}.{column}"
