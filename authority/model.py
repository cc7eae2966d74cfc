"""Tables of the data authority.

Decides what is remembered of datasets, runs and versions; the rules of changing them are SQL functions and triggers in
`migrations/sql`, so that they hold for every client. It must not know where data is read from or who asks.
"""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = "authority"
NEW_ID = text("authority.uuid_v7()")
Instant = DateTime(timezone=True)


class Base(DeclarativeBase):
    """Everything lives in the schema `authority`."""

    metadata = MetaData(schema=SCHEMA)


class Dataset(Base):
    """A tenant's dataset: one identifier for as long as it exists."""

    __tablename__ = "dataset"
    __table_args__ = (
        UniqueConstraint("tenant", "name", name="dataset_name"),
        CheckConstraint(
            "tenant ~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' AND length(tenant) <= 20", name="dataset_tenant_form"
        ),
        CheckConstraint("name ~ '^[a-z][a-z0-9_]*$' AND length(name) <= 30", name="dataset_name_form"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=NEW_ID)
    tenant: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    registered_at: Mapped[dt.datetime] = mapped_column(Instant, server_default=func.now())


class Run(Base):
    """One attempt of a pipeline to publish datasets of one date. Never changed after it was opened."""

    __tablename__ = "run"
    __table_args__ = (
        CheckConstraint("inputs_sha256 ~ '^[0-9a-f]{64}$'", name="run_inputs_form"),
        CheckConstraint("cardinality(publishes) > 0", name="run_publishes_something"),
        Index("run_same_work", "tenant", "dag_id", "as_of", "inputs_sha256", "code_version"),
    )
    attempt: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=NEW_ID)
    tenant: Mapped[str] = mapped_column(Text)
    dag_id: Mapped[str] = mapped_column(Text)
    run_key: Mapped[str] = mapped_column(Text)
    as_of: Mapped[dt.date] = mapped_column(Date)
    inputs_sha256: Mapped[str] = mapped_column(Text)
    code_version: Mapped[str] = mapped_column(Text)
    publishes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """Dataset names, sorted, without repetition."""
    restate: Mapped[str | None] = mapped_column(Text)
    """Why a published date is made again; null for an ordinary run."""
    opened_by: Mapped[str] = mapped_column(Text, server_default=text("session_user"))
    opened_at: Mapped[dt.datetime] = mapped_column(Instant, server_default=func.now())


class Version(Base):
    """Published data of a dataset for one date. Never changed after it was published."""

    __tablename__ = "version"
    __table_args__ = (
        UniqueConstraint("dataset_id", "as_of", "sequence", name="version_sequence"),
        UniqueConstraint("dataset_id", "as_of", "content_sha256", name="version_content"),
        UniqueConstraint("location", name="version_location"),
        UniqueConstraint("dataset_id", "as_of", "id", name="version_of_dataset_and_date"),
        CheckConstraint("sequence > 0", name="version_sequence_positive"),
        CheckConstraint(
            "content_sha256 ~ '^[0-9a-f]{64}$' AND schema_sha256 ~ '^[0-9a-f]{64}$'", name="version_hash_form"
        ),
        CheckConstraint("rows >= 0", name="version_rows_counted"),
        CheckConstraint("(supersedes IS NULL) = (reason IS NULL)", name="version_superseding_has_reason"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=NEW_ID)
    dataset_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Dataset.id))
    as_of: Mapped[dt.date] = mapped_column(Date)
    sequence: Mapped[int] = mapped_column(Integer)
    """1, 2, … per dataset and date."""
    content_sha256: Mapped[str] = mapped_column(Text)
    schema_sha256: Mapped[str] = mapped_column(Text)
    location: Mapped[str] = mapped_column(Text)
    manifest_uri: Mapped[str] = mapped_column(Text)
    rows: Mapped[int] = mapped_column(BigInteger)
    attempt: Mapped[uuid.UUID] = mapped_column(ForeignKey(Run.attempt))
    supersedes: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("authority.version.id"))
    reason: Mapped[str | None] = mapped_column(Text)
    """Why it supersedes another version; null for the first."""
    published_by: Mapped[str] = mapped_column(Text, server_default=text("session_user"))
    published_at: Mapped[dt.datetime] = mapped_column(Instant, server_default=func.now())


class Publication(Base):
    """What an attempt's publishing did for each dataset: the audit of every move of a current version. Append only."""

    __tablename__ = "publication"
    __table_args__ = (
        CheckConstraint("outcome IN ('new', 'confirmed', 'restored')", name="publication_outcome"),
        Index("publication_version", "version_id"),
    )
    attempt: Mapped[uuid.UUID] = mapped_column(ForeignKey(Run.attempt), primary_key=True)
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Version.id), primary_key=True)
    outcome: Mapped[str] = mapped_column(Text)
    """`new`: made the version; `confirmed`: was current already; `restored`: an earlier version is current again."""
    replaced: Mapped[uuid.UUID | None] = mapped_column(ForeignKey(Version.id))
    reason: Mapped[str | None] = mapped_column(Text)
    published_by: Mapped[str] = mapped_column(Text, server_default=text("session_user"))
    published_at: Mapped[dt.datetime] = mapped_column(Instant, server_default=func.now())


class CurrentVersion(Base):
    """The one version of a dataset and date that others read."""

    __tablename__ = "current_version"
    __table_args__ = (
        ForeignKeyConstraint(
            ["dataset_id", "as_of", "version_id"],
            ["authority.version.dataset_id", "authority.version.as_of", "authority.version.id"],
            name="current_version_is_of_dataset_and_date",
        ),
    )
    dataset_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Dataset.id), primary_key=True)
    as_of: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    version_id: Mapped[uuid.UUID] = mapped_column()
    since: Mapped[dt.datetime] = mapped_column(Instant, server_default=func.now())


class Retirement(Base):
    """That a tenant has ended, or began again. Never changed; the last row of a tenant counts."""

    __tablename__ = "retirement"
    __table_args__ = (
        CheckConstraint("event IN ('retired', 'reinstated')", name="retirement_event"),
        CheckConstraint("btrim(reason) <> ''", name="retirement_has_reason"),
        Index("retirement_of_tenant", "tenant", "id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    tenant: Mapped[str] = mapped_column(Text)
    event: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text, server_default=text("session_user"))
    at: Mapped[dt.datetime] = mapped_column(Instant, server_default=func.now())
