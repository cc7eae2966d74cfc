"""One Git commit that holds an environment's pin and nothing else, and its way to the branch that everybody reads.

Done twice, or after a kill in between, it ends the same: what is committed already is not committed again.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from delivery.errors import DeliveryError
from delivery.pin import pin_path

MAIN = "main"
REMOTE = "origin"
GIT_SECONDS = 120
UNATTENDED = {"GIT_TERMINAL_PROMPT": "0"}
"""Where nobody can answer, Git must not ask."""


class GitRefused(DeliveryError):
    """Git could not commit or push a pin."""


class PushRefused(DeliveryError):
    """The branch has moved, or more than the pin would be pushed."""

    exit_code = 1


def commit_pin(root: Path, environment: str, message: str) -> str:
    """Commit the pin alone, whatever else is staged, and return the commit; HEAD where it holds this pin already.

    Raises:
        GitRefused: no identity is set, a hook refused, or the folder is no repository.
    """
    path = pin_path(environment).as_posix()
    _git(root, "add", "--", path)
    if _git(root, "status", "--porcelain", "--", path):
        _git(root, "commit", "--quiet", "--only", "--message", message, "--", path)
    return _git(root, "rev-parse", "HEAD")


def push_pin(root: Path, environment: str, branch: str = "") -> str:
    """Push HEAD to a branch, where it adds nothing but the pin, and return `<remote>/<branch>`.

    Args:
        branch: of the remote; the upstream of the branch that is checked out, else `main`, when empty.

    Raises:
        PushRefused: the branch holds commits that HEAD does not, or HEAD would bring others along.
        GitRefused: the remote cannot be reached or refuses.
    """
    remote, name = _upstream(root) if not branch else (REMOTE, branch)
    _git(root, "fetch", "--quiet", remote, f"refs/heads/{name}")
    tip = _git(root, "rev-parse", "FETCH_HEAD")
    if not _contains(root, tip):
        raise PushRefused(
            f"{remote}/{name}: has commits that are not in this checkout",
            why="somebody has pushed since it was fetched",
            fix=f"git pull --rebase {remote} {name}, then the same command again",
        )
    brought = set(_git(root, "log", "--format=", "--name-only", f"{tip}..HEAD").split("\n")) - {""}
    others = sorted(brought - {pin_path(environment).as_posix()})
    if others:
        raise PushRefused(
            f"{remote}/{name}: HEAD would bring {len(others)} other changed files along, first {others[0]}",
            expected=f"a checkout of {remote}/{name} with the pin's commit on top",
            fix="push or remove those commits first",
        )
    _git(root, "push", "--quiet", remote, f"HEAD:refs/heads/{name}")
    return f"{remote}/{name}"


def _upstream(root: Path) -> tuple[str, str]:
    """Return the remote and the branch that the current branch follows; Jenkins checks out none."""
    branch = _git(root, "branch", "--show-current")
    merges = _git(root, "config", "--default", f"refs/heads/{MAIN}", "--get", f"branch.{branch or MAIN}.merge")
    remote = _git(root, "config", "--default", REMOTE, "--get", f"branch.{branch or MAIN}.remote")
    return remote, merges.removeprefix("refs/heads/")


def _contains(root: Path, commit: str) -> bool:
    command = ["git", "merge-base", "--is-ancestor", commit, "HEAD"]
    return subprocess.run(command, cwd=root, capture_output=True, check=False).returncode == 0


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=root,
            env={**os.environ, **UNATTENDED},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=GIT_SECONDS,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise GitRefused(f"git {arguments[0]} failed", why=(error.stderr or error.stdout).strip()[-1000:]) from error
    except subprocess.TimeoutExpired as error:
        raise GitRefused(f"git {arguments[0]} did not end within {GIT_SECONDS} s", why="no answer") from error
    return done.stdout.strip()
