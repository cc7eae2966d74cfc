"""Every database carries its data's classification as an LF-tag, by which access is granted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource

TYPES = ("aws_lakeformation_resource_lf_tags", "aws_lakeformation_resource_lf_tag")
KEY = "data-class"


class DatabasesCarryTheirClassification(PlanRule):
    """Requirement: each Glue database has the LF-tag data-class of the tenant's data; columns inherit it.

    A column that its contract (the root variable catalog) classifies otherwise has a tag of its own; no other has.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.13; Lake Formation, "Lake Formation tag-based access control".
    """

    control = "CSO_GLU_04"
    check_id = "CSO_GLU_04_TAGS"
    title = "Every database carries its classification as an LF-tag"
    types = ("aws_glue_catalog_database",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        classification = resource.get("tags_all.data-class")
        database = str(resource.get("name"))
        wanted = {database: classification or "a class", **_of_columns(plan, database, classification)}
        given = dict(pair for tag in plan.of_type(*TYPES) for pair in _given(tag, database))
        for place in sorted(wanted.keys() | given.keys()):
            if given.get(place) != wanted.get(place):
                yield f"the LF-tag {KEY} of {place} is {given.get(place)!r}, to be {wanted.get(place, 'inherited')!r}"


def _given(tag: Resource, database: str) -> Iterator[tuple[str, str]]:
    """Yield (place, value) of what `tag` says of the database, its tables and their columns."""
    table, columns = tag.block("table"), tag.block("table_with_columns")
    places = [database] if tag.block("database").get("name") == database else []
    if table.get("database_name") == database:
        places.append(f"{database}.{table.get('name') or '*'}")
    if columns.get("database_name") == database:
        places += [f"{database}.{columns.get('name')}.{name}" for name in columns.strings("column_names") or ["*"]]
    values = [str(one.get("value")) for one in tag.blocks("lf_tag") if one.get("key") == KEY]
    yield from ((place, value) for place in places for value in values)


def _of_columns(plan: Any, database: str, inherited: str) -> dict[str, str]:
    """Return {column's place: classification} where it is not the database's."""
    tables = (plan.variables.get("catalog") or {}).get("tables") or {}
    return {
        f"{database}.{name}.{column['name']}": column["classification"]
        for name, table in tables.items()
        for column in table["columns"]
        if column.get("classification") not in (None, inherited)
    }


check = DatabasesCarryTheirClassification()
