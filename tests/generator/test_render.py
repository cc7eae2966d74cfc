"""Rendered files are what was accepted, in the form that each language's tools accept."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath
from string import Template
from typing import Any

import botocore.session
import hcl2
import pytest
import sqlglot
from botocore.validate import ParamValidator

from delivery.terraform import find_terraform
from generator.render import Tree, check_render, render, render_tree
from generator.render.job_flow import job_flow_values
from generator.render.tree import PLATFORM_TEMPLATES, TENANT_TEMPLATES, template_hashes
from generator.resolve import resolve
from generator.spec.graph import BATCH_STATEMENTS, LOAD_STATEMENTS, MOST_TABLES
from generator.spec.tenant import RESERVED_TASKS
from tests.generator import golden_files, samples

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
LOADED_VERSION = {
    "version_id": "0191d0a0-0000-7000-8000-000000000001",
    "as_of": "2026-10-31",
    "location": "s3://bucket/priced_claim/as_of=2026-10-31/attempt=a/",
    "rows": "3",
}


@pytest.fixture(scope="module")
def tree() -> Tree:
    return render_tree([samples.tenant()], samples.environments())


def tenant_files(tree: Tree, suffix: str, environment: str = "prod") -> dict[str, str]:
    """Return {path below the tenant's folder: text} of files with a suffix."""
    folder = PurePosixPath(f"environments/{environment}/rendered/claims")
    return {
        str(path.relative_to(folder)): text
        for path, text in tree.items()
        if path.is_relative_to(folder) and path.suffix == suffix
    }


def job_flow(tree: Tree) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(tenant_files(tree, ".json")["dag/job_flow.json"])
    return document


def test_golden(tree: Tree, pytestconfig: pytest.Config) -> None:
    """Manifests hold hashes of every template, so they would change with each; `test_manifest.py` tests them."""
    texts = {path: text for path, text in tree.items() if path.name != "MANIFEST.json"}
    golden_files.compare(GOLDEN, texts, bool(pytestconfig.getoption("--update-golden")))


def test_rendering_twice_gives_the_same_bytes(tree: Tree) -> None:
    again = render_tree([samples.tenant()], list(reversed(samples.environments())))
    assert again == tree
    assert list(again) == list(tree) == sorted(tree)


def test_another_tenant_changes_no_file_of_the_first(tree: Tree) -> None:
    both = render_tree([samples.tenant("claims-two"), samples.tenant()], samples.environments())
    assert {path: text for path, text in both.items() if path.parts[3] != "claims-two"} == tree
    assert any(path.parts[3] == "claims-two" for path in both)


def test_a_manifest_names_every_file_beside_it(tree: Tree) -> None:
    for path, text in tree.items():
        if path.name == "MANIFEST.json":
            beside = {str(p.relative_to(path.parent)) for p in tree if p.is_relative_to(path.parent) and p != path}
            assert set(json.loads(text)["outputs"]) == beside


def test_every_template_that_reaches_a_file_is_hashed() -> None:
    """Terraform's shared ones in both kinds of stack."""
    tenant, platform = set(template_hashes(TENANT_TEMPLATES)), set(template_hashes(PLATFORM_TEMPLATES))
    folder = ROOT / "generator/render/templates"
    every = {path.relative_to(folder).as_posix() for path in folder.rglob("*.j2")}
    assert tenant | platform == every
    assert tenant & platform == {name for name in every if name.startswith("terraform/shared/")}


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_rendered_python_passes_ruff(tree: Tree, environment: str) -> None:
    name = f"environments/{environment}/rendered/claims/dag/claims_daily.py"
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", "--stdin-filename", name, "-"]
        done = subprocess.run(
            ruff, input=tree[PurePosixPath(name)], text=True, capture_output=True, cwd=ROOT, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.terraform
def test_rendered_hcl_is_formatted(tree: Tree, tmp_path: Path) -> None:
    for path, text in tree.items():
        if path.suffix in (".tf", ".hcl"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
    command = [*find_terraform(), "fmt", "-check", "-recursive", "-no-color", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_terraform_variables_are_declared_and_set(tree: Tree) -> None:
    """Terraform only warns of a value without a variable; here it is an error."""
    for path, text in tree.items():
        if path.name == "terraform.tfvars.json":
            declared = {
                name.strip('"'): body
                for block in hcl2.loads(tree[path.with_name("variables.tf")])["variable"]
                for name, body in block.items()
            }
            values = json.loads(text)
            assert values.keys() <= declared.keys(), path
            assert {name for name, body in declared.items() if "default" not in body} <= values.keys(), path


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


def test_the_job_flow_is_what_emr_accepts(tree: Tree) -> None:
    document = job_flow(tree)
    shape = botocore.session.get_session().get_service_model("emr").operation_model("RunJobFlow").input_shape
    assert shape is not None
    report = ParamValidator().validate(document, shape)
    assert not report.has_errors(), report.generate_report()


def test_the_job_flow_protects_what_it_must(tree: Tree) -> None:
    document = job_flow(tree)
    instances = document["Instances"]
    assert instances["KeepJobFlowAliveWhenNoSteps"]
    assert not instances["TerminationProtected"]
    assert "Ec2KeyName" not in instances
    assert document["AutoTerminationPolicy"] == {"IdleTimeout": 900}
    assert document["SecurityConfiguration"] == "acme-prod-platform-emr"
    assert document["LogUri"] == "s3://acme-prod-platform-logs/emr/claims/"
    tags = {tag["Key"]: tag["Value"] for tag in document["Tags"]}
    assert tags.keys() >= {"tenant", "env", "owner", "cost-centre", "data-class"}
    assert (tags["tenant"], tags["env"]) == ("claims", "prod")
    assert tags["for-use-with-amazon-emr-managed-policies"] == "true"
    assert instances["Ec2SubnetIds"] == ["ssm:/acme/prod/platform/private_subnet_ids"]


def test_task_capacity_is_spot_and_the_rest_on_demand(tree: Tree) -> None:
    document = job_flow(tree)
    primary, core, task = document["Instances"]["InstanceFleets"]
    assert (primary["TargetOnDemandCapacity"], core["TargetOnDemandCapacity"]) == (1, 2)
    assert "TargetSpotCapacity" not in {*primary, *core}
    assert (task["TargetSpotCapacity"], "TargetOnDemandCapacity" in task) == (10, False)
    spot = task["LaunchSpecifications"]["SpotSpecification"]
    assert (spot["AllocationStrategy"], spot["TimeoutAction"]) == ("price-capacity-optimized", "SWITCH_TO_ON_DEMAND")
    assert len(task["InstanceTypeConfigs"]) >= 5
    assert document["ManagedScalingPolicy"]["ComputeLimits"] == {
        "UnitType": "InstanceFleetUnits",
        "MinimumCapacityUnits": 2,
        "MaximumCapacityUnits": 12,
        "MaximumOnDemandCapacityUnits": 2,
        "MaximumCoreCapacityUnits": 2,
    }


def test_time_critical_work_gets_no_spot_capacity() -> None:
    jobs = {"clean": {"reads": ("rates",), "writes": ("claim",), "compute": "medium", "time_critical": True}}
    changes: dict[str, Any] = {"jobs": jobs, "publishes": ("claim",), "warehouse": (), "reports": {}}
    document = job_flow(render_tree([samples.tenant(**changes)], [samples.environment()]))
    task = document["Instances"]["InstanceFleets"][2]
    assert "Spot" not in json.dumps(document)
    assert task["TargetOnDemandCapacity"] == 4
    assert document["ManagedScalingPolicy"]["ComputeLimits"]["MaximumOnDemandCapacityUnits"] == 6


def test_small_work_needs_no_task_fleet() -> None:
    jobs = {"clean": {"reads": ("rates",), "writes": ("claim",)}}
    changes: dict[str, Any] = {"jobs": jobs, "publishes": ("claim",), "warehouse": (), "reports": {}}
    document = job_flow(render_tree([samples.tenant(**changes)], [samples.environment()]))
    fleets = document["Instances"]["InstanceFleets"]
    assert [fleet["InstanceFleetType"] for fleet in fleets] == ["MASTER", "CORE"]


def test_a_pipeline_reads_and_writes_its_own_places(tree: Tree) -> None:
    document = json.loads(tenant_files(tree, ".json")["dag/ingest/rates.json"])["pipelineConfig"]
    origin, target, finisher = document["stages"]
    options = {option["name"]: option["value"] for option in (*origin["configuration"], *target["configuration"])}
    assert options["s3ConfigBean.s3Config.bucket"] == "acme-prod-claims-landing"
    assert options["s3ConfigBean.s3Config.commonPrefix"] == "rates/as_of=${AS_OF}/"
    assert options["s3TargetConfigBean.s3Config.bucketTemplate"] == "acme-prod-claims-raw"
    assert options["s3TargetConfigBean.s3Config.commonPrefix"] == "rates/as_of=${AS_OF}/attempt=${ATTEMPT}/"
    assert {value for name, value in options.items() if name.endswith("credentialMode")} == {"WITH_IAM_ROLES"}
    parser = {option["name"]: option["value"] for option in origin["services"][0]["configuration"]}
    assert parser["dataFormatConfig.csvCustomDelimiter"] == ";"
    assert finisher["inputLanes"] == origin["eventLanes"]
    assert target["inputLanes"] == origin["outputLanes"]


def test_a_pipelines_label_follows_its_content(tree: Tree) -> None:
    def label(tree: Tree, environment: str) -> str:
        text = tenant_files(tree, ".json", environment)["dag/ingest/rates.json"]
        return str(json.loads(text)["pipelineConfig"]["metadata"]["sluice.sha256"])

    other_words = render_tree([samples.tenant(description="Other words.")], samples.environments())
    assert label(other_words, "prod") == label(tree, "prod")
    assert label(tree, "dev") != label(tree, "prod")


def statements(text: str) -> list[str]:
    """Split as the loading operator does."""
    return [statement for statement in text.split(";\n") if statement.strip()]


def test_sql_parses_as_redshift(tree: Tree) -> None:
    for name, text in tenant_files(tree, ".sql").items():
        filled = Template(text).substitute(LOADED_VERSION)
        parsed = [s for s in sqlglot.parse(filled, dialect="redshift") if s is not None]
        assert len(parsed) == len(statements(text)), name
        kept_as_text = [s.sql(comments=False) for s in parsed if isinstance(s, sqlglot.exp.Command)]
        assert kept_as_text == (['LOCK "claims".load_ledger'] if "/load/" in name else []), name


def test_a_load_is_guarded_by_the_ledger_and_counts_rows(tree: Tree) -> None:
    load = statements(tenant_files(tree, ".sql")["dag/warehouse/load/priced_claim.sql"])
    assert [next(line for line in s.splitlines() if not line.startswith("--")).split()[0] for s in load] == (
        ["LOCK", "CREATE", "COPY", "SELECT", "DELETE", "INSERT", "INSERT"]
    )
    assert all(
        "NOT EXISTS (SELECT 1 FROM \"claims\".load_ledger WHERE version_id = '${version_id}')" in s for s in load[4:]
    )
    assert "TRUNCATE" not in "".join(load)
    assert "'arn:aws:iam::444444444444:role/acme-prod-platform-warehouse,arn:aws:iam::" in load[2]


def test_the_largest_warehouse_is_loaded_in_one_batch(tree: Tree) -> None:
    """Specs refuse more tables: the statements counted there are the statements here."""
    load = statements(tenant_files(tree, ".sql")["dag/warehouse/load/priced_claim.sql"])
    assert len(load) == 1 + LOAD_STATEMENTS
    assert 1 + MOST_TABLES * LOAD_STATEMENTS <= BATCH_STATEMENTS


def test_a_report_becomes_a_view(tree: Tree) -> None:
    text = tenant_files(tree, ".sql")["dag/warehouse/reports/open_claims.sql"]
    assert text.endswith(
        'CREATE OR REPLACE VIEW "claims"."open_claims" AS\nSELECT id, amount\nFROM priced_claim\nWHERE is_open\n;\n'
    )


def test_a_repository_is_rendered_and_checked(tmp_path: Path) -> None:
    """Through files: what is committed is what the specs say, and a second render finds nothing to do."""
    shutil.copytree(ROOT / "tenants", tmp_path / "tenants")
    shutil.copytree(ROOT / "spark_jobs", tmp_path / "spark_jobs", ignore=shutil.ignore_patterns("__pycache__"))
    for environment in ("dev", "prod"):
        target = tmp_path / "environments" / environment
        target.mkdir(parents=True)
        shutil.copy(ROOT / "environments" / environment / "environment.yaml", target)
    assert {found.kind for found in check_render(tmp_path)} == {"missing"}
    first = render(tmp_path)
    assert (first.changed, first.removed, first.unchanged) == ((), (), ())
    assert check_render(tmp_path) == []
    assert render(tmp_path).unchanged == first.added
    committed = ROOT / "environments/prod/rendered/platform/terraform/main.tf"
    assert (tmp_path / committed.relative_to(ROOT)).read_text() == committed.read_text()


def test_what_is_committed_is_what_the_specs_say() -> None:
    """Job code counts too: its version stands in the DAG. Mend with `sluice render`."""
    assert [str(found) for found in check_render(ROOT)] == []


def test_every_looked_up_value_is_published_by_the_platform(tree: Tree) -> None:
    """A job flow asks SSM for what has no name by convention; the platform's root must put it there."""
    folder = PurePosixPath("environments/prod/rendered/platform/terraform")
    local_values = hcl2.loads(tree[folder / "parameters.tf"])["locals"][0]
    prefix = json.loads(tree[folder / "terraform.tfvars.json"])["parameter_prefix"]
    published = {f"ssm:{prefix}/{name}" for name in local_values["published"]}
    looked_up = set(re.findall(r'"(ssm:[^"]+)"', json.dumps(job_flow(tree))))
    assert looked_up
    assert looked_up <= published


def test_a_stack_without_a_cluster_of_its_own_has_no_job_flow() -> None:
    stack = resolve(samples.tenant(), samples.environment("dev", "long_running"))
    with pytest.raises(ValueError, match="acme-dev-claims has no cluster of its own"):
        job_flow_values(stack)
