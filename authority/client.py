"""Ask the data authority what is current and what was published.

Reads the views only, so a login with `sluice_reader` suffices. Publishing is not here: the pipeline does it through
the SQL functions. It must not know what the data is or who shows it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self, TypeVar

from sqlalchemy import Row, create_engine, text

from authority.connection import answering
from authority.model import SCHEMA

Record = TypeVar("Record", bound="_FromRow")


class _FromRow:
    """A dataclass whose fields are columns of the view that it is read from."""

    @classmethod
    def columns(cls) -> str:
        return ", ".join(field.name for field in fields(cls))  # type: ignore[arg-type]

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        return cls(**row._mapping)


@dataclass(frozen=True)
class Dataset(_FromRow):
    """A registered dataset. `latest_as_of` is None until it is published, `retired_at` while its tenant lives."""

    tenant: str
    dataset: str
    dataset_id: uuid.UUID
    registered_at: dt.datetime
    versions: int
    latest_as_of: dt.date | None
    retired_at: dt.datetime | None


@dataclass(frozen=True)
class Version(_FromRow):
    """One published version of a dataset for one date, with the run that made it."""

    tenant: str
    dataset: str
    dataset_id: uuid.UUID
    as_of: dt.date
    sequence: int
    version_id: uuid.UUID
    is_current: bool
    location: str
    manifest_uri: str
    row_count: int
    content_sha256: str
    schema_sha256: str
    attempt: uuid.UUID
    dag_id: str
    run_key: str
    inputs_sha256: str
    code_version: str
    supersedes: uuid.UUID | None
    reason: str | None
    published_by: str
    published_at: dt.datetime
    current_since: dt.datetime | None


@dataclass(frozen=True)
class Publication(_FromRow):
    """What one attempt's publishing did to one dataset: `new`, `confirmed` or `restored`."""

    tenant: str
    dataset: str
    as_of: dt.date
    sequence: int
    version_id: uuid.UUID
    attempt: uuid.UUID
    outcome: str
    replaced: uuid.UUID | None
    reason: str | None
    published_by: str
    published_at: dt.datetime


class Authority:
    """Read-only client.

    Args:
        url: SQLAlchemy URL, `postgresql+psycopg://…`; the command line takes it from SLUICE_AUTHORITY_URL.
    """

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url, pool_pre_ping=True, execution_options={"isolation_level": "AUTOCOMMIT"})

    def datasets(self, tenant: str | None = None) -> list[Dataset]:
        """Return the registered datasets, by tenant and name."""
        return self._select(Dataset, "dataset_list", {"tenant": tenant}, "tenant, dataset")

    def current(
        self, tenant: str | None = None, dataset: str | None = None, as_of: dt.date | None = None
    ) -> list[Version]:
        """Return current versions, at most one per dataset and date, by dataset and date."""
        wanted = {"tenant": tenant, "dataset": dataset, "as_of": as_of}
        return self._select(Version, "current_data", wanted, "tenant, dataset, as_of")

    def history(
        self, tenant: str | None = None, dataset: str | None = None, as_of: dt.date | None = None
    ) -> list[Version]:
        """Return every published version, oldest first within a dataset and date."""
        wanted = {"tenant": tenant, "dataset": dataset, "as_of": as_of}
        return self._select(Version, "version_history", wanted, "tenant, dataset, as_of, sequence")

    def publications(
        self, tenant: str | None = None, dataset: str | None = None, as_of: dt.date | None = None
    ) -> list[Publication]:
        """Return the audit: every publishing, also those that changed nothing, oldest first."""
        wanted = {"tenant": tenant, "dataset": dataset, "as_of": as_of}
        return self._select(Publication, "publication_log", wanted, "published_at, tenant, dataset")

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _select(self, record: type[Record], view: str, wanted: Mapping[str, object], order: str) -> list[Record]:
        given = {name: value for name, value in wanted.items() if value is not None}
        where = " AND ".join(f"{name} = :{name}" for name in given) or "true"
        # only names written in this file are put into the text; values are bound
        query = f"SELECT {record.columns()} FROM {SCHEMA}.{view} WHERE {where} ORDER BY {order}"  # noqa: S608
        with answering(self._engine), self._engine.connect() as connection:
            return [record.of(row) for row in connection.execute(text(query), given)]
