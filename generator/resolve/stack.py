"""What a stack is: every decision about one tenant, or the platform, in one environment.

Decides which decisions there are. `decisions.py` takes them, templates and Terraform values lay them out; nobody
downstream of a stack decides anything again.
"""

from __future__ import annotations

from dataclasses import dataclass

from generator.model import Contract, EnvironmentSpec, Tenant
from generator.names import Names
from generator.resolve.access import Access


@dataclass(frozen=True)
class ResolvedSource:
    """Files that a source system lands and StreamSets ingests."""

    name: str
    system: str
    delivery: str
    arrives_by: str
    delimiter: str
    contract: Contract
    prefix: str
    """Key prefix in the landing and raw buckets, with a final slash."""
    landing_manifest: str
    """URI, with an Airflow expression for the date."""
    producer_role_arn: str | None
    """Role of another account with which the source system lands files; None when the environment names none."""
    pipeline_id: str
    pipeline_file: str
    """Path of the pipeline's document below the DAG's folder."""
    ingest_task: str


@dataclass(frozen=True)
class ResolvedDataset:
    """Data that a job writes to the curated zone; a Glue table each."""

    name: str
    contract: Contract
    prefix: str
    """Key prefix in the curated bucket, with a final slash."""
    location: str
    """URI of the prefix."""
    written_by: str
    is_published: bool
    is_loaded: bool
    """Whether Redshift holds a table of it."""


@dataclass(frozen=True)
class ResolvedJob:
    """A Spark application: one EMR step, one role."""

    name: str
    entrypoint: str
    """Folder below spark_jobs/ that holds job.py."""
    role_arn: str
    access: Access
    after: tuple[str, ...]
    """Jobs that write what this one reads, by name."""
    arguments: tuple[str, ...]
    """The step's command line, with Airflow expressions for date and attempt."""
    timeout_minutes: int


@dataclass(frozen=True)
class Schedule:
    """When a run starts and how long its parts may take."""

    cron: str
    deadline_minutes: int
    wait_minutes: int
    ingest_minutes: int
    step_minutes: int


@dataclass(frozen=True)
class Capacity:
    """Machines of a transient cluster, in instances: all worker types are of one size and count one unit each."""

    core_units: int
    task_units: int
    is_task_on_demand: bool
    concurrent_steps: int


@dataclass(frozen=True)
class Loading:
    """How Redshift gets a tenant's published datasets."""

    cluster_identifier: str
    database: str
    db_user: str
    schema: str
    role_chain: str
    """Two role ARNs, comma-separated: the cluster assumes the first, which assumes the tenant's."""
    role_arn: str
    access: Access
    tables: tuple[str, ...]
    reports: tuple[str, ...]
    readers: tuple[str, ...]
    """Database roles that may read all tables and reports, and nobody else may."""


@dataclass(frozen=True)
class Stack:
    """One tenant in one environment."""

    tenant: Tenant
    environment: EnvironmentSpec
    names: Names
    tags: dict[str, str]
    """Tags of every resource: tenant, env, owner, cost-centre, data-class and the environment's own (GOV-01)."""
    code_version: str
    code_location: str
    """URI, without a final slash, of this version's code."""
    code_prefix: str
    """Key prefix of it in the artifacts bucket, with a final slash."""
    schedule: Schedule
    sources: tuple[ResolvedSource, ...]
    datasets: tuple[ResolvedDataset, ...]
    jobs: tuple[ResolvedJob, ...]
    """In an order in which they can run."""
    recovery_class: str
    """bronze or silver; bronze in an environment that is not protected, which has no backups."""
    capacity: Capacity | None
    """None where a long-running cluster is shared."""
    loading: Loading | None
    """None when the tenant loads nothing into Redshift."""

    @property
    def name(self) -> str:
        return self.names.tenant

    @property
    def cluster_task(self) -> str:
        return "create_cluster" if self.capacity else "find_cluster"


@dataclass(frozen=True)
class PlatformStack:
    """What all tenants of one environment share. It knows none of them: adding one changes nothing here."""

    environment: EnvironmentSpec
    names: Names
    tags: dict[str, str]

    @property
    def is_backed_up(self) -> bool:
        return self.environment.deletion_protection

    @property
    def name(self) -> str:
        return self.names.tenant
