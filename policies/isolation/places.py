"""What is a tenant's by its name in the platform's places, and what there opens all tenants: none may have that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.context import PLATFORM
from policies.isolation import actions
from policies.isolation.facts import ABSENT, Domain, Like
from policies.isolation.model import Asset, Rules
from policies.isolation.reading import text
from policies.plan import Plan

LISTING = actions.at_level("bucket", "List")
CONTROL = actions.at_level("bucket", "Write", "Permissions management", "Tagging")
PUBLISH = actions.at_level("parameter", "Write", "Permissions management", "Tagging")
BECOME = ("iam:PassRole", *actions.at_level("role", "Permissions management"))


class Places:
    """The places of one environment.

    Args:
        platform: the platform's plan.
        policies_of_buckets: `{bucket: its policy's rules}` of all plans.
    """

    def __init__(self, platform: Plan, policies_of_buckets: Mapping[str, Rules]) -> None:
        self._plan, self._context = platform, platform.context
        self._policies_of_buckets = policies_of_buckets

    def of_tenant(self, plan: Plan) -> Iterator[Asset]:
        """Yield a tenant's parameters, secrets, and prefixes in shared buckets.

        Raises:
            Undecided: where its buckets' access logs go cannot be told.
        """
        context = plan.context
        where = f"convention for {context.stack}"
        parameters = f"parameter/{context.organisation}/{context.environment}/{context.stack}/*"
        yield Asset(context.stack, where, "parameter", self._arn("ssm", parameters))
        for path in paths_above(parameters.removesuffix("*")):
            yield Asset(context.stack, where, "parameter", self._arn("ssm", path), only=("ssm:GetParametersByPath",))
        yield Asset(context.stack, where, "secret", self._arn("secretsmanager", f"secret:{context.name}/*"))
        for bucket, prefix in self._prefixes(plan):
            yield self._objects(context.stack, where, bucket, prefix)
            seen = {"s3:prefix": prefixes_that_show(prefix)}
            rules = self._policies_of_buckets.get(bucket, ())
            yield Asset(context.stack, where, "bucket", f"arn:aws:s3:::{bucket}", rules, seen, only=LISTING)

    def of_platform(self) -> Iterator[Asset]:
        """Yield power over shared buckets, parameters and the roles that deploy; certificates, logs and passwords."""
        name, plan = self._context.name, self._plan
        for place in ("artifacts", "airflow", "logs"):
            bucket = f"{name}-{place}"
            rules = self._policies_of_buckets.get(bucket, ())
            yield Asset(PLATFORM, f"bucket {bucket}", "bucket", f"arn:aws:s3:::{bucket}", rules, only=CONTROL)
        published = f"parameter/{self._context.organisation}/{self._context.environment}/{PLATFORM}/*"
        yield Asset(PLATFORM, "what it publishes", "parameter", self._arn("ssm", published), only=PUBLISH)
        yield Asset(PLATFORM, "roles that deploy", "role", f"{deploying(self._context.account_id)}*", only=BECOME)
        yield self._objects(PLATFORM, "certificates of the clusters", f"{name}-artifacts", "emr/")
        yield self._objects(PLATFORM, "notebooks of everybody", f"{name}-artifacts", "notebooks/")
        yield self._objects(PLATFORM, "trail of everybody's requests", f"{name}-logs", "cloudtrail/")
        for airflow in plan.of_type("aws_mwaa_environment"):
            logs = self._arn("logs", f"log-group:airflow-{text(airflow, 'name')}-*")
            yield Asset(PLATFORM, airflow.address, "log-group", logs)
        for group in plan.of_type("aws_cloudwatch_log_group"):
            logs = self._arn("logs", f"log-group:{text(group, 'name')}*")
            yield Asset(PLATFORM, group.address, "log-group", logs)
        for owner in ("rds", "redshift"):
            pattern = self._arn("secretsmanager", f"secret:{owner}!*")
            yield Asset(PLATFORM, f"administrator's password in {owner}", "secret", pattern)

    def _prefixes(self, plan: Plan) -> Iterator[tuple[str, str]]:
        """Yield (bucket, prefix) of a tenant's code, its DAGs, its clusters' logs and its buckets' access logs."""
        tenant, platform = plan.context.stack, self._context.name
        yield f"{platform}-artifacts", f"jobs/{tenant}/"
        yield f"{platform}-airflow", f"dags/{tenant}/"
        yield f"{platform}-logs", f"emr/{tenant}/"
        for logging in plan.of_type("aws_s3_bucket_logging"):
            bucket, prefix = text(logging, "target_bucket"), text(logging, "target_prefix")
            if prefix:
                yield bucket, prefix

    def _objects(self, stack: str, what: str, bucket: str, prefix: str) -> Asset:
        rules = self._policies_of_buckets.get(bucket, ())
        return Asset(stack, what, "object", f"arn:aws:s3:::{bucket}/{prefix}*", rules)

    def _arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self._context.region}:{self._context.account_id}:{rest}"


def deploying(account: str) -> str:
    """Return what the ARNs of the roles begin with that plan, sign, approve and apply (delivery/bootstrap)."""
    return f"arn:aws:iam::{account}:role/sluice-"


def paths_above(path: str) -> Iterator[str]:
    """Yield the paths of which ssm:GetParametersByPath gives everything below `path` too, with and without a slash."""
    parts = path.rstrip("/").split("/")
    for length in range(1, len(parts) + 1):
        yield "/".join(parts[:length])
        yield "/".join(parts[:length]) + "/"


def prefixes_that_show(prefix: str) -> Domain:
    """Return the values of s3:prefix with which a listing shows names below `prefix`."""
    return (ABSENT, *(prefix[:length] for length in range(len(prefix))), Like(f"{prefix}*"))
