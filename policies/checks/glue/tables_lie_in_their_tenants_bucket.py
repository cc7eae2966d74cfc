"""A table is a dataset of its tenant: its files lie in the tenant's curated bucket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import Block, PlanRule, Resource, left_to_aws

HIVE = "org.apache.hadoop.hive.ql.io.parquet."
FORMAT = {
    "input_format": f"{HIVE}MapredParquetInputFormat",
    "output_format": f"{HIVE}MapredParquetOutputFormat",
    "ser_de_info.serialization_library": f"{HIVE}serde.ParquetHiveSerDe",
}
PARAMETERS = {"EXTERNAL", "classification", "contract_version"}
OTHER_DATABASE = ("target_database", "federated_database")
OTHER_TABLE = ("target_table", "open_table_format_input", "view_original_text", "view_expanded_text")
"""What makes it another one under its own name."""


class TablesLieInTheirTenantsBucket(PlanRule):
    """Requirement: a table's location is `s3://<stack>-curated/<table>/`, its format Parquet, its database the stack's.

    It is partitioned by as_of and has no parameter that names another place (`storage.location.template`, `path`,
    `metadata_location`); neither it nor its database, which lies in the same bucket, is a link to another.
    Unknown is treated as: no verdict.
    Source: SOC 2 PI1.
    """

    control = "CSO_GLU_05"
    check_id = "CSO_GLU_05"
    title = "Tables lie in their own tenant's bucket"
    types = ("aws_glue_catalog_table", "aws_glue_catalog_database")

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        home = f"s3://{plan.context.name}-curated/"
        if _says(resource, "catalog_id") and resource.get("catalog_id") != plan.context.account_id:
            yield f"catalog_id is {resource.get('catalog_id')!r}, another account's catalogue"
        if resource.type == "aws_glue_catalog_database":
            if (location := resource.get("location_uri")) != home:
                yield f"location_uri is {location!r}, not {home!r}"
            yield from (
                f"{name} makes it another"
                for name in ("target_database", "federated_database")
                if _says(resource, name)
            )
            return
        name, storage = resource.get("name"), resource.block("storage_descriptor")
        for location in (storage.get("location"), *storage.strings("additional_locations")):
            if location != f"{home}{name}/":
                yield f"location is {location!r}, not '{home}{name}/'"
        database = f"{plan.context.organisation}_{plan.context.environment}_{plan.context.stack}".replace("-", "_")
        if resource.get("database_name") != database:
            yield f"database_name is {resource.get('database_name')!r}, not {database!r}"
        yield from (f"{name} makes it another table" for name in OTHER_TABLE if _says(resource, name))
        if storage.get("schema_reference"):
            yield "schema_reference makes it another table"
        yield from self._format(resource, storage)

    @staticmethod
    def _format(resource: Resource, storage: Block) -> Iterator[str]:
        formats = {storage.get(name) for name in FORMAT}
        if formats != set(FORMAT.values()) or resource.get("parameters.classification") != "parquet":
            yield f"the format is {storage.get('input_format')!r} and so on, not Parquet"
        if resource.get("table_type") != "EXTERNAL_TABLE":
            yield f"table_type is {resource.get('table_type')!r}, not EXTERNAL_TABLE"
        keys = [(key.get("name"), key.get("type")) for key in resource.blocks("partition_keys")]
        if keys != [("as_of", "date")]:
            yield f"partition_keys are {keys!r}, not as_of, a date"
        own = {*(resource.get("parameters") or {})} - PARAMETERS
        own |= {*(storage.get("ser_de_info.parameters") or {})} - {"serialization.format"}
        for name in sorted(own):
            yield f"the parameter {name!r} is not approved: some name another place"


def _says(resource: Resource, name: str) -> bool:
    return not left_to_aws(resource, name) and bool(resource.get(name))


check = TablesLieInTheirTenantsBucket()
