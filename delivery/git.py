"""What Git says about the working tree: which paths differ from a revision, and which stacks a revision held."""

from __future__ import annotations

import subprocess
from pathlib import Path

from delivery.errors import DeliveryError
from delivery.workspace import StackId


class UnknownRevision(DeliveryError):
    """Git does not know the revision, or the folder is no repository."""

    exit_code = 2


class DirtyTree(DeliveryError):
    """The working tree holds what no commit does."""

    exit_code = 2


def changed_paths(root: Path, revision: str) -> set[str]:
    """Return every path that was added, changed or removed since `revision`, untracked files included.

    Raises:
        UnknownRevision: see there.
    """
    commit = resolve(root, revision)
    changed = _git(root, "diff", "--name-only", "--no-renames", "-z", commit)
    untracked = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return {path for path in (changed + untracked).split("\0") if path}


def stacks_at(root: Path, revision: str) -> set[StackId]:
    """Return the stacks that were rendered at `revision`."""
    listing = _git(root, "ls-tree", "-r", "--name-only", "-z", resolve(root, revision), "environments")
    parts = [path.split("/") for path in listing.split("\0")]
    return {StackId(part[1], part[3]) for part in parts if len(part) > 5 and part[2] == "rendered"}


def clean_commit(root: Path) -> str:
    """Return the commit of the working tree.

    Raises:
        DirtyTree: tracked files differ from it, so that no commit could build this tree again.
    """
    changed = _git(root, "status", "--porcelain", "--untracked-files=no").splitlines()
    if changed:
        raise DirtyTree(
            f"{len(changed)} files differ from the commit",
            why="a signed release must be one that anybody can build again from its commit",
            fix="commit them, then build and sign",
        )
    return resolve(root, "HEAD")


def people_between(root: Path, first: str, last: str) -> tuple[str, ...]:
    """Return who wrote, committed or co-authored the commits in which two commits' histories differ, sorted.

    Both ways: what going back takes away has authors too; of one commit, its own. Addresses are as they were written,
    and as .mailmap corrects them.

    Args:
        first: a commit; empty for the beginning of the history.

    Raises:
        UnknownRevision: a commit is not here, or the history is cut off, so that authors would be missed.
    """
    if _git(root, "rev-parse", "--is-shallow-repository").strip() != "false":
        raise UnknownRevision(
            "the history of this checkout is cut off", why="authors would be missed", fix="git fetch --unshallow origin"
        )
    commits = [resolve(root, revision) for revision in (first, last) if revision]
    between = ["-1", commits[0]] if len(commits) == 2 and commits[0] == commits[1] else ["...".join(commits)]
    form = "%ae%n%aE%n%ce%n%cE%n%(trailers:key=Co-authored-by,valueonly)"
    lines = _git(root, "log", f"--format={form}", *between).splitlines()
    return tuple(sorted({line.strip() for line in lines if line.strip()}))


def resolve(root: Path, revision: str) -> str:
    """Return the commit that `revision` names.

    Raises:
        UnknownRevision: see there.
    """
    try:
        return _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
    except subprocess.CalledProcessError as error:
        raise UnknownRevision(
            f"{revision!r} is no revision of this repository",
            expected="a branch, tag or commit that is fetched here",
            fix="git fetch origin, then name for example origin/main",
        ) from error


def branch_point(root: Path, revision: str) -> str:
    """Return the commit with which to compare the tree, so that only what this branch did counts as its change.

    That is where the branch left `revision`; what went on there since is no change of this branch. Where HEAD is older
    than `revision`, or their histories have nothing in common here, it is `revision` itself: rather too much.

    Raises:
        UnknownRevision: see there.
    """
    commit, head = resolve(root, revision), resolve(root, "HEAD")
    found = subprocess.run(["git", "merge-base", commit, head], cwd=root, check=False, capture_output=True, text=True)
    left = found.stdout.strip()
    return left if left and left != head else commit


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout
