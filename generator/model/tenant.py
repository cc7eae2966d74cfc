"""What a team may write in its spec, and a tenant as its whole folder makes it.

Decides which values exist and which are allowed. It must not know where a value stood (`spec/`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from generator.model.contract import Contract
from generator.model.shapes import (
    ClockTime,
    DnsName,
    Email,
    Entrypoint,
    FreeText,
    Identifier,
    Schedule,
)
from generator.model.strict import Strict

PLATFORM = "platform"
"""The name that the platform's own stack takes where a tenant's would stand."""


class Classification(StrEnum):
    """How sensitive data is."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"


class Source(Strict):
    """Files that a source system lands for one business date, described by a contract."""

    system: DnsName
    """The source system that lands the files; the environments say which role it has."""
    delivery: Literal["push", "batch"] = "push"
    """Whether the system pushes files itself or a batch script brings them."""
    arrives_by: ClockTime = "03:00"
    """When the files are expected at the latest, UTC."""
    format: Literal["delimited"] = "delimited"
    """Text files of header, detail and trailer records."""
    delimiter: Literal["|", ",", ";"] = "|"
    """What separates fields."""
    contract: Identifier | None = None
    """The contract's file name below `contracts/`; the source's own name when absent."""


class Job(Strict):
    """One Spark application: an EMR step with a role of its own."""

    entrypoint: Entrypoint | None = None
    """Folder below `spark_jobs/` that holds job.py; `<tenant>/<job>` when absent."""
    reads: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    """Sources and datasets; the job's role may read these and nothing else."""
    writes: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    """Datasets that this job alone writes, each with a contract."""
    compute: Literal["small", "medium", "large"] = "small"
    """How much of a cluster the job gets."""
    time_critical: bool = False
    """A time-critical job gets no Spot capacity."""


class Report(Strict):
    """A view in the warehouse, `reports/<name>.sql`, for analysts."""

    title: FreeText
    """What analysts see as its name."""


class TenantSpec(Strict):
    """What a team writes in `tenants/<tenant>/tenant.yaml`."""

    tenant: DnsName
    """The tenant's name, the same as its folder's."""
    description: FreeText
    """What the data is and whom it serves."""
    owner: Email
    """The team that answers for the data."""
    cost_centre: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$", max_length=20)]
    """Who pays; becomes a tag on every resource."""
    classification: Classification = Classification.CONFIDENTIAL
    """How sensitive the data is."""
    retention_days: Annotated[int, Field(ge=30, le=36500)] = 2555
    """Days for which data is kept in every zone; 2555 are seven years."""
    recovery: Literal["bronze", "silver"] = "bronze"
    """Curated data that is lost is computed again from landing (bronze) or comes from a daily backup (silver)."""
    schedule: Schedule = "daily"
    """A five-field cron expression, or hourly, daily, weekly, monthly. UTC."""
    deadline_minutes: Annotated[int, Field(ge=5, le=1440)] = 180
    """Minutes after the scheduled time at which the data must be published."""
    sources: Annotated[dict[Identifier, Source], Field(min_length=1)]
    """{source: how its files arrive}, one contract each."""
    jobs: Annotated[dict[Identifier, Job], Field(min_length=1)]
    """{job: what it reads and writes}."""
    publishes: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    """Datasets that the authority offers to others, published together or not at all."""
    warehouse: tuple[Identifier, ...] = ()
    """Published datasets that are loaded into Redshift, one table each."""
    reports: dict[Identifier, Report] = {}
    """{report: its title}; each has its query in `reports/<report>.sql`."""
    readers: tuple[DnsName, ...] = ()
    """Identity-centre groups that may read the tenant's warehouse tables and reports."""

    @property
    def package(self) -> str:
        """The tenant's folder below `spark_jobs/`, a Python name."""
        return self.tenant.replace("-", "_")

    @property
    def datasets(self) -> tuple[str, ...]:
        """Everything that jobs write, in the order of the spec."""
        return tuple(dataset for job in self.jobs.values() for dataset in job.writes)

    def entrypoint(self, job: str) -> str:
        """Folder below `spark_jobs/` that holds the job's job.py."""
        return self.jobs[job].entrypoint or f"{self.package}/{job}"


class Tenant(Strict):
    """A tenant as resolved from its folder: the spec, its contracts by name, its report SQL and its code.

    Valid by construction: every dataset read is written, every contract present, no cycle between jobs.
    """

    spec: TenantSpec
    contracts: dict[str, Contract]
    """{source or dataset name: contract}."""
    report_sql: dict[str, str]
    """{report name: SELECT statement}."""
    code_sha256: str
    """Hash over the tenant's job code and the shared Spark runtime: the code's version in paths and the authority."""
