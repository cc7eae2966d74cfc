"""With what a branch is compared: where it left its base, and rather too much where that is not known."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from delivery.git import UnknownRevision, branch_point, resolve


def git(root: Path, *arguments: str) -> None:
    author = ("-c", "user.name=Ann", "-c", "user.email=ann@meridian.example", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *author, *arguments], cwd=root, check=True, capture_output=True)


def commit(root: Path, text: str) -> str:
    (root / "file").write_text(text)
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", text)
    return resolve(root, "HEAD")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    commit(tmp_path, "first")
    return tmp_path


def test_what_went_on_in_main_since_is_no_change_of_the_branch(root: Path) -> None:
    left = resolve(root, "main")
    git(root, "checkout", "-q", "-b", "branch")
    commit(root, "on the branch")
    git(root, "checkout", "-q", "main")
    commit(root, "on main")
    git(root, "checkout", "-q", "branch")
    assert branch_point(root, "main") == left


def test_the_commit_before_on_main(root: Path) -> None:
    first = resolve(root, "main")
    commit(root, "second")
    assert branch_point(root, "HEAD~1") == first
    assert branch_point(root, "HEAD") == resolve(root, "HEAD")


def test_going_back_is_compared_with_what_it_leaves(root: Path) -> None:
    newer = commit(root, "second")
    git(root, "checkout", "-q", "HEAD~1")
    assert branch_point(root, "main") == newer


def test_histories_with_nothing_in_common(root: Path) -> None:
    main = resolve(root, "main")
    git(root, "checkout", "-q", "--orphan", "other")
    commit(root, "another beginning")
    assert branch_point(root, "main") == main


def test_unknown(root: Path) -> None:
    with pytest.raises(UnknownRevision):
        branch_point(root, "nowhere")
