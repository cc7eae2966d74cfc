"""A table has the columns and the version of its contract, and each contract has its table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policies.check import PlanRule, Resource


class TablesFollowTheirContract(PlanRule):
    """Requirement: column names, types, their order and contract_version are those of the contract.

    The contract reaches the plan as the root variable catalog.
    Unknown is treated as: no verdict.
    Source: SOC 2 PI1.
    """

    control = "CSO_GLU_05"
    check_id = "CSO_GLU_05_COLUMNS"
    title = "Tables have the columns of their contract"
    types = ("aws_glue_catalog_table",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        contract = _contracts(plan.variables).get(resource.get("name"))
        if contract is None:
            yield f"the catalogue variable has no contract {resource.get('name')!r}"
            return
        columns = resource.block("storage_descriptor").blocks("columns")
        found = [(str(column.get("name")), str(column.get("type"))) for column in columns]
        wanted = [(column["name"], column["type"]) for column in contract["columns"]]
        if found != wanted:
            yield f"columns differ from the contract's: {sorted(set(found) ^ set(wanted)) or 'their order'}"
        if resource.get("parameters.contract_version") != contract["contract_version"]:
            yield f"contract_version is {resource.get('parameters.contract_version')!r}"

    def judge_plan(self, plan: Any) -> Iterator[str]:
        found = {table.get("name") for table in plan.of_type("aws_glue_catalog_table")}
        for name in sorted(_contracts(plan.variables).keys() - found):
            yield f"the contract {name!r} has no table"


def _contracts(variables: Mapping[str, Any]) -> dict[str, Any]:
    return (variables.get("catalog") or {}).get("tables") or {}


check = TablesFollowTheirContract()
