"""Who removed a tenant from Git is known by Git, or nobody approves anything."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from delivery.decommission.removal import removed_by
from delivery.git import UnknownRevision


def commit(root: Path, who: str, *more: str) -> None:
    name = who.partition("@")[0]
    identity = ["-c", f"user.name={name}", "-c", f"user.email={who}"]
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)
    subprocess.run(
        ["git", *identity, "commit", "-q", "--allow-empty", "-m", "\n\n".join(["x", *more])], cwd=root, check=True
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    spec = tmp_path / "tenants" / "claims" / "tenant.yaml"
    spec.parent.mkdir(parents=True)
    spec.touch()
    commit(tmp_path, "maker@example.com")
    spec.unlink()
    commit(tmp_path, "remover@example.com", "Co-authored-by: Pair <pair@example.com>")
    (tmp_path / "later").touch()
    commit(tmp_path, "other@example.com")
    return tmp_path


def test_of_the_commit_that_removed_it(root: Path) -> None:
    assert removed_by(root, "claims") == ("Pair <pair@example.com>", "remover <remover@example.com>")
    assert removed_by(root, "never-there") == ()


def test_without_the_history_nobody_knows(root: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownRevision, match="Git does not say who removed claims"):
        removed_by(root.parent.parent, "claims")
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{root}", str(shallow)], check=True)
    with pytest.raises(UnknownRevision, match="cut off"):
        removed_by(shallow, "claims")
