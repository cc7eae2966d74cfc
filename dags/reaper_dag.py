"""The platform's own DAG: every 15 minutes, clusters that outlived their run are ended, and the run fails to say so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG

from dags.emr_reaper import ReapClustersOperator

with DAG(
    dag_id="platform_reap_clusters",
    description="Ends EMR clusters that outlived their run.",
    schedule="*/15 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=10),
    default_args={"owner": "platform"},
    tags=["platform", "sluice"],
) as dag:
    ReapClustersOperator(task_id="reap_clusters")
