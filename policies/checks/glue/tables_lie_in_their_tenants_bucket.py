"""A table is a dataset of its tenant: its files lie in the tenant's curated bucket, in the contract's form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import Block, PlanRule, Resource

PARQUET = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"


class TablesLieInTheirTenantsBucket(PlanRule):
    """Requirement: location `s3://<stack>-curated/<table>/`, format Parquet, columns and version the contract's.

    The contract reaches the plan as the root variable catalog; database and partitions lie in the same bucket.
    Unknown is treated as: no verdict.
    Source: SOC 2 PI1.
    """

    control = "CSO_GLU_05"
    check_id = "CSO_GLU_05"
    title = "Tables lie in their own tenant's bucket, as their contract says"
    types = ("aws_glue_catalog_table", "aws_glue_catalog_database")

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        home = f"s3://{plan.context.name}-curated/"
        if resource.type == "aws_glue_catalog_database":
            if resource.get("location_uri") != home:
                yield f"location_uri is {resource.get('location_uri')!r}, not {home!r}"
            return
        name, storage = resource.get("name"), resource.block("storage_descriptor")
        for location in (storage.get("location"), *storage.strings("additional_locations")):
            if location != f"{home}{name}/":
                yield f"location is {location!r}, not '{home}{name}/'"
        if storage.get("input_format") != PARQUET or resource.get("parameters.classification") != "parquet":
            yield f"the format is {storage.get('input_format')!r}, not Parquet"
        yield from _as_contract(resource, storage, plan.variables)

    def judge_plan(self, plan: Any) -> Iterator[str]:
        found = {table.get("name") for table in plan.of_type("aws_glue_catalog_table")}
        for name in sorted(_contracts(plan.variables).keys() - found):
            yield f"the contract {name!r} has no table"


def _as_contract(resource: Resource, storage: Block, variables: Any) -> Iterator[str]:
    contract = _contracts(variables).get(resource.get("name"))
    if contract is None:
        yield f"the catalogue variable has no contract {resource.get('name')!r}"
        return
    columns = [(column.get("name"), column.get("type")) for column in storage.blocks("columns")]
    wanted = [(column["name"], column["type"]) for column in contract["columns"]]
    if columns != wanted:
        yield f"columns differ from the contract's: {sorted(set(columns) ^ set(wanted)) or 'their order'}"
    if resource.get("parameters.contract_version") != contract["contract_version"]:
        yield f"contract_version is {resource.get('parameters.contract_version')!r}"


def _contracts(variables: Any) -> dict[str, Any]:
    return (variables.get("catalog") or {}).get("tables") or {}


check = TablesLieInTheirTenantsBucket()
