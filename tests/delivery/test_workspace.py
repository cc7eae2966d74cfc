"""Run folders and the archive of a tenant's jobs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from delivery.errors import NotRendered
from delivery.workspace import OVERLAY_VARIABLE, StackId, prepare, write_jobs_archive
from tests.delivery.conftest import MakeStack

ANNUITY = StackId("dev", "annuity")


def test_rendered_tree_is_never_written_to(repository: MakeStack) -> None:
    root = repository("dev", "annuity")
    before = sorted(path.relative_to(root) for path in (root / "environments").rglob("*"))
    folder = prepare(root, ANNUITY, {})
    (folder / "plan.tfplan").touch()
    assert sorted(path.relative_to(root) for path in (root / "environments").rglob("*")) == before


def test_a_file_that_is_no_longer_rendered_vanishes(repository: MakeStack) -> None:
    root = repository("dev", "annuity")
    (root / ANNUITY.rendered / "terraform" / "old.tf").write_text("")
    prepare(root, ANNUITY, {})
    (root / ANNUITY.rendered / "terraform" / "old.tf").unlink()
    assert not (prepare(root, ANNUITY, {}) / "old.tf").exists()


def test_an_edit_after_the_plan_does_not_reach_the_apply(repository: MakeStack) -> None:
    root = repository("dev", "annuity")
    job = root / "spark_jobs" / "annuity" / "job.py"
    job.write_text("planned\n")
    folder = prepare(root, ANNUITY, {})
    job.write_text("edited\n")
    seen = folder / "../../../../.." / "spark_jobs" / "annuity" / "job.py"
    assert seen.read_text() == "planned\n"


def test_two_processes_do_not_share_a_run_folder(repository: MakeStack) -> None:
    root = repository("dev", "annuity")
    prepare(root, ANNUITY, {})
    program = (
        "from pathlib import Path; from delivery.workspace import StackId, prepare; "
        f"prepare(Path({str(root)!r}), StackId('dev', 'annuity'), {{}})"
    )
    other = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )
    assert f"process {os.getpid()} plans or applies it" in other.stderr


def test_overlay_is_laid_over_the_root(repository: MakeStack, tmp_path: Path) -> None:
    root = repository("dev", "annuity")
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    (overlay / "provider_override.tf").write_text("# endpoints")
    folder = prepare(root, ANNUITY, {OVERLAY_VARIABLE: str(overlay)})
    assert (folder / "provider_override.tf").read_text() == "# endpoints"


def test_unrendered_stack(tmp_path: Path) -> None:
    with pytest.raises(NotRendered, match="dev/annuity"):
        prepare(tmp_path, ANNUITY, {})


def test_archive_depends_on_code_alone(repository: MakeStack, tmp_path: Path) -> None:
    root = repository("dev", "annuity")
    job = root / "spark_jobs" / "annuity" / "job.py"
    job.write_text("print()\n")
    (root / "spark_jobs" / "claims").mkdir()
    (root / "spark_jobs" / "claims" / "job.py").write_text("other tenant\n")
    first = write_jobs_archive(root / "spark_jobs", "annuity", tmp_path / "a.zip")
    os.utime(job, (1, 1))
    assert write_jobs_archive(root / "spark_jobs", "annuity", tmp_path / "b.zip") == first
    assert zipfile.ZipFile(tmp_path / "a.zip").namelist() == ["spark_jobs/__init__.py", "spark_jobs/annuity/job.py"]
    job.write_text("print(1)\n")
    assert write_jobs_archive(root / "spark_jobs", "annuity", tmp_path / "c.zip") != first
