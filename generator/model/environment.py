"""What the platform may declare of an environment: one account, its network, cluster and services.

Decides which values exist and which are allowed. It must not know what anything is called in the cloud (`names.py`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from generator.model.delivery import Delivery
from generator.model.shapes import (
    AccountId,
    DatabaseClass,
    DnsName,
    Email,
    InstanceType,
    LogRetention,
    PrivateNetwork,
    RedshiftNode,
    RoleArn,
    RoleName,
    TagKey,
    TagValue,
    Zone,
)
from generator.model.strict import Strict

OWN_TAGS = ("tenant", "env", "owner", "cost-centre", "data-class", "managed-by")
"""Tags that Sluice sets on every resource, whatever an environment says."""


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

    version: Annotated[str, Field(pattern=r"^3[.][0-9]+[.][0-9]+$")] = "3.0.6"
    """One that MWAA offers."""
    environment_class: Annotated[str, Field(pattern=r"^mw1[.][a-z0-9]+$")] = "mw1.small"
    """Size of scheduler and workers."""
    max_workers: Annotated[int, Field(ge=1)] = 5
    """Workers at most."""


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
    """Type of the machine."""
    ami_id: Annotated[str, Field(pattern=r"^ami-[0-9a-f]+$")]
    """Image with your StreamSets engine, ami-<hexadecimal digits>."""


class EnvironmentSpec(Strict):
    """What the platform declares in `environments/<env>/environment.yaml`: one account, one blast radius."""

    environment: DnsName
    """The environment's name, the same as its folder's."""
    organisation: DnsName
    """First part of every name; the same in all environments."""
    organisation_id: Annotated[str, Field(pattern=r"^o-[a-z0-9]{10,32}$")]
    """AWS Organizations' id of the organisation, outside which nobody reaches data; the same in all environments."""
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
    delivery: Delivery = Delivery()
    """How a release gets into the environment; nothing is rendered from it."""

    @property
    def is_long_running(self) -> bool:
        return self.cluster.mode == "long_running"
