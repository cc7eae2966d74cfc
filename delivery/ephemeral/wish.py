"""From what somebody asks for to the cluster that they get: who may have one where, for how long, on what it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from delivery.ephemeral.cluster import Cluster, SecurityGroups
from delivery.ephemeral.errors import CloudRefused, NotForThis, asking
from delivery.ephemeral.running import EPHEMERAL, EXPIRES_AT, FORM, MANAGED_BY, MANAGER, MOST_HOURS
from generator.model import EnvironmentSpec
from generator.names import Names
from generator.resolve.decisions import resolve
from generator.spec.project import load_tenant
from policies.surroundings import is_production

HOURS = 8
MOST_IDLE_MINUTES = 60
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST_NAME = 20
ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+")
PUBLISHED = {
    "subnet_ids": "private_subnet_ids",
    "primary": "emr_primary_security_group",
    "worker": "emr_worker_security_group",
    "service": "emr_service_security_group",
    "key_arn": "platform_key_arn",
}
"""What the platform publishes as SSM parameters, and what it is here."""


@dataclass(frozen=True)
class Wish:
    """What somebody asks for.

    Attributes:
        name: short name, unique in the environment, for example `ann` or `pr-123`.
        tenant: whose work it is for, and who pays.
        owner: address of who answers for it.
        hours: time to live, 1 to 24.
    """

    name: str
    tenant: str
    owner: str
    hours: int = HOURS


def check(wish: Wish, spec: EnvironmentSpec) -> None:
    """Refuse what nobody gets.

    Raises:
        NotForThis: see there.
    """
    require_development(spec)
    if not NAME.fullmatch(wish.name) or len(wish.name) > LONGEST_NAME:
        raise NotForThis(
            f"{wish.name!r} is no name for a cluster",
            expected=f"lower-case letters, digits and single - between them, first a letter, at most {LONGEST_NAME}",
        )
    if not ADDRESS.fullmatch(wish.owner):
        raise NotForThis(f"{wish.owner!r} is no owner", expected="an e-mail address", fix="--owner ann@example.com")
    if not 1 <= wish.hours <= MOST_HOURS:
        raise NotForThis(
            f"{wish.hours} hours is no time to live",
            expected=f"1 to {MOST_HOURS} hours",
            why="whoever needs a cluster for longer uses the shared one",
        )


def require_development(spec: EnvironmentSpec) -> None:
    """Refuse an environment in which nobody starts clusters by hand.

    Raises:
        NotForThis: its clusters belong to runs, or the CSO counts it as production.
    """
    if spec.is_long_running and not is_production(spec.environment):
        return
    reason = "is production" if is_production(spec.environment) else "has clusters of runs only (mode: transient)"
    raise NotForThis(
        f"{spec.environment}: {reason}",
        expected="a development environment, with cluster.mode long_running",
        why="in production Airflow alone starts clusters, one for each run",
        fix="--env dev",
    )


def tags_of(root: Path, wish: Wish, spec: EnvironmentSpec, expires_at: datetime) -> dict[str, str]:
    """Return all tags of the cluster: the tenant's, whose it is, and those by which it is ended.

    Raises:
        SpecErrors: there is no such tenant, or its spec has mistakes.
    """
    own = {
        "owner": wish.owner,
        "Name": cluster_name(wish, spec),
        "for-use-with-amazon-emr-managed-policies": "true",  # AmazonEMRServicePolicy_v2 acts only where it stands
        MANAGED_BY: MANAGER,
        EPHEMERAL: wish.name,
        EXPIRES_AT: expires_at.astimezone(UTC).strftime(FORM),
    }
    return dict(sorted({**resolve(load_tenant(root, wish.tenant), spec).tags, **own}.items()))


def cluster_name(wish: Wish, spec: EnvironmentSpec) -> str:
    return Names(spec, wish.tenant).entity(f"ephemeral-{wish.name}")


def expiry(wish: Wish, now: datetime) -> datetime:
    return now + timedelta(hours=wish.hours)


def published(ssm: Any, spec: EnvironmentSpec) -> dict[str, str]:
    """Return `{name in PUBLISHED: value}` of what the platform published.

    Raises:
        CloudRefused: it did not, or SSM does not say.
    """
    names = {Names(spec).parameter(parameter): key for key, parameter in PUBLISHED.items()}
    with asking(f"the parameters of {spec.environment}/platform"):
        answer = ssm.get_parameters(Names=sorted(names))
    if answer["InvalidParameters"]:
        raise CloudRefused(
            f"{spec.environment}/platform: has not published {', '.join(sorted(answer['InvalidParameters']))}",
            fix=f"sluice apply --env {spec.environment} --stack platform",
        )
    return {names[item["Name"]]: item["Value"] for item in answer["Parameters"]}


def cluster_of(wish: Wish, spec: EnvironmentSpec, tags: dict[str, str], platform: dict[str, str]) -> Cluster:
    """Return the cluster that fulfils a wish.

    Args:
        platform: what `published` returned.
    """
    names, wanted = Names(spec), spec.cluster
    return Cluster(
        name=cluster_name(wish, spec),
        account_id=spec.account_id,
        region=spec.region,
        release=wanted.release,
        primary_types=wanted.primary_types,
        worker_types=wanted.worker_types,
        core_units=wanted.core_units,
        max_units=wanted.max_units,
        idle_seconds=60 * min(wanted.idle_timeout_minutes, MOST_IDLE_MINUTES),
        service_role_arn=names.role_arn("emr-service"),
        instance_profile_arn=f"arn:aws:iam::{spec.account_id}:instance-profile/{names.entity('emr-node')}",
        security_configuration=names.entity("emr"),
        security_groups=SecurityGroups(platform["primary"], platform["worker"], platform["service"]),
        subnet_ids=tuple(item.strip() for item in platform["subnet_ids"].split(",")),
        logs_bucket=names.bucket("logs"),
        key_arn=platform["key_arn"],
        tags=tags,
    )
