"""End clusters whose time is over: the last net below teardown and auto-termination."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from airflow.sdk import Context

from dags.compat import AirflowException
from dags.emr import USABLE, EmrOperator
from dags.job_flow import EPHEMERAL, EXPIRES_AT, OWNER, RUN_KEY


class ReapClustersOperator(EmrOperator):
    """Terminate every cluster of ours whose `expires_at` has passed, or says no moment.

    Fails if one of them was a run's, which its own teardown should have ended. That an engineer's short-lived cluster
    ends here is how it is meant. A cluster without `expires_at`, such as dev's long-running one, is never touched.
    """

    def execute(self, context: Context) -> None:
        expired = self._expired(dt.datetime.now(dt.UTC))
        if not expired:
            return
        self.hook.conn.terminate_job_flows(JobFlowIds=sorted(expired))
        told = {cluster_id: _told(tags) for cluster_id, tags in sorted(expired.items())}
        for cluster_id, text in told.items():
            self.log.info("terminated %s: %s", cluster_id, text)
        lines = [f"  {cluster_id}: {text}" for cluster_id, text in told.items() if EPHEMERAL not in expired[cluster_id]]
        if lines:
            raise AirflowException(
                "\n".join(["clusters outlived their runs and were terminated:", *lines])
                + "\n  why:      neither teardown nor auto-termination ended them\n"
                "  fix:      look at terminate_cluster of those runs"
            )

    def _expired(self, now: dt.datetime) -> dict[str, dict[str, str]]:
        """Return {cluster id: its tags} of our clusters past their time."""
        found = {}
        for page in self.hook.conn.get_paginator("list_clusters").paginate(ClusterStates=list(USABLE)):
            for cluster in page["Clusters"]:
                described = self.hook.conn.describe_cluster(ClusterId=cluster["Id"])["Cluster"]
                tags = {tag["Key"]: tag["Value"] for tag in described.get("Tags", [])}
                is_ours = tags.get(OWNER[0]) == OWNER[1] and EXPIRES_AT in tags
                if is_ours and _is_over(tags[EXPIRES_AT], now):
                    found[cluster["Id"]] = tags
        return found


def _is_over(text: str, now: dt.datetime) -> bool:
    """Tell whether a moment has passed; a text that says none, as a hand may leave it, has."""
    try:
        return dt.datetime.fromisoformat(text) <= now
    except (ValueError, TypeError):  # no time, or one without an offset, which cannot be compared
        return True


def _told(tags: Mapping[str, str]) -> str:
    whose = f"{tags[EPHEMERAL]} of {tags.get('owner')}" if EPHEMERAL in tags else f"run {tags.get(RUN_KEY)}"
    return f"{whose}, expired {tags[EXPIRES_AT]}"
