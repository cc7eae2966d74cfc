"""Every database carries its data's classification as an LF-tag, by which access is granted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import PlanRule, Resource, lf_tags

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
        given = lf_tags(plan, KEY).get(database, {})
        for place in sorted(wanted.keys() | given.keys()):
            if given.get(place) != wanted.get(place):
                yield f"the LF-tag {KEY} of {place} is {given.get(place)!r}, to be {wanted.get(place, 'inherited')!r}"


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
