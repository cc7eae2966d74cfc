"""Which short-lived clusters run, asked of EMR and never of Pulumi's record: what nobody recorded counts too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from delivery.ephemeral.errors import asking

MANAGED_BY, MANAGER = "managed-by", "sluice"
EPHEMERAL, EXPIRES_AT = "ephemeral", "expires_at"
"""Tags by which `sluice ephemeral reap` and dags/emr_reaper.py find a cluster and end it; as in dags/job_flow.py."""
LIVE = ("STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING")
MOST_HOURS = 24
FORM = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Running:
    """One short-lived cluster that runs or will.

    Attributes:
        name: short name, as `sluice ephemeral` takes it.
        state: EMR's word.
        expires_at: end of its time; None when its tag says no moment.
        tags: all it has.
    """

    cluster_id: str
    name: str
    state: str
    created_at: datetime
    expires_at: datetime | None
    tags: Mapping[str, str]

    @property
    def owner(self) -> str:
        return self.tags.get("owner", "")

    @property
    def tenant(self) -> str:
        return self.tags.get("tenant", "")


def running(emr: Any) -> list[Running]:
    """Return the account's short-lived clusters, the oldest first.

    Raises:
        CloudRefused: EMR does not say.
    """
    found = []
    with asking("EMR's clusters"):
        for page in emr.get_paginator("list_clusters").paginate(ClusterStates=list(LIVE)):
            for item in page["Clusters"]:
                cluster = emr.describe_cluster(ClusterId=item["Id"])["Cluster"]
                tags = {tag["Key"]: tag["Value"] for tag in cluster.get("Tags", [])}
                if tags.get(MANAGED_BY) == MANAGER and EPHEMERAL in tags:
                    found.append(_running(cluster, tags))
    return sorted(found, key=lambda one: one.created_at)


def _running(cluster: Mapping[str, Any], tags: Mapping[str, str]) -> Running:
    status = cluster["Status"]
    created_at = status["Timeline"]["CreationDateTime"].astimezone(UTC)
    expires_at = moment(tags.get(EXPIRES_AT, ""))
    return Running(cluster["Id"], tags[EPHEMERAL], status["State"], created_at, expires_at, tags)


def moment(text: str) -> datetime | None:
    """Return the moment that a tag says; None for one that says none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def why_over(cluster: Running, now: datetime) -> str:
    """Return why a cluster's time is over; empty while it is not.

    A tag can be changed by hand: whatever it says, nothing runs longer than MOST_HOURS.
    """
    if cluster.expires_at is None:
        return f"says by its tag {EXPIRES_AT} no moment: {cluster.tags.get(EXPIRES_AT)!r}"
    if cluster.expires_at <= now:
        return f"expired at {cluster.expires_at.strftime(FORM)}"
    if now - cluster.created_at > timedelta(hours=MOST_HOURS):
        return f"runs since {cluster.created_at.strftime(FORM)}, longer than {MOST_HOURS} hours"
    return ""


def end(emr: Any, clusters: Sequence[Running]) -> None:
    """Tell EMR to end clusters.

    Raises:
        CloudRefused: it refused.
    """
    if clusters:
        with asking("ending clusters"):
            emr.terminate_job_flows(JobFlowIds=[cluster.cluster_id for cluster in clusters])
