"""What a tenant spec, an environment and a contract may say.

Decides which values exist and which are allowed; whoever holds one of these objects holds a valid one. It must not know
where a value stood (`spec/`), what anything is called in the cloud (`names.py`) or how it is written (`render/`).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from generator.shapes import (
    AccountId,
    ClockTime,
    DatabaseClass,
    DnsName,
    Email,
    Entrypoint,
    FreeText,
    Identifier,
    InstanceType,
    LogRetention,
    PrivateNetwork,
    RedshiftNode,
    RoleArn,
    RoleName,
    Schedule,
    TagKey,
    TagValue,
    Zone,
)

PLATFORM = "platform"
"""The name that the platform's own stack takes where a tenant's would stand."""


class Strict(BaseModel):
    """Unknown keys and silent conversions are mistakes; values never change after they were checked."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


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
    """Identity-centre groups that may read the published data."""

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


class Network(Strict):
    """The environment's private network."""

    cidr: PrivateNetwork
    """The network's range, private, from /16 to /22."""
    zones: Annotated[tuple[Zone, ...], Field(min_length=2, max_length=3)]
    """Availability zones of the region."""


class Cluster(Strict):
    """How Spark gets machines in an environment."""

    mode: Literal["long_running", "transient"]
    """One cluster that engineers share, or one for each run that Airflow starts and stops."""
    release: Annotated[str, Field(pattern=r"^emr-7[.][0-9]+[.][0-9]+$")] = "emr-7.14.0"
    primary_types: Annotated[tuple[InstanceType, ...], Field(min_length=1)] = ("m6g.xlarge", "m5.xlarge")
    """Types for the primary node."""
    worker_types: Annotated[tuple[InstanceType, ...], Field(min_length=5)]
    """Types for core and task nodes, all of one size, at least two families (EMR-11)."""
    core_units: Annotated[int, Field(ge=2)] = 2
    """Core nodes, which hold HDFS."""
    max_units: Annotated[int, Field(ge=2)] = 10
    """Core and task nodes at most."""
    idle_timeout_minutes: Annotated[int, Field(ge=1, le=10080)] = 15
    """Minutes without work after which a cluster ends itself."""
    max_hours: Annotated[int, Field(ge=1, le=24)] = 6
    """Age at which the reaper may end a transient cluster."""


class Airflow(Strict):
    """The managed Airflow that runs the DAGs."""

    version: Annotated[str, Field(pattern=r"^[0-9]+[.][0-9]+[.][0-9]+$")] = "3.0.6"
    environment_class: Annotated[str, Field(pattern=r"^mw1[.][a-z0-9]+$")] = "mw1.small"
    max_workers: Annotated[int, Field(ge=1)] = 5


class Warehouse(Strict):
    """The Redshift cluster that analysts query."""

    node_type: RedshiftNode = "ra3.large"
    nodes: Annotated[int, Field(ge=1)] = 2
    snapshot_days: Annotated[int, Field(ge=1, le=35)] = 7


class AuthorityDb(Strict):
    """The Postgres that holds which version of which dataset is current."""

    instance_class: DatabaseClass = "db.t4g.medium"
    multi_az: bool = False
    backup_days: Annotated[int, Field(ge=1, le=35)] = 14


class StreamSets(Strict):
    """The machine that copies and converts what source systems land."""

    instance_type: InstanceType = "m6i.large"
    ami_id: Annotated[str, Field(pattern=r"^ami-[0-9a-f]+$")]


class EnvironmentSpec(Strict):
    """What the platform declares in `environments/<env>/environment.yaml`: one account, one blast radius."""

    environment: DnsName
    """The environment's name, the same as its folder's."""
    organisation: DnsName
    """First part of every name; the same in all environments."""
    account_id: AccountId
    """The environment's own AWS account."""
    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]
    """Where everything is."""
    deploy_role: RoleName = "sluice-deploy"
    """Role in the account that Terraform assumes; made by the account's bootstrap."""
    network: Network
    cluster: Cluster
    airflow: Airflow = Airflow()
    warehouse: Warehouse = Warehouse()
    authority_db: AuthorityDb = AuthorityDb()
    streamsets: StreamSets
    deletion_protection: bool = True
    """Whether what holds data refuses to be destroyed."""
    log_retention_days: LogRetention = 400
    """Days for which logs are kept."""
    alerts_email: Email
    """Who hears of failures and of the budget."""
    monthly_budget_usd: Annotated[int, Field(ge=1)]
    """USD a month that the account is meant to cost."""
    source_systems: dict[DnsName, RoleArn] = {}
    """{source system: ARN of the role with which it lands files}."""
    tags: dict[TagKey, TagValue] = {}
    """Tags on every resource besides those that Sluice sets."""

    @property
    def is_long_running(self) -> bool:
        return self.cluster.mode == "long_running"


_NUMBER = "[1-9][0-9]*|0"
TYPE_PATTERN = re.compile(
    rf"^(string|varchar\((?P<length>{_NUMBER})\)|int|bigint"
    rf"|decimal\((?P<precision>{_NUMBER}),(?P<scale>{_NUMBER})\)|date|timestamp|boolean)$"
)


class Column(Strict):
    """One column of a contract. `type` is written as in the contract's physicalType, for example decimal(18,2)."""

    name: Identifier
    type: Annotated[str, Field(pattern=re.sub(r"\?P<[a-z]+>", "", TYPE_PATTERN.pattern))]
    nullable: bool = True
    primary_key: bool = False
    primary_key_position: Annotated[int, Field(ge=1)] | None = None
    unique: bool = False
    description: str = ""
    classification: str | None = None


class QualityRule(Strict):
    """One ODCS library check, judged by the Spark runtime before data is offered for publishing.

    `metric` counts over `column` (or the whole dataset for rowCount); the count must lie in [`minimum`, `maximum`].
    """

    metric: Literal["nullValues", "duplicateValues", "invalidValues", "rowCount"]
    column: Identifier | None = None
    valid_values: tuple[str, ...] = ()
    at_least: str | None = None
    at_most: str | None = None
    minimum: int | None = None
    maximum: int | None = 0
    description: str = ""


class Contract(Strict):
    """The schema of a source or a dataset, read from an Open Data Contract Standard v3 file."""

    name: Identifier
    version: Annotated[str, Field(pattern=r"^[0-9]+[.][0-9]+[.][0-9]+$")]
    description: str = ""
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    quality: tuple[QualityRule, ...] = ()

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Columns that identify a row, in the order of their positions, then of the columns."""
        keys = [column for column in self.columns if column.primary_key]
        keys.sort(key=lambda column: column.primary_key_position or len(self.columns) + 1)
        return tuple(column.name for column in keys)


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
