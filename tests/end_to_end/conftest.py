"""Production, provisioned once per run by real Terraform in the local cloud, and a way to run its DAG for a date."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from authority.client import Authority, Version
from generator.names import Names
from sandbox import source_systems
from sandbox.airflow.local import DagRun, LocalAirflow
from sandbox.lifecycle import Sandbox
from sluice import laptop
from sluice.commands.stacks import apply_all
from sluice.demo import findings

REPOSITORY = Path(__file__).parents[2]
COPIED = ("authority", "delivery", "environments", "tenants", "modules", "dags", "policies", "spark_jobs", "schemas")
DAG = "annuity_daily"
POLICIES = 25


@dataclass(frozen=True)
class Production:
    """The production environment of a local cloud."""

    root: Path
    running: Sandbox
    names: Names

    def client(self, service: str) -> Any:
        return laptop.client(self.running, service, self.names.environment.account_id)

    def delivery(self, as_of: str, seed: int = 1) -> source_systems.LandingSet:
        """Make, without landing them, the source files of a date."""
        return source_systems.generate(date.fromisoformat(as_of), policies=POLICIES, seed=seed)

    def land(self, files: source_systems.LandingSet) -> None:
        source_systems.land(self.client("s3"), self.names.bucket("landing"), files)

    def airflow(self, name: str = "prod") -> LocalAirflow:
        """Return an Airflow with production's connections; another name gives a second, independent one."""
        local = laptop.airflow(self.root, self.running, "prod", name)
        local.sync(self.names.platform.bucket("airflow"))
        return local

    def run(self, as_of: str, restate: str | None = None) -> DagRun:
        return self.airflow().run(DAG, as_of, {"restate": restate} if restate else None)

    def fault(self, kind: str, match: str = ".*", times: int = 1, **options: Any) -> None:
        self.running.ask("POST", "faults", {"kind": kind, "match": match, "times": times, **options})

    def clusters(self) -> list[findings.Cluster]:
        return findings.clusters(self.running, self.names.environment.account_id)

    def published(self, as_of: str) -> list[Version]:
        authority = Authority(self.running.authority_url("prod"))
        return [version for version in authority.history("annuity") if str(version.as_of) == as_of]

    def loaded(self, table: str, as_of: str) -> int:
        """Return the rows of a warehouse table for a date; 0 while the table does not exist."""
        tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'annuity'"
        if [table] not in findings.query(self.running, self.names, tables)[1]:
            return 0
        count = f"SELECT COUNT(*) FROM annuity.{table} WHERE as_of = '{as_of}'"  # noqa: S608 -- the test's own words
        return int(findings.query(self.running, self.names, count)[1][0][0])

    def columns(self, table: str) -> set[str]:
        query = f"SELECT column_name FROM svv_columns WHERE table_schema = 'annuity' AND table_name = '{table}'"  # noqa: S608
        return {str(row[0]) for row in findings.query(self.running, self.names, query)[1]}

    def readers(self) -> set[str]:
        """Return the roles that get into the tenant's schema."""
        ours = "namespace_name = 'annuity' AND identity_type = 'role'"
        query = f"SELECT identity_name FROM svv_schema_privileges WHERE {ours}"  # noqa: S608 -- the test's own words
        return {str(row[0]) for row in findings.query(self.running, self.names, query)[1]}

    def warehouse(self, statement: str) -> None:
        """Run a statement that answers nothing."""
        findings.query(self.running, self.names, statement)

    def catalogued(self, table: str, as_of: str) -> str:
        """Return where Glue says that a table's data of a date lies."""
        partition = self.client("glue").get_partition(
            DatabaseName=self.names.glue_database, TableName=table, PartitionValues=[as_of]
        )
        return str(partition["Partition"]["StorageDescriptor"]["Location"])


@pytest.fixture(scope="session")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    root = tmp_path_factory.mktemp("repository")
    for name in COPIED:
        shutil.copytree(REPOSITORY / name, root / name, ignore=shutil.ignore_patterns("__pycache__", ".terraform"))
    (root / ".venv").symlink_to(REPOSITORY / ".venv")
    try:
        running = laptop.start(root)
        with ThreadPoolExecutor(1) as aside:
            airflow = aside.submit(laptop.prepare_airflow, root, running, "prod")
            variables = laptop.host_environment() | running.terraform_environment()
            apply_all(root, ("prod",), variables, Console(), jobs=2)
            airflow.result()
        yield Production(root, running, laptop.names(root, "prod", "annuity"))
    finally:
        laptop.stop(root)
