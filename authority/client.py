"""Ask the data authority what is current and what was published, and bring its schema up to date.

Reads the views only, so a login with `sluice_reader` suffices. Publishing is not here: the pipeline does it through
the SQL functions. It must not know what the data is or who shows it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self, TypeVar

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Row, create_engine, text
from sqlalchemy.exc import OperationalError

from authority.model import SCHEMA

MIGRATIONS = Path(__file__).parent / "migrations"


class AuthorityUnreachable(Exception):
    """The authority's database does not answer."""

    exit_code = 3

    def __init__(self, where: str, why: str) -> None:
        super().__init__(
            f"data authority {where}: no answer\n"
            f"  why:      {why}\n"
            f"  fix:      start it (`sluice sandbox up`), or set SLUICE_AUTHORITY_URL"
        )
        self.where, self.why = where, why


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


def migrate(url: str) -> None:
    """Create or upgrade the schema `authority`. Safe to call again, and by two callers at once.

    Args:
        url: SQLAlchemy URL of a login that owns the schema, `postgresql+psycopg://…`.

    Raises:
        AuthorityUnreachable: the database does not answer.
    """
    engine = create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    try:
        with engine.begin() as connection:
            # one migration at a time: the second caller waits here and then finds nothing to do
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('authority.migrate', 0))"))
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except OperationalError as error:
        raise AuthorityUnreachable(engine.url.render_as_string(), str(error.orig).strip()) from error
    finally:
        engine.dispose()


def pending(url: str) -> list[str]:
    """Return the migrations that `migrate` would run, `<revision> <what it says of itself>`, the oldest first.

    Raises:
        AuthorityUnreachable: the database does not answer.
    """
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            done = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA}).get_current_heads()
    except OperationalError as error:
        raise AuthorityUnreachable(engine.url.render_as_string(), str(error.orig).strip()) from error
    finally:
        engine.dispose()
    waiting = list(ScriptDirectory(str(MIGRATIONS)).iterate_revisions("heads", done or "base"))
    return [f"{script.revision} {script.doc}" for script in reversed(waiting)]


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
        try:
            with self._engine.connect() as connection:
                return [record.of(row) for row in connection.execute(text(query), given)]
        except OperationalError as error:
            raise AuthorityUnreachable(self._engine.url.render_as_string(), str(error.orig).strip()) from error
