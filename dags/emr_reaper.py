"""End clusters that outlived their run: the last net below teardown and auto-termination."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import Context

from dags.compat import AirflowException
from dags.emr import USABLE, EmrOperator
from dags.job_flow import EXPIRES_AT, OWNER, RUN_KEY


class ReapClustersOperator(EmrOperator):
    """Terminate every cluster that was started for a run and whose `expires_at` has passed; fail if there was one.

    A cluster without `expires_at`, such as dev's long-running one, is never touched.
    """

    def execute(self, context: Context) -> None:
        expired = self._expired(dt.datetime.now(dt.UTC))
        if not expired:
            return
        self.hook.conn.terminate_job_flows(JobFlowIds=sorted(expired))
        lines = [f"  {cluster_id}: {run}" for cluster_id, run in sorted(expired.items())]
        raise AirflowException(
            "\n".join(["clusters outlived their runs and were terminated:", *lines])
            + "\n  why:      neither teardown nor auto-termination ended them\n"
            "  fix:      look at terminate_cluster of those runs"
        )

    def _expired(self, now: dt.datetime) -> dict[str, str]:
        """Return {cluster id: "run <run_key>, expired <time>"} of our clusters past their time."""
        found = {}
        for page in self.hook.conn.get_paginator("list_clusters").paginate(ClusterStates=list(USABLE)):
            for cluster in page["Clusters"]:
                described = self.hook.conn.describe_cluster(ClusterId=cluster["Id"])["Cluster"]
                tags = {tag["Key"]: tag["Value"] for tag in described.get("Tags", [])}
                ours = tags.get(OWNER[0]) == OWNER[1] and EXPIRES_AT in tags
                if ours and dt.datetime.fromisoformat(tags[EXPIRES_AT]) <= now:
                    found[cluster["Id"]] = f"run {tags.get(RUN_KEY)}, expired {tags[EXPIRES_AT]}"
        return found
