"""One short-lived cluster, every decision made: what the Pulumi program declares, and nothing to look up.

Standard library alone, because it is read in two Python environments: ours, and the one that holds Pulumi.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True)
class SecurityGroups:
    """Ids of the platform's groups for primary nodes, for the others, and for the service's access."""

    primary: str
    worker: str
    service: str


@dataclass(frozen=True)
class Cluster:
    """What one cluster shall be.

    Attributes:
        name: of the cluster, `<organisation>-<environment>-<tenant>-ephemeral-<name>`.
        account_id, region: where it stands; the program refuses any other account.
        release: EMR's, `emr-7.14.0`.
        primary_types, worker_types: instance types, any of which will do; workers are of one size.
        core_units, max_units: On-Demand core nodes, and core and Spot task nodes together at most.
        idle_seconds: time without work after which EMR ends it, 60 to 604800.
        subnet_ids: private subnets of the platform.
        logs_bucket: bucket in which logs go below `emr/<name>/`.
        key_arn: key that encrypts the logs.
        tags: all there are, with those by which the reaper finds it.
    """

    name: str
    account_id: str
    region: str
    release: str
    primary_types: tuple[str, ...]
    worker_types: tuple[str, ...]
    core_units: int
    max_units: int
    idle_seconds: int
    service_role_arn: str
    instance_profile_arn: str
    security_configuration: str
    security_groups: SecurityGroups
    subnet_ids: tuple[str, ...]
    logs_bucket: str
    key_arn: str
    tags: dict[str, str]


def to_json(cluster: Cluster) -> str:
    """Return the cluster as one JSON object."""
    return json.dumps(asdict(cluster), sort_keys=True)


def from_json(text: str) -> Cluster:
    """Return the cluster that `to_json` wrote.

    Raises:
        ValueError: the text holds other fields.
    """
    values = json.loads(text)
    wanted = {field.name for field in fields(Cluster)}
    if set(values) != wanted:
        raise ValueError(f"fields {sorted(set(values) ^ wanted)} are missing or foreign")
    groups = SecurityGroups(**values.pop("security_groups"))
    lists = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
    return Cluster(**{**values, **lists}, security_groups=groups)
