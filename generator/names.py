"""What everything is called. The one place that composes names that cross stacks.

A name is `{organisation}-{environment}-{tenant}-{entity}`; the platform's own things take `platform` as tenant.
"""

from __future__ import annotations

from dataclasses import dataclass

from generator.model import PLATFORM, EnvironmentSpec

BUCKET_LIMIT = 63
ROLE_LIMIT = 64
ZONES = ("landing", "raw", "curated")


class NameTooLong(ValueError):
    """A composed name is longer than AWS allows."""

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(f"{name!r} has {len(name)} characters; AWS allows {limit}")
        self.name, self.limit = name, limit


def pipeline_dag_id(tenant: str) -> str:
    """Return the DAG that makes and publishes a tenant's data, the same in every environment."""
    return f"{tenant.replace('-', '_')}_daily"


@dataclass(frozen=True)
class Names:
    """Names of one stack: a tenant, or the platform, in one environment."""

    environment: EnvironmentSpec
    tenant: str = PLATFORM

    @property
    def platform(self) -> Names:
        return Names(self.environment)

    @property
    def prefix(self) -> str:
        return f"{self.environment.organisation}-{self.environment.environment}-{self.tenant}"

    def entity(self, entity: str, limit: int = ROLE_LIMIT) -> str:
        """Return the name of one entity.

        Raises:
            NameTooLong: it has more than `limit` characters.
        """
        name = f"{self.prefix}-{entity.replace('_', '-')}"
        if len(name) > limit:
            raise NameTooLong(name, limit)
        return name

    def bucket(self, zone: str) -> str:
        return self.entity(zone, BUCKET_LIMIT)

    def role_arn(self, entity: str) -> str:
        """ARN of a role of this stack; tenants' roles live under `/tenant/<tenant>/` (IAM-02)."""
        path = "" if self.tenant == PLATFORM else f"tenant/{self.tenant}/"
        return f"arn:aws:iam::{self.environment.account_id}:role/{path}{self.entity(entity)}"

    def job_role(self, job: str) -> str:
        return f"job-{job}"

    def parameter(self, name: str) -> str:
        """SSM parameter that publishes a value to other stacks."""
        env = self.environment
        return f"/{env.organisation}/{env.environment}/{self.tenant}/{name}"

    @property
    def glue_database(self) -> str:
        return self.prefix.replace("-", "_")

    @property
    def schema(self) -> str:
        """The tenant's schema in the warehouse."""
        return self.tenant.replace("-", "_")

    @property
    def kms_alias(self) -> str:
        return f"alias/{self.prefix}"

    @property
    def kms_key_arn(self) -> str:
        """ARN of the key by its alias: the key's own identifier is not known at render time."""
        return f"arn:aws:kms:{self.environment.region}:{self.environment.account_id}:{self.kms_alias}"

    @property
    def dag_id(self) -> str:
        return pipeline_dag_id(self.tenant)

    @property
    def promise_dag_id(self) -> str:
        """The DAG that fails when the other one is not ready in time."""
        return f"{self.schema}_promise"

    @property
    def alerts_topic_arn(self) -> str:
        """The topic of the environment, by which people hear of what went wrong."""
        return f"arn:aws:sns:{self.environment.region}:{self.environment.account_id}:{self.platform.prefix}-alerts"

    def pipeline_id(self, source: str) -> str:
        """The StreamSets pipeline that ingests one source."""
        return f"{self.schema}_{source}"
