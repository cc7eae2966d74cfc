"""What a step reads: sources from the raw zone, verified against their trailers, and datasets that are complete.

Decides whether an input may be used at all, before the job sees it, and what identifies its content.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from spark_jobs.runtime.contract import Contract, Contracts
from spark_jobs.runtime.control import inspect, verify
from spark_jobs.runtime.errors import InputMissing
from spark_jobs.runtime.files import Files
from spark_jobs.runtime.records import detail_records, read_fields

MANIFEST = "_manifest.json"


@dataclass(frozen=True)
class Input:
    """One verified input."""

    name: str
    location: str
    fingerprint: str
    """Hash of the content, whatever its files are called."""
    contract: Contract
    is_source: bool

    def identity(self) -> dict[str, str]:
        """The input as output manifests record it."""
        return {"name": self.name, "location": self.location, "fingerprint": self.fingerprint}


class Inputs:
    """What a job may read, by name."""

    def __init__(self, spark: Any, as_of: date, opened: list[Input]) -> None:
        self._spark = spark
        self._opened = {given.name: given for given in opened}
        self.as_of = as_of

    def source(self, name: str) -> Any:
        """Return the detail records of a source, typed and with their problems (`records.detail_records`)."""
        given = self._named(name)
        return detail_records(read_fields(self._spark, given.location), given.contract)

    def dataset(self, name: str) -> Any:
        """Return a dataset with its contract's columns."""
        given = self._named(name)
        return self._spark.read.schema(given.contract.struct_type).parquet(given.location)

    def _named(self, name: str) -> Input:
        if name not in self._opened:
            raise InputMissing(
                f"the job reads {name!r}, but its step was given --read {', '.join(sorted(self._opened))}"
            )
        return self._opened[name]


def open_inputs(spark: Any, files: Files, contracts: Contracts, reads: dict[str, str], as_of: date) -> list[Input]:
    """Verify every input and return them by name.

    Raises:
        InputMissing: a prefix holds neither a complete dataset nor raw records.
        JobError: a source contradicts its header or trailer (`control.verify`).
    """
    return [_open(spark, files, contracts[name], location, as_of) for name, location in sorted(reads.items())]


def _open(spark: Any, files: Files, contract: Contract, location: str, as_of: date) -> Input:
    names = [file.name for file in files.list(location)]
    if MANIFEST in names:
        content = json.loads(files.read(location + MANIFEST))["content_sha256"]
        return Input(contract.name, location, content, contract, is_source=False)
    if any(name.endswith(".parquet") for name in names):
        raise InputMissing(
            f"{contract.name} at {location} has no {MANIFEST}: it was left half written; clear the job that writes it"
        )
    if not any(name.endswith(".json") for name in names):
        raise InputMissing(f"{contract.name} as_of {as_of}: nothing at {location}; clear the task that delivers it")
    control = inspect(read_fields(spark, location), contract)
    verify(control, contract.name, as_of)
    print(f"{contract.name}: {control.details} details agree with the trailer")
    return Input(contract.name, location, control.fingerprint, contract, is_source=True)
