"""A small repository of specs in a folder: two environments, one tenant, and the files that these ask for."""

from __future__ import annotations

import shutil
from pathlib import Path

from generator.errors import SpecErrors
from generator.spec import Project, load_project

CASES = Path(__file__).parent / "cases"
REPLACED = {
    "tenant": "tenants/claims/tenant.yaml",
    "contract": "tenants/claims/contracts/claim.odcs.yaml",
    "environment": "environments/dev/environment.yaml",
}
"""{first word of a case's name: the file that the case stands for}."""


def make_project(root: Path) -> Path:
    """Write the project and return its root; the jobs' scripts are empty, only their presence is judged."""
    shutil.copytree(CASES / "project", root, dirs_exist_ok=True)
    for job in ("clean", "total"):
        write(root, f"spark_jobs/claims/{job}/job.py", "")
    write(root, "spark_jobs/runtime/__init__.py", "")
    return root


def put_case(root: Path, case: Path) -> None:
    """Put a case in the place of the project's own file."""
    (root / REPLACED[case.stem.partition("_")[0]]).write_bytes(case.read_bytes())


def write(root: Path, path: str, text: str) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")


def edit(root: Path, path: str, old: str, new: str) -> None:
    """Replace text that must be there."""
    text = (root / path).read_text("utf-8")
    assert old in text
    write(root, path, text.replace(old, new))


def errors_of(root: Path) -> SpecErrors:
    """Return the mistakes that loading the project reports."""
    try:
        project: Project = load_project(root)
    except SpecErrors as errors:
        return errors
    raise AssertionError(f"no mistake was found in {sorted(project.tenants)}")
