"""The raw and curated zones of one attempt in a folder, and the steps run over them as EMR would run them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from generator.spec.contract import contract_names, contracts_json, load_contract
from sandbox.source_systems import LandingSet
from spark_jobs.runtime.contract import Contracts

AS_OF = date(2026, 10, 31)
REPOSITORY = Path(__file__).parents[2]


@cache
def contracts_text() -> str:
    """contracts.json of the annuity tenant, as a release carries it."""
    names = contract_names(REPOSITORY, "annuity")
    return contracts_json({name: load_contract(REPOSITORY, "annuity", name) for name in names})


def contracts() -> Contracts:
    return Contracts(contracts_text(), "contracts.json")


def frame(spark: Any, dataset: str, rows: list[dict[str, Any]]) -> Any:
    """Return a data frame with a contract's columns; columns that a row does not name are null."""
    contract = contracts()[dataset]
    filled = [tuple(row.get(name) for name in contract.column_names) for row in rows]
    return spark.createDataFrame(filled, contract.struct_type)


@dataclass(frozen=True)
class Lake:
    """The raw and curated zones of one attempt, in a folder."""

    root: Path

    def raw(self, source: str) -> Path:
        return self.root / "raw" / source

    def curated(self, dataset: str) -> Path:
        return self.root / "curated" / dataset

    def manifest(self, dataset: str) -> dict[str, Any]:
        text = (self.curated(dataset) / "_manifest.json").read_text()
        found: dict[str, Any] = json.loads(text)
        return found

    def ingest(self, landing: LandingSet) -> None:
        """Write the raw zone as ingestion does: a JSON object per line, fields named by position."""
        for file in landing.files:
            self.write_raw(file.source, file.content.decode().splitlines())

    def write_raw(self, source: str, lines: list[str]) -> None:
        """Spread the lines over two objects, so that no test relies on one file or its order."""
        self.raw(source).mkdir(parents=True, exist_ok=True)
        for part in (0, 1):
            named = [dict(enumerate(line.split("|"))) for line in lines[part::2]]
            text = "".join(json.dumps({str(key): value for key, value in entry.items()}) + "\n" for entry in named)
            (self.raw(source) / f"sdc-{part}.json").write_text(text)

    def arguments(
        self, job: str, sources: list[str], reads: list[str], writes: list[str], code_version: str = "c0de"
    ) -> list[str]:
        """The command line of one step over this lake."""
        contracts = self.root / "contracts.json"
        contracts.write_text(contracts_text())
        given = [f"--read={name}={self.raw(name).as_uri()}/" for name in sources]
        given += [f"--read={name}={self.curated(name).as_uri()}/" for name in reads]
        given += [f"--write={name}={self.curated(name).as_uri()}/" for name in writes]
        return [
            f"--job={job}",
            f"--as-of={AS_OF}",
            "--attempt=0199b3a0-0000-7000-8000-000000000001",
            f"--code-version={code_version}",
            f"--contracts={contracts.as_uri()}",
            *given,
        ]


STEPS: dict[str, tuple[list[str], list[str], list[str]]] = {
    "conform": (
        ["policies", "transactions", "gl_totals"],
        [],
        ["policy", "policy_transaction", "control_total", "rejected_record"],
    ),
    "valuation": ([], ["policy", "policy_transaction"], ["account_value", "payout"]),
    "summary": (
        [],
        ["policy", "policy_transaction", "account_value", "payout", "control_total"],
        ["block_summary", "reconciliation"],
    ),
}
"""{job: (sources read, datasets read, datasets written)}, as tenant.yaml has it."""


def run_step(lake: Lake, module: ModuleType, **keywords: Any) -> None:
    """Run one of the tenant's jobs over a lake, by its module."""
    job = module.__name__.split(".")[-2]
    module.main(lake.arguments(job, *STEPS[job], **keywords))
