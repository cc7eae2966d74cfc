"""Git repositories for builds: a bare origin that takes no push without Jenkins' password, and a developer's tree."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

HOOK = """#!/bin/sh
# A push over HTTPS would ask for a password; one to a folder does not, so this asks for it.
[ "$($GIT_ASKPASS Password)" = password-of-git ] || { echo "remote: no push without a password" >&2; exit 1; }
"""
AUTHOR = "Dana Ortiz <dana@meridian.example>"


class Repository:
    """An origin, a developer's clone of it, and the folder in which an agent will clone it."""

    def __init__(self, folder: Path) -> None:
        """Begin with an empty origin and a developer's working tree to fill; `publish` makes the first commit."""
        self.origin, self.tree, self.workspace = folder / "origin.git", folder / "tree", folder / "workspace"
        self.tree.mkdir(parents=True)
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.origin))
        git(self.tree, "init", "--quiet", "--initial-branch=main")
        git(self.tree, "remote", "add", "origin", str(self.origin))
        _program(self.origin / "hooks/pre-receive", HOOK)

    def commit(self, message: str, author: str = AUTHOR) -> str:
        """Commit the whole tree on the developer's branch and return the commit."""
        git(self.tree, "add", "--all")
        git(self.tree, "commit", "--quiet", "--allow-empty", "--author", author, "--message", message)
        return git(self.tree, "rev-parse", "HEAD")

    def publish(self, branch: str = "main") -> None:
        """Bring the developer's commit to a branch of the origin, as a merged pull request does."""
        git(self.tree, "push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{branch}", askpass=self._askpass())

    def pull(self) -> None:
        """Make the developer's tree what main is, with what Jenkins has pushed there."""
        git(self.tree, "fetch", "--quiet", "origin", "main")
        git(self.tree, "checkout", "--quiet", "--force", "-B", "main", "FETCH_HEAD")

    def _askpass(self) -> str:
        return _program(self.origin.parent / "askpass", "#!/bin/sh\necho password-of-git\n")


def _program(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def git(folder: Path, *arguments: str, askpass: str = "") -> str:
    """Run Git as nobody in particular, without any configuration but its own, and return what it says."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_COMMITTER_NAME": "a forge",
        "GIT_COMMITTER_EMAIL": "forge@meridian.example",
        "GIT_AUTHOR_NAME": "a forge",
        "GIT_AUTHOR_EMAIL": "forge@meridian.example",
        "GIT_ASKPASS": askpass,
    }
    done = subprocess.run(["git", *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"git {' '.join(arguments)}: {done.stderr}")
    return done.stdout.strip()
