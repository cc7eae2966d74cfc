"""Discovery: every file has its kind, and what nobody would judge ends the search."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from policies.artefacts.base import Artefact
from policies.artefacts.discovery import discover, discover_shared
from policies.artefacts.kinds import KINDS
from policies.artefacts.places import CLASSES
from policies.context import Context
from policies.errors import ArtefactUnreadable

ROOT = Path(__file__).parents[3]
DAG = "environments/dev/rendered/annuity/dag"


def context(environment: str, stack: str) -> Context:
    return Context(environment, stack, date(2026, 11, 23), is_production=environment != "dev")


def of_kind(found: list[Artefact], kind: str) -> list[str]:
    return [artefact.path for artefact in found if artefact.kind == kind]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of what the repository delivers, small enough to break."""
    for folder in ("tenants", "environments", "spark_jobs", "dags", "authority/migrations"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_repository_is_found_whole() -> None:
    found = discover(ROOT, ["dev", "prod"], None, context)
    kinds = Counter(artefact.kind for artefact in found)
    assert kinds["dag"] == 4
    assert kinds["pipeline"] == 6
    assert kinds["job_flow"] == 1
    assert kinds["spec"] == 1
    assert of_kind(found, "contract") == sorted(
        path.relative_to(ROOT).as_posix() for path in (ROOT / "tenants").glob("*/contracts/*")
    )
    assert len(of_kind(found, "dag_runtime")) == len(list((ROOT / "dags").glob("*.py")))
    migrations = ROOT / "authority/migrations"
    scripts = [*migrations.rglob("*.sql"), *migrations.glob("versions/[0-9]*.py")]
    assert len(of_kind(found, "migration")) == len(scripts)
    assert {path for kind in kinds for path in of_kind(found, kind)} == set(of_kind(found, "secret_scan"))


def test_kinds_and_their_classes_agree() -> None:
    assert KINDS.keys() == CLASSES.keys()


def test_each_artefact_knows_where_it_runs() -> None:
    found = {artefact.path: artefact for artefact in discover(ROOT, ["dev", "prod"], None, context)}
    where = {path: (artefact.context.environment, artefact.context.stack) for path, artefact in found.items()}
    assert where[f"{DAG}/annuity_daily.py"] == ("dev", "annuity")
    assert where["environments/prod/rendered/platform/terraform/main.tf"] == ("prod", "platform")
    assert where["environments/prod/environment.yaml"] == ("prod", "platform")
    assert where["spark_jobs/annuity/rates.py"] == ("", "annuity")
    assert where["spark_jobs/runtime/run.py"] == ("", "")
    assert where["dags/emr.py"] == ("", "")


def test_the_parts_are_the_whole(root: Path) -> None:
    whole = discover(root, ["dev", "prod"], None, context)
    tenants = discover(root, ["dev", "prod"], ["annuity", "platform"], context)
    shared = discover_shared(root, context)

    def names(artefacts: list[Artefact]) -> list[tuple[str, str, str]]:
        return sorted((artefact.kind, artefact.path, artefact.context.environment) for artefact in artefacts)

    assert names([*tenants, *shared]) == names(whole)


def test_templates_are_judged_in_each_environment(root: Path) -> None:
    folder = root / "tenants/annuity/cloudformation"
    folder.mkdir()
    (folder / "topic.yaml").write_text("Resources: {}\n")
    found = discover(root, ["dev", "prod"], ["annuity"], context)
    templates = [artefact.context.environment for artefact in found if artefact.kind == "cloudformation"]
    assert templates == ["dev", "prod"]


def test_a_jenkinsfile_is_taken_when_it_appears(root: Path) -> None:
    assert of_kind(discover_shared(root, context), "jenkinsfile") == []
    (root / "Jenkinsfile").write_text("pipeline {}\n")
    (root / "ci").mkdir()
    (root / "ci/nightly.Jenkinsfile").write_text("pipeline {}\n")
    (root / "ci/plan.sh").write_text("make plan\n")
    assert of_kind(discover_shared(root, context), "jenkinsfile") == ["Jenkinsfile", "ci/nightly.Jenkinsfile"]


ADDED = {
    f"{DAG}/more.txt": "of no kind",
    f"{DAG}/second.py": "is not in",
    f"{DAG}/evil.pyc": "of no kind",
    f"{DAG}/ingest/x.yaml": "of no kind",
    f"{DAG}/warehouse/x.sh": "of no kind",
    "environments/dev/rendered/annuity/terraform/x.tf": "is not in",
    "environments/dev/rendered/annuity/terraform/modules/x.tf": "of no kind",
    "tenants/annuity/hooks.py": "of no kind",
    "tenants/annuity/contracts/x.json": "of no kind",
    "spark_jobs/annuity/native.so": "of no kind",
    "spark_jobs/annuity/.mypy_cache/x.json": "of no kind",
    "spark_jobs/ghost/job.py": "belongs to no tenant",
    "environments/dev/rendered/ghost/dag/x.py": "belongs to no tenant",
    "environments/stage/rendered/ghost/dag/x.py": "belongs to no tenant",
    "dags/plugins/x.py": "of no kind",
    "dags/notes.md": "of no kind",
    "authority/migrations/x.sh": "of no kind",
}


@pytest.mark.parametrize("path", ADDED)
def test_what_nobody_would_judge_is_refused(root: Path, path: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text("x = 1\n")
    with pytest.raises(ArtefactUnreadable, match=ADDED[path]) as refusal:
        discover(root, ["dev", "prod"], None, context)
    assert refusal.value.exit_code == 4


def test_a_tenant_without_any_dag_is_noticed(root: Path) -> None:
    for path in (root / DAG).glob("*.py"):
        path.unlink()
    with pytest.raises(ArtefactUnreadable, match="holds no DAG"):
        discover(root, ["dev", "prod"], None, context)


MISSING = {
    f"{DAG}/annuity_daily.py": "is missing",
    f"{DAG}/annuity_promise.py": "is missing",
    f"{DAG}/ingest/policies.json": "is missing",
    "environments/prod/rendered/annuity/dag/job_flow.json": "is missing",
    "environments/prod/rendered/annuity/terraform/main.tf": "is missing",
    "environments/dev/rendered/annuity/MANIFEST.json": "lists no files",
    "environments/dev/environment.yaml": "is missing or empty",
}


@pytest.mark.parametrize("path", MISSING)
def test_a_missing_file_is_noticed(root: Path, path: str) -> None:
    (root / path).unlink()
    with pytest.raises(ArtefactUnreadable, match=MISSING[path]):
        discover(root, ["dev", "prod"], None, context)


@pytest.mark.parametrize("folder", ["environments/dev/rendered/annuity", "spark_jobs/annuity"])
def test_a_tenant_without_its_files_is_noticed(root: Path, folder: str) -> None:
    shutil.rmtree(root / folder)
    with pytest.raises(ArtefactUnreadable, match=f"{folder}: is missing or empty"):
        discover(root, ["dev"], ["annuity"], context)


def test_a_manifest_that_lists_nothing_is_refused(root: Path) -> None:
    path = root / "environments/dev/rendered/annuity/MANIFEST.json"
    path.write_text(json.dumps({"outputs": {}}))
    with pytest.raises(ArtefactUnreadable, match="is not in"):
        discover(root, ["dev"], ["annuity"], context)


def test_a_name_that_is_no_tenant_is_refused(root: Path) -> None:
    with pytest.raises(ArtefactUnreadable, match="tenants/anuity: is no tenant"):
        discover(root, ["dev"], ["anuity"], context)


@pytest.mark.parametrize("path", [f"{DAG}/annuity_daily.py", "spark_jobs/annuity", "dags/emr.py", "tenants/annuity"])
def test_a_link_is_refused(root: Path, path: str) -> None:
    elsewhere = root / "elsewhere"
    (root / path).rename(elsewhere)
    (root / path).symlink_to(elsewhere)
    with pytest.raises(ArtefactUnreadable, match="is a link"):
        discover(root, ["dev", "prod"], None, context)


def test_a_link_to_nothing_is_refused(root: Path) -> None:
    (root / DAG / "gone.py").symlink_to(root / "nowhere")
    with pytest.raises(ArtefactUnreadable, match="is a link"):
        discover(root, ["dev"], None, context)


@pytest.mark.parametrize("path", [f"{DAG}/annuity_daily.py", "tenants/annuity/tenant.yaml", "dags/emr.py"])
def test_what_is_no_utf8_is_refused(root: Path, path: str) -> None:
    (root / path).write_bytes(b"\xff\xfe" + (root / path).read_bytes())
    with pytest.raises(ArtefactUnreadable, match="cannot be read as UTF-8"):
        discover(root, ["dev", "prod"], None, context)


def test_what_is_neither_file_nor_folder_is_refused(root: Path) -> None:
    os.mkfifo(root / DAG / "pipe.py")
    with pytest.raises(ArtefactUnreadable, match="is neither a file nor a folder"):
        discover(root, ["dev"], None, context)


def test_what_tools_leave_behind_is_passed_over(root: Path) -> None:
    for folder in ("spark_jobs/annuity/__pycache__", "environments/dev/rendered/annuity/terraform/.terraform"):
        (root / folder).mkdir()
        (root / folder / "x.bin").write_bytes(b"\xff")
    assert discover(root, ["dev"], None, context)
