"""What the last page tells, asked of the services themselves after the runs: EMR, the authority, Redshift."""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from authority.client import Authority, Version
from generator.names import Names
from sandbox.lifecycle import Sandbox
from sandbox.source_systems.generate import REFERENCES
from sluice import laptop

TOLERANCE = Decimal("0.005")
WHICH = {"account_value": "month {policy_month}", "payout": "instalment {instalment}"}
"""{table: how a reference value of it says which of a policy's it is}."""


@dataclass(frozen=True)
class Cluster:
    """An EMR cluster and what it ran. `steps` is [(name, state)] in order of submission."""

    cluster_id: str
    name: str
    state: str
    reason: str
    steps: list[tuple[str, str]]


@dataclass(frozen=True)
class Reference:
    """A value that is known beforehand, beside the one that the pipeline computed."""

    title: str
    expected: Decimal
    computed: Decimal

    @property
    def agrees(self) -> bool:
        return abs(self.computed - self.expected) <= TOLERANCE


def clusters(running: Sandbox, account_id: str) -> list[Cluster]:
    """Return every cluster that the account ever had, oldest first."""
    emr = laptop.client(running, "emr", account_id)
    found = []
    for item in reversed(emr.list_clusters()["Clusters"]):
        detail = emr.describe_cluster(ClusterId=item["Id"])["Cluster"]
        steps = reversed(emr.list_steps(ClusterId=item["Id"])["Steps"])
        found.append(
            Cluster(
                item["Id"],
                detail["Name"],
                detail["Status"]["State"],
                detail["Status"].get("StateChangeReason", {}).get("Message", ""),
                [(step["Name"], step["Status"]["State"]) for step in steps],
            )
        )
    return found


def published(running: Sandbox, environment: str, tenant: str) -> list[Version]:
    """Return every version that was ever published, in order of dataset and time."""
    return Authority(running.authority_url(environment)).history(tenant)


def query(running: Sandbox, names: Names, sql: str) -> tuple[list[str], list[list[Any]]]:
    """Ask the warehouse as an analyst's tool does, through the Redshift Data API; return column names and rows.

    Raises:
        RuntimeError: with Redshift's message.
    """
    client = laptop.client(running, "redshift-data", names.environment.account_id)
    cluster = names.platform.entity("warehouse")
    statement = client.execute_statement(ClusterIdentifier=cluster, Database="warehouse", DbUser="analyst", Sql=sql)[
        "Id"
    ]
    while (status := client.describe_statement(Id=statement))["Status"] not in ("FINISHED", "FAILED", "ABORTED"):
        time.sleep(0.1)
    if status["Status"] != "FINISHED":
        raise RuntimeError(f"Redshift: {status.get('Error')}\n  statement: {sql}")
    if not status["HasResultSet"]:
        return [], []
    result = client.get_statement_result(Id=statement)
    rows = [[next(iter(cell.values())) if "isNull" not in cell else None for cell in row] for row in result["Records"]]
    return [column["name"] for column in result["ColumnMetadata"]], rows


def references(running: Sandbox, names: Names, as_of: str) -> list[Reference]:
    """Return the reference values beside what lies in the warehouse for `as_of`."""
    found = []
    for table, values in REFERENCES.items():
        for value in values:
            key = {name: value[name] for name in ("policy_id", "policy_month", "instalment") if name in value}
            where = " AND ".join(f"{name} = '{wanted}'" for name, wanted in key.items())
            sql = f"SELECT {value['column']} FROM {names.schema}.{table} WHERE {where} AND as_of = '{as_of}'"  # noqa: S608
            rows = query(running, names, sql)[1]
            title = f"{value['policy_id']} {value['column']}, {WHICH[table].format(**value)}"
            if len(rows) != 1:
                raise RuntimeError(f"{title}: {len(rows)} rows in the warehouse, expected one")
            found.append(Reference(title, Decimal(str(value["value"])), Decimal(str(rows[0][0]))))
    return found
