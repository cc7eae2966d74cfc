# Rendered by sluice from tenants/annuity/tenant.yaml for prod.
# Do not edit: change the spec and run `sluice render`.
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.providers.amazon.aws.operators.emr import EmrTerminateJobFlowOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Param

from dags.authority import OpenRunOperator, PublishOperator
from dags.catalog import PointCatalogOperator
from dags.emr import CreateClusterOperator, RunStepOperator
from dags.readers import GrantReadersOperator
from dags.sources import VerifyIngestOperator, WaitForSourcesOperator
from dags.streamsets import StreamSetsOperator
from dags.warehouse import LoadWarehouseOperator, RefreshReportsOperator

HERE = Path(__file__).resolve().parent
AS_OF = "{{ params.as_of or ds }}"
ATTEMPT = "{{ ti.xcom_pull(task_ids='open_run')['attempt'] }}"
CLUSTER = "{{ ti.xcom_pull(task_ids='create_cluster') }}"
RESTATE = "{{ params.restate or '' }}"
RUN_KEY = "{{ dag.dag_id }}/{{ run_id }}"

with DAG(
    dag_id="annuity_daily",
    description="Fixed annuity block - policies, account values and payouts for finance and actuarial.",
    doc_md="Fixed annuity block - policies, account values and payouts for finance and actuarial.\n\nOwner annuity-data@meridian.example, cost centre CC-4711, data confidential. Published within 150 minutes of the scheduled time: else `annuity_promise` fails. Owner and platform are told of every failed run of either.\n\nSources:\n\n- `gl_totals`: brought by a batch script of ledger, expected by 03:30 UTC\n- `policies`: pushed by polaris, expected by 03:00 UTC\n- `transactions`: pushed by polaris, expected by 03:00 UTC\n\nJobs:\n\n- `conform`: reads policies, transactions, gl_totals; writes policy, policy_transaction, control_total, rejected_record\n- `summary`: reads policy, policy_transaction, account_value, payout, control_total; writes block_summary, reconciliation\n- `valuation`: reads policy, policy_transaction; writes account_value, payout\n\nReports:\n\n- `block_movement`: Account value movement by product\n- `reconciliation_status`: Ledger reconciliation by product and measure\n\nWhen a run fails: mend the cause and clear the run. Nothing is published twice, and no cluster of it stays.\n\nRendered by sluice; change the spec, not this DAG.\n",
    schedule="0 4 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=150),
    tags=[
        "annuity",
        "confidential",
        "prod",
        "sluice",
    ],
    params={
        "as_of": Param(
            None,
            type=["null", "string"],
            pattern=r"^\d{4}-\d{2}-\d{2}$",
            description="Business date; the run's own date when empty.",
        ),
        "restate": Param(
            None,
            type=["null", "string"],
            maxLength=500,
            description="Why published data of this date is to be replaced; empty in an ordinary run.",
        ),
    },
    default_args={
        "owner": "annuity-data@meridian.example",
        "retries": 0,
        "retry_delay": timedelta(seconds=30),
        "execution_timeout": timedelta(minutes=30),
    },
) as dag:
    wait_for_sources = WaitForSourcesOperator(
        task_id="wait_for_sources",
        source_manifests={
            "gl_totals": f"s3://meridian-prod-annuity-landing/gl_totals/as_of={AS_OF}/manifest.json",
            "policies": f"s3://meridian-prod-annuity-landing/policies/as_of={AS_OF}/manifest.json",
            "transactions": f"s3://meridian-prod-annuity-landing/transactions/as_of={AS_OF}/manifest.json",
        },
        timeout_minutes=50,
        execution_timeout=timedelta(minutes=55),
        retries=2,
    )
    open_run = OpenRunOperator(
        task_id="open_run",
        tenant="annuity",
        as_of=AS_OF,
        source_manifests={
            "gl_totals": f"s3://meridian-prod-annuity-landing/gl_totals/as_of={AS_OF}/manifest.json",
            "policies": f"s3://meridian-prod-annuity-landing/policies/as_of={AS_OF}/manifest.json",
            "transactions": f"s3://meridian-prod-annuity-landing/transactions/as_of={AS_OF}/manifest.json",
        },
        code_version="1e86a1de745fa4a0",
        publishes=[
            "account_value",
            "block_summary",
            "payout",
            "policy",
            "policy_transaction",
            "reconciliation",
            "rejected_record",
        ],
        restate=RESTATE,
        retries=2,
    )
    ingest_gl_totals = StreamSetsOperator(
        task_id="ingest_gl_totals",
        pool="streamsets",
        pipeline_id="annuity_gl_totals",
        pipeline_path=str(HERE / "ingest/gl_totals.json"),
        parameters={
            "AS_OF": AS_OF,
            "ATTEMPT": ATTEMPT,
        },
        timeout_minutes=50,
        execution_timeout=timedelta(minutes=55),
        retries=1,
    )
    ingest_policies = StreamSetsOperator(
        task_id="ingest_policies",
        pool="streamsets",
        pipeline_id="annuity_policies",
        pipeline_path=str(HERE / "ingest/policies.json"),
        parameters={
            "AS_OF": AS_OF,
            "ATTEMPT": ATTEMPT,
        },
        timeout_minutes=50,
        execution_timeout=timedelta(minutes=55),
        retries=1,
    )
    ingest_transactions = StreamSetsOperator(
        task_id="ingest_transactions",
        pool="streamsets",
        pipeline_id="annuity_transactions",
        pipeline_path=str(HERE / "ingest/transactions.json"),
        parameters={
            "AS_OF": AS_OF,
            "ATTEMPT": ATTEMPT,
        },
        timeout_minutes=50,
        execution_timeout=timedelta(minutes=55),
        retries=1,
    )
    verify_ingest = VerifyIngestOperator(
        task_id="verify_ingest",
        source_manifests={
            "gl_totals": f"s3://meridian-prod-annuity-landing/gl_totals/as_of={AS_OF}/manifest.json",
            "policies": f"s3://meridian-prod-annuity-landing/policies/as_of={AS_OF}/manifest.json",
            "transactions": f"s3://meridian-prod-annuity-landing/transactions/as_of={AS_OF}/manifest.json",
        },
        ingest_tasks={
            "gl_totals": "ingest_gl_totals",
            "policies": "ingest_policies",
            "transactions": "ingest_transactions",
        },
        retries=2,
    )

    create_cluster = CreateClusterOperator(
        task_id="create_cluster",
        pool="emr",
        job_flow_path=str(HERE / "job_flow.json"),
        run_key=RUN_KEY,
        max_hours=6,
        retries=2,
    )
    step_conform = RunStepOperator(
        task_id="conform",
        pool="emr",
        cluster_id=CLUSTER,
        step_name=f"conform/{ATTEMPT}",
        arguments=[
            "spark-submit",
            "--deploy-mode",
            "cluster",
            "--master",
            "yarn",
            "--conf",
            "spark.driver.memory=2g",
            "--conf",
            "spark.dynamicAllocation.maxExecutors=4",
            "--conf",
            "spark.executor.cores=4",
            "--conf",
            "spark.executor.memory=8g",
            "--conf",
            "spark.hadoop.fs.s3a.encryption.algorithm=SSE-KMS",
            "--conf",
            "spark.hadoop.fs.s3a.encryption.key=arn:aws:kms:us-east-1:222222222222:alias/meridian-prod-annuity",
            "--py-files",
            "s3://meridian-prod-platform-artifacts/jobs/annuity/1e86a1de745fa4a0/jobs.zip",
            "s3://meridian-prod-platform-artifacts/jobs/annuity/1e86a1de745fa4a0/annuity/conform/job.py",
            "--job",
            "conform",
            "--as-of",
            AS_OF,
            "--attempt",
            ATTEMPT,
            "--code-version",
            "1e86a1de745fa4a0",
            "--contracts",
            "s3://meridian-prod-platform-artifacts/jobs/annuity/1e86a1de745fa4a0/contracts.json",
            "--read",
            f"gl_totals=s3://meridian-prod-annuity-raw/gl_totals/as_of={AS_OF}/attempt={ATTEMPT}/",
            "--read",
            f"policies=s3://meridian-prod-annuity-raw/policies/as_of={AS_OF}/attempt={ATTEMPT}/",
            "--read",
            f"transactions=s3://meridian-prod-annuity-raw/transactions/as_of={AS_OF}/attempt={ATTEMPT}/",
            "--write",
            f"control_total=s3://meridian-prod-annuity-curated/control_total/as_of={AS_OF}/attempt={ATTEMPT}/",
            "--write",
            f"policy=s3://meridian-prod-annuity-curated/policy/as_of={AS_OF}/attempt={ATTEMPT}/",
            "--write",
            f"policy_transaction=s3://meridian-prod-annuity-curated/policy_transaction/as_of={AS_OF}/attempt={ATTEMPT}/",
            "--write",
            f"rejected_record=s3://meridian-prod-annuity-curated/rejected_record/as_of={AS_OF}/attempt={ATTEMPT}/",
        ],
        execution_role_arn="arn:aws:iam::222222222222:role/tenant/annuity/meridian-prod-annuity-job-conform",
        upstream_cluster_task="create_cluster",
        timeout_minutes=100,
        execution_timeout=timedelta(minutes=105),
    )
    step_valuation = RunStepOperator(
        task_id="valuation",
        pool="emr",
        cluster_id=CLUSTER,
        step_name=f"valuation/{ATTEMPT}",
        arguments=[
            "spark-submit",
            "--deploy-mode",
            "cluster",
            "--master",
            "yarn",
            "--conf",
            "spark.driver.memory=2g",
            "--conf",
            "spark.dynamicAllocation.maxExecutors=32",
            "--conf",
            "spark.executor.cores=4",
            "--conf",
            "spark.executor.memory=8g",
            "--conf",
            "spark.hadoop.fs.s3a.encryption.algorithm=SSE-KMS",
            "--conf",
            "spark.hadoop.fs.s3a.encryption.key=arn:aws:kms:us-east-1:222222222222:alias/meridian-prod-annuity",
            "--py-files",
            "s3://meridian-prod-platform-artifacts/jobs/annuity/1e86a1de745fa4a0/jobs.zip",
            "s3://meridian-prod-platform-artifacts/jobs/annuity/1e86a1de745fa4a0/annuity/valuation/job.py",
            "--job",
            "valuation",
            "--as-of",
            AS_OF,
            "--attempt",
            ATTEMPT,
            "--code-version",
            "1e86a1de745fa4a0",
            "--contracts",
            "s3://meridian-prod-platform-artifacts/jobs/annuity/1e86a1de745fa4a0/contracts.json",
            "--read",
            f"policy=s3://meridian-prod-annuity-curated/policy/as_of={AS_OF}/attempt={ATTEMPT}/",
            "--read",
            f"policy_transaction=s3://meridian-prod-annuity-curated/policy_transaction/as_of={AS_OF}/attempt={ATTEMPT}/",
            "--write",
            f"account_value=s3://meridian-prod-annuity-curated/account_value/as_of={AS_OF}/attempt={ATTEMPT}/",
            "--write",
            f"payout=s3://meridian-prod-annuity-curated/payout/as_of={AS_OF}/attempt={ATTEMPT}/",
        ],
        execution_role_arn="arn:aws:iam::222222222222:role/tenant/annuity/meridian-prod-annuity-job-valuation",
        upstream_cluster_task="create_cluster",
        timeout_minutes=100,
        execution_timeout=timedelta(minutes=105),
    )
    step_summary = RunStepOperator(
        task_id="summary",
        pool="emr",
        cluster_id=CLUSTER,
        step_name=f"summary/{ATTEMPT}",
        arguments=[
            "spark-submit",
            "--deploy-mode",
            "cluster",
            "--master",
            "yarn",
            "--conf",
            "spark.driver.memory=2g",
            "--conf",
            "spark.dynamicAllocation.maxExecutors=4",
            "--conf",
            "spark.executor.cores=4",
            "--conf",
            "spark.executor.memory=8g",
            "--conf",
            "spark.hadoop.fs.s3a.encryption.algorithm=SSE-KMS",
            "--conf",
            "spark.hadoop.fs.s3a.encryption.key=arn:aws:kms:us-east-1:222222222222:alias/meridian-prod-annuity",
            "--py-files",
            "s3://meridian-prod-platform-artifacts/jobs/annuity/1e86a1de745fa4a0/jobs.zip",
            "s3://meridian-prod-platform-artifacts/jobs/annuity/1e86a1de745fa4a0/annuity/summary/job.py",
            "--job",
            "summary",
            "--as-of",
            AS_OF,
            "--attempt",
            ATTEMPT,
            "--code-version",
            "1e86a1de745fa4a0",
            "--contracts",
            "s3://meridian-prod-platform-artifacts/jobs/annuity/1e86a1de745fa4a0/contracts.json",
            "--read",
            f"account_value=s3://meridian-prod-annuity-curated/account_value/as_of={AS_OF}/attempt={ATTEMPT}/",
            "--read",
            f"control_total=s3://meridian-prod-annuity-curated/control_total/as_of={AS_OF}/attempt={ATTEMPT}/",
            "--read",
            f"payout=s3://meridian-prod-annuity-curated/payout/as_of={AS_OF}/attempt={ATTEMPT}/",
            "--read",
            f"policy=s3://meridian-prod-annuity-curated/policy/as_of={AS_OF}/attempt={ATTEMPT}/",
            "--read",
            f"policy_transaction=s3://meridian-prod-annuity-curated/policy_transaction/as_of={AS_OF}/attempt={ATTEMPT}/",
            "--write",
            f"block_summary=s3://meridian-prod-annuity-curated/block_summary/as_of={AS_OF}/attempt={ATTEMPT}/",
            "--write",
            f"reconciliation=s3://meridian-prod-annuity-curated/reconciliation/as_of={AS_OF}/attempt={ATTEMPT}/",
        ],
        execution_role_arn="arn:aws:iam::222222222222:role/tenant/annuity/meridian-prod-annuity-job-summary",
        upstream_cluster_task="create_cluster",
        timeout_minutes=100,
        execution_timeout=timedelta(minutes=105),
    )
    join_steps = EmptyOperator(task_id="join_steps", trigger_rule="all_done")
    terminate_cluster = EmrTerminateJobFlowOperator(
        task_id="terminate_cluster",
        pool="emr",
        job_flow_id=CLUSTER,
        deferrable=True,
        waiter_delay=10,
        waiter_max_attempts=120,
        retries=3,
    ).as_teardown(setups=create_cluster, on_failure_fail_dagrun=True)

    publish = PublishOperator(
        task_id="publish",
        attempt=ATTEMPT,
        manifests={
            "account_value": f"s3://meridian-prod-annuity-curated/account_value/as_of={AS_OF}/attempt={ATTEMPT}/_manifest.json",
            "block_summary": f"s3://meridian-prod-annuity-curated/block_summary/as_of={AS_OF}/attempt={ATTEMPT}/_manifest.json",
            "payout": f"s3://meridian-prod-annuity-curated/payout/as_of={AS_OF}/attempt={ATTEMPT}/_manifest.json",
            "policy": f"s3://meridian-prod-annuity-curated/policy/as_of={AS_OF}/attempt={ATTEMPT}/_manifest.json",
            "policy_transaction": f"s3://meridian-prod-annuity-curated/policy_transaction/as_of={AS_OF}/attempt={ATTEMPT}/_manifest.json",
            "reconciliation": f"s3://meridian-prod-annuity-curated/reconciliation/as_of={AS_OF}/attempt={ATTEMPT}/_manifest.json",
            "rejected_record": f"s3://meridian-prod-annuity-curated/rejected_record/as_of={AS_OF}/attempt={ATTEMPT}/_manifest.json",
        },
        restate=RESTATE,
        retries=2,
    )
    point_catalog = PointCatalogOperator(
        task_id="point_catalog",
        database="meridian_prod_annuity",
        publish_task="publish",
        retries=2,
    )
    load_warehouse = LoadWarehouseOperator(
        task_id="load_warehouse",
        pool="warehouse",
        cluster_identifier="meridian-prod-platform-warehouse",
        database="warehouse",
        db_user="sluice_loader",
        sql_folder=str(HERE / "warehouse"),
        tables=[
            "account_value",
            "block_summary",
            "payout",
            "policy",
            "reconciliation",
        ],
        publish_task="publish",
        retries=2,
    )
    refresh_reports = RefreshReportsOperator(
        task_id="refresh_reports",
        pool="warehouse",
        cluster_identifier="meridian-prod-platform-warehouse",
        database="warehouse",
        db_user="sluice_loader",
        sql_folder=str(HERE / "warehouse" / "reports"),
        reports=[
            "block_movement",
            "reconciliation_status",
        ],
        retries=2,
    )
    grant_readers = GrantReadersOperator(
        task_id="grant_readers",
        pool="warehouse",
        cluster_identifier="meridian-prod-platform-warehouse",
        database="warehouse",
        db_user="sluice_loader",
        sql_folder=str(HERE / "warehouse"),
        schema="annuity",
        roles=[
            "awsidc:actuarial",
            "awsidc:finance-analysts",
        ],
        retries=2,
    )

    wait_for_sources >> open_run
    open_run >> ingest_gl_totals >> verify_ingest
    open_run >> ingest_policies >> verify_ingest
    open_run >> ingest_transactions >> verify_ingest
    verify_ingest >> create_cluster
    create_cluster >> step_conform
    step_conform >> step_valuation
    step_conform >> step_summary
    step_valuation >> step_summary
    step_summary >> publish
    step_conform >> join_steps
    step_valuation >> join_steps
    step_summary >> join_steps
    join_steps >> terminate_cluster
    publish >> point_catalog
    publish >> load_warehouse
    load_warehouse >> refresh_reports >> grant_readers
