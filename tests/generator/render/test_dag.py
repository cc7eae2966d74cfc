"""A rendered DAG has the tasks, the retries and the order that its stack asks for."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from generator.render import Tree, render_tree
from generator.spec.tenant import RESERVED_TASKS
from tests.generator import samples
from tests.generator.render.rendered import tenant_files

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_rendered_python_passes_ruff(tree: Tree, environment: str) -> None:
    name = f"environments/{environment}/rendered/claims/dag/claims_daily.py"
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", "--stdin-filename", name, "-"]
        done = subprocess.run(
            ruff, input=tree[PurePosixPath(name)], text=True, capture_output=True, cwd=ROOT, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_dag_uses_only_what_its_cluster_mode_needs(tree: Tree) -> None:
    prod = tenant_files(tree, ".py")["dag/claims_daily.py"]
    dev = tenant_files(tree, ".py", "dev")["dag/claims_daily.py"]
    assert "CreateClusterOperator" in prod
    assert "FindClusterOperator" not in prod
    assert "FindClusterOperator" in dev
    assert not [word for word in ("CreateCluster", "Terminate", "join_steps", "job_flow.json") if word in dev]
    assert "dag/job_flow.json" not in tenant_files(tree, ".json", "dev")


def test_only_tasks_that_may_be_repeated_are_retried(tree: Tree) -> None:
    """A Spark step that failed would fail again; everything else adopts, upserts or only reads."""
    retries = {}
    for call in ast.walk(ast.parse(tenant_files(tree, ".py")["dag/claims_daily.py"])):
        if isinstance(call, ast.Call):
            keywords = {k.arg: k.value for k in call.keywords}
            if "task_id" in keywords:
                written = keywords.get("retries", ast.Constant(0))
                retries[ast.literal_eval(keywords["task_id"])] = ast.literal_eval(written)
    assert {task for task, count in retries.items() if count == 0} == {"clean", "price", "total", "join_steps"}


def test_a_dag_without_warehouse_ends_at_the_catalogue() -> None:
    tree = render_tree([samples.tenant(warehouse=(), reports={})], [samples.environment()])
    dag = tenant_files(tree, ".py")["dag/claims_daily.py"]
    assert "warehouse" not in dag
    assert tenant_files(tree, ".sql") == {}


def test_a_dag_without_reports_only_loads() -> None:
    tree = render_tree([samples.tenant(reports={})], [samples.environment()])
    dag = tenant_files(tree, ".py")["dag/claims_daily.py"]
    assert "LoadWarehouseOperator" in dag
    assert "RefreshReports" not in dag


def test_every_task_of_the_platforms_own_is_reserved(tree: Tree) -> None:
    """Specs refuse jobs of these names: the list there is the list here."""
    rendered: set[str] = set()
    for environment in ("dev", "prod"):
        for call in ast.walk(ast.parse(tenant_files(tree, ".py", environment)["dag/claims_daily.py"])):
            if isinstance(call, ast.Call):
                rendered |= {ast.literal_eval(k.value) for k in call.keywords if k.arg == "task_id"}
    jobs_and_sources = {"clean", "price", "total", "ingest_claims_in", "ingest_rates"}
    assert rendered - jobs_and_sources == set(RESERVED_TASKS)


def test_a_job_may_be_called_like_a_python_keyword() -> None:
    jobs = {"import": {"reads": ("rates",), "writes": ("claim",)}}
    changes: dict[str, Any] = {"jobs": jobs, "publishes": ("claim",), "warehouse": (), "reports": {}}
    tree = render_tree([samples.tenant(**changes)], [samples.environment()])
    ast.parse(tenant_files(tree, ".py")["dag/claims_daily.py"])
