"""The reaper's DAG in the real Airflow: what outlived its run is ended in the local EMR, everything else is left."""

from __future__ import annotations

from typing import Any

import pytest

from tests.end_to_end.conftest import Production

pytestmark = [pytest.mark.sandbox, pytest.mark.terraform, pytest.mark.airflow]

PAST, FUTURE = "2026-01-01T00:00:00Z", "2999-01-01T00:00:00Z"


def test_a_cluster_that_outlived_its_run_is_ended_and_the_reapers_run_fails_to_say_so(production: Production) -> None:
    emr = production.client("emr")
    left, busy, anothers = (
        _cluster(emr, production, tags)
        for tags in (
            {"managed-by": "sluice", "run_key": "annuity_daily/manual__1", "expires_at": PAST},
            {"managed-by": "sluice", "run_key": "annuity_daily/manual__2", "expires_at": FUTURE},
            {"expires_at": PAST},
        )
    )
    try:
        run = production.airflow().run("platform_reap_clusters", "2026-10-31")
        assert run.state == "failed"
        assert f"{left}: run annuity_daily/manual__1, expired {PAST}" in run.errors["reap_clusters"]
        assert busy not in run.errors["reap_clusters"]
        emr.get_waiter("cluster_terminated").wait(ClusterId=left, WaiterConfig={"Delay": 1})
        assert not {_state(emr, each) for each in (busy, anothers)} & {"TERMINATING", "TERMINATED"}
    finally:
        emr.terminate_job_flows(JobFlowIds=[left, busy, anothers])
    for each in (busy, anothers):
        emr.get_waiter("cluster_terminated").wait(ClusterId=each, WaiterConfig={"Delay": 1})
    assert production.airflow().run("platform_reap_clusters", "2026-10-31").state == "success", "nothing is left to end"


def _cluster(emr: Any, production: Production, tags: dict[str, str]) -> str:
    """Start a cluster that waits for steps."""
    answer = emr.run_job_flow(
        Name="left-behind",
        ReleaseLabel="emr-7.14.0",
        ServiceRole=production.names.platform.entity("emr-service"),
        JobFlowRole=production.names.platform.entity("emr-node"),
        Instances={
            "MasterInstanceType": "m6i.xlarge",
            "SlaveInstanceType": "m6i.xlarge",
            "InstanceCount": 2,
            "KeepJobFlowAliveWhenNoSteps": True,
        },
        Tags=[{"Key": name, "Value": value} for name, value in tags.items()],
    )
    return str(answer["JobFlowId"])


def _state(emr: Any, cluster_id: str) -> str:
    return str(emr.describe_cluster(ClusterId=cluster_id)["Cluster"]["Status"]["State"])
