"""Only clusters of ours whose time has passed are ended, and not in silence."""

from __future__ import annotations

from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.providers.amazon.aws.hooks.emr import EmrHook
from airflow.sdk.exceptions import AirflowException

import dags
from dags.emr_reaper import ReapClustersOperator
from tests.dags.conftest import run_task
from tests.dags.fake_aws import FakeEmr

PAST, FUTURE = "2026-01-01T00:00:00Z", "2999-01-01T00:00:00Z"
EPHEMERAL = {"managed-by": "sluice", "ephemeral": "ann", "owner": "ann@meridian.example"}
"""Tags of `sluice ephemeral`; tests/delivery/ephemeral holds them against what its program declares."""
OURS = {"managed-by": "sluice", "run_key": "annuity_daily/manual__1"}


@pytest.fixture
def emr(monkeypatch: pytest.MonkeyPatch) -> FakeEmr:
    client = FakeEmr()
    monkeypatch.setattr(EmrHook, "conn", client)
    return client


def test_expired_cluster_is_ended_and_told(emr: FakeEmr) -> None:
    expired = emr.add_cluster("a", "RUNNING", **OURS, expires_at=PAST)
    with pytest.raises(AirflowException, match=f"{expired}: run annuity_daily/manual__1, expired {PAST}"):
        run_task(ReapClustersOperator(task_id="reap"))
    assert emr.made("terminate_job_flows") == [{"JobFlowIds": [expired]}]


def test_engineers_cluster_is_ended_and_that_is_no_failure(emr: FakeEmr) -> None:
    expired = emr.add_cluster("meridian-dev-annuity-ephemeral-ann", "WAITING", **EPHEMERAL, expires_at=PAST)
    emr.add_cluster("meridian-dev-annuity-ephemeral-bob", **EPHEMERAL | {"ephemeral": "bob"}, expires_at=FUTURE)
    run_task(ReapClustersOperator(task_id="reap"))
    assert emr.made("terminate_job_flows") == [{"JobFlowIds": [expired]}]


def test_failure_names_runs_only(emr: FakeEmr) -> None:
    run = emr.add_cluster("a", **OURS, expires_at=PAST)
    short = emr.add_cluster("b", **EPHEMERAL, expires_at=PAST)
    with pytest.raises(AirflowException, match=run) as failure:
        run_task(ReapClustersOperator(task_id="reap"))
    assert short not in str(failure.value)
    assert emr.made("terminate_job_flows") == [{"JobFlowIds": sorted([run, short])}]


@pytest.mark.parametrize("text", ["", "tomorrow", "2999-01-01", "2999-01-01T00:00:00"])
def test_time_that_says_no_moment_is_over(emr: FakeEmr, text: str) -> None:
    """A hand may have changed the tag: then nobody knows how long, and the other clusters must still be ended."""
    unclear = emr.add_cluster("unclear", **EPHEMERAL, expires_at=text)
    expired = emr.add_cluster("expired", **EPHEMERAL, expires_at=PAST)
    run_task(ReapClustersOperator(task_id="reap"))
    assert emr.made("terminate_job_flows") == [{"JobFlowIds": sorted([unclear, expired])}]


def test_others_are_left_alone(emr: FakeEmr) -> None:
    emr.add_cluster("young", **OURS, expires_at=FUTURE)
    emr.add_cluster("dev's long-running", **{"managed-by": "sluice"})
    emr.add_cluster("a stranger's", expires_at=PAST)
    emr.add_cluster("ended", "TERMINATED", **OURS, expires_at=PAST)
    run_task(ReapClustersOperator(task_id="reap"))
    assert emr.made("terminate_job_flows") == []


def test_runtime_folder_holds_one_dag_and_no_errors() -> None:
    """Airflow parses the runtime's folder too: MWAA has it inside the DAGs folder."""
    [folder] = dags.__path__
    bag = DagBag(str(Path(folder)), safe_mode=False)
    assert bag.import_errors == {}
    assert set(bag.dags) == {"platform_reap_clusters"}
