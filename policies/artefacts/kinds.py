"""The kinds of artefacts that the gate judges: names in the register's `artefacts` and in `ArtefactCheck.artefact`."""

from __future__ import annotations

KINDS: dict[str, str] = {
    "spec": "tenants/<tenant>/tenant.yaml",
    "contract": "tenants/<tenant>/contracts/*.odcs.yaml",
    "spark_job": "spark_jobs/<tenant>/**.py and spark_jobs/runtime/**.py",
    "dag": "environments/<environment>/rendered/<tenant>/dag/*.py",
    "dag_runtime": "dags/*.py, the operators that rendered DAGs use",
    "job_flow": "environments/<environment>/rendered/<tenant>/dag/job_flow.json",
    "pipeline": "environments/<environment>/rendered/<tenant>/dag/ingest/*.json",
    "warehouse_sql": "environments/<environment>/rendered/<tenant>/dag/warehouse/**.sql",
    "migration": "authority/migrations/{sql/**.sql,versions/*.py}",
    "cloudformation": "tenants/<tenant>/cloudformation/*.yaml and delivery/bootstrap/account.yaml, in each environment",
    "jenkinsfile": "Jenkinsfile",
    "secret_scan": "every text file of the delivery, searched for secrets and for inline skips",
}
"""{kind: what it is and where it stands}; a Terraform plan is no artefact of these, it is read by policies.plan."""
