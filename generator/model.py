"""What a tenant spec, an environment and a contract may say.

Decides which values exist and which are allowed; whoever holds one of these objects holds a valid one. It must not know
where a value stood in a file (`spec.py`), what anything is called in the cloud (`names.py`) or how it is written (`render.py`).
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=30)]
"""A source, job, dataset, column or report: it becomes a SQL and a Python name."""

DnsName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", min_length=2, max_length=20)]
"""A tenant, an environment or the organisation: it becomes part of bucket and role names."""

FreeText = Annotated[str, Field(min_length=1, max_length=500)]
"""Words for people. Any character is allowed; the renderer must keep it data."""

Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=120)]
ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
AccountId = Annotated[str, Field(pattern=r"^\d{12}$")]
InstanceType = Annotated[str, Field(pattern=r"^[a-z0-9-]+\.[a-z0-9]+$")]

PLATFORM = "platform"
"""The name that the platform's own stack takes where a tenant's would stand."""


class Strict(BaseModel):
    """Unknown keys and silent conversions are mistakes; values never change after they were checked."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Classification(StrEnum):
    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"


class Source(Strict):
    """Files that a source system lands for one business date, described by a contract."""

    system: DnsName
    delivery: Literal["push", "batch"] = "push"
    arrives_by: ClockTime = "03:00"
    format: Literal["delimited"] = "delimited"
    delimiter: Literal["|", ",", ";"] = "|"
    contract: Identifier | None = None
    """The contract's file name below `contracts/`; the source's own name when absent."""


class Job(Strict):
    """One Spark application: an EMR step with a role of its own."""

    entrypoint: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)*$")] | None = None
    """Folder below `spark_jobs/` that holds job.py; `<tenant>/<job>` when absent."""
    reads: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    writes: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    compute: Literal["small", "medium", "large"] = "small"
    time_critical: bool = False
    """A time-critical job gets no Spot capacity."""


class Report(Strict):
    """A view in the warehouse, `reports/<name>.sql`, for analysts."""

    title: FreeText


class TenantSpec(Strict):
    """What a team writes in `tenants/<tenant>/tenant.yaml`."""

    tenant: DnsName
    description: FreeText
    owner: Email
    cost_centre: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$", max_length=20)]
    classification: Classification = Classification.CONFIDENTIAL
    retention_days: Annotated[int, Field(ge=30, le=36500)] = 2555
    schedule: str = "daily"
    """A five-field cron expression, or hourly, daily, weekly, monthly. UTC."""
    deadline_minutes: Annotated[int, Field(ge=5, le=1440)] = 180
    """Minutes after the scheduled time at which the data must be published."""
    sources: Annotated[dict[Identifier, Source], Field(min_length=1)]
    jobs: Annotated[dict[Identifier, Job], Field(min_length=1)]
    publishes: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    warehouse: tuple[Identifier, ...] = ()
    """Published datasets that are loaded into Redshift, one table each."""
    reports: dict[Identifier, Report] = {}
    readers: tuple[DnsName, ...] = ()
    """Identity-centre groups that may read the published data."""


class Network(Strict):
    cidr: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+\.\d+/\d+$")]
    zones: Annotated[tuple[str, ...], Field(min_length=2, max_length=3)]


class Cluster(Strict):
    """How Spark gets machines in an environment."""

    mode: Literal["long_running", "transient"]
    release: Annotated[str, Field(pattern=r"^emr-7\.\d+\.\d+$")] = "emr-7.14.0"
    primary_types: Annotated[tuple[InstanceType, ...], Field(min_length=1)] = ("m6g.xlarge", "m5.xlarge")
    worker_types: Annotated[tuple[InstanceType, ...], Field(min_length=5)]
    """Types for core and task nodes, all of one size, at least two families (EMR-11)."""
    core_units: Annotated[int, Field(ge=2)] = 2
    max_units: Annotated[int, Field(ge=2)] = 10
    idle_timeout_minutes: Annotated[int, Field(ge=1, le=10080)] = 15
    max_hours: Annotated[int, Field(ge=1, le=24)] = 6
    """Age at which the reaper may end a transient cluster."""


class Airflow(Strict):
    version: str = "3.0.6"
    environment_class: Annotated[str, Field(pattern=r"^mw1\.\w+$")] = "mw1.small"
    max_workers: Annotated[int, Field(ge=1)] = 5


class Warehouse(Strict):
    node_type: str = "ra3.large"
    nodes: Annotated[int, Field(ge=1)] = 2
    snapshot_days: Annotated[int, Field(ge=1, le=35)] = 7


class AuthorityDb(Strict):
    instance_class: str = "db.t4g.medium"
    multi_az: bool = False
    backup_days: Annotated[int, Field(ge=1, le=35)] = 14


class StreamSets(Strict):
    instance_type: InstanceType = "m6i.large"
    ami_id: Annotated[str, Field(pattern=r"^ami-[0-9a-f]+$")]


class EnvironmentSpec(Strict):
    """What the platform declares in `environments/<env>/environment.yaml`: one account, one blast radius."""

    environment: DnsName
    organisation: DnsName
    account_id: AccountId
    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
    deploy_role: str = "sluice-deploy"
    """Role in the account that Terraform assumes; made by the account's bootstrap."""
    network: Network
    cluster: Cluster
    airflow: Airflow = Airflow()
    warehouse: Warehouse = Warehouse()
    authority_db: AuthorityDb = AuthorityDb()
    streamsets: StreamSets
    deletion_protection: bool = True
    log_retention_days: Annotated[int, Field(ge=30)] = 400
    alerts_email: Email
    monthly_budget_usd: Annotated[int, Field(ge=1)]
    source_systems: dict[DnsName, Annotated[str, Field(pattern=r"^arn:aws:iam::\d{12}:role/.+$")]] = {}
    """{source system: ARN of the role with which it lands files}."""
    tags: dict[str, str] = {}

    @property
    def is_long_running(self) -> bool:
        return self.cluster.mode == "long_running"


TYPE_PATTERN = re.compile(
    r"^(string|varchar\((?P<length>\d+)\)|int|bigint|decimal\((?P<precision>\d+),\s*(?P<scale>\d+)\)|date|timestamp|boolean)$"
)


class Column(Strict):
    """One column of a contract. `type` is written as in the contract's physicalType, for example decimal(18,2)."""

    name: Identifier
    type: Annotated[str, Field(pattern=TYPE_PATTERN.pattern.replace("?P<length>", "").replace("?P<precision>", "").replace("?P<scale>", ""))]
    nullable: bool = True
    primary_key: bool = False
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
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    description: str = ""
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    quality: tuple[QualityRule, ...] = ()

    @property
    def primary_key(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.primary_key)


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
