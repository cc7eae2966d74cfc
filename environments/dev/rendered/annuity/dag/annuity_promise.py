# Rendered by sluice from tenants/annuity/tenant.yaml for dev.
# Do not edit: change the spec and run `sluice render`.
from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG

from dags.promise import KeepPromiseOperator

with DAG(
    dag_id="annuity_promise",
    description="Fails when annuity_daily is not ready in time.",
    doc_md="Each run waits until 150 minutes after the scheduled time, and fails unless the run of `annuity_daily` for that time has succeeded by then, whatever kept it: it failed, still runs, waits, or was never made. Its runs are the record of which promises were kept.\n\nWhen a run fails: mend `annuity_daily`, not this. Cleared, it judges anew.\n\nRendered by sluice; change the spec, not this DAG.\n",
    schedule="0 4 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=155),
    tags=[
        "annuity",
        "confidential",
        "dev",
        "sluice",
    ],
    default_args={
        "owner": "annuity-data@meridian.example",
        "retries": 2,
        "retry_delay": timedelta(seconds=30),
        "execution_timeout": timedelta(minutes=155),
    },
) as dag:
    keep_promise = KeepPromiseOperator(
        task_id="keep_promise",
        pipeline="annuity_daily",
        deadline_minutes=150,
    )
