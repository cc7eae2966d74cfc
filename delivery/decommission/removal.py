"""Who took a tenant out of Git: whoever did so has begun its end, and cannot approve it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from delivery.git import UnknownRevision

FORM = "%an <%ae>%n%cn <%ce>%n%(trailers:key=Co-authored-by,valueonly,separator=%x0A)"


def removed_by(root: Path, tenant: str) -> tuple[str, ...]:
    """Return who wrote, committed or co-authored the commit that removed `tenants/<tenant>`, sorted.

    Empty where no commit of this history holds the tenant: then Git never had it.

    Raises:
        UnknownRevision: the folder is no repository, or its history is cut off.
    """
    try:
        if _git(root, "rev-parse", "--is-shallow-repository").strip() != "false":
            raise UnknownRevision(
                "the history of this checkout is cut off",
                why="it does not say who removed the tenant",
                fix="git fetch --unshallow origin",
            )
        said = _git(root, "log", "-1", "--full-history", f"--format={FORM}", "HEAD", "--", f"tenants/{tenant}")
    except subprocess.CalledProcessError as error:
        raise UnknownRevision(f"Git does not say who removed {tenant}", why=error.stderr.strip()) from error
    return tuple(sorted({line.strip() for line in said.splitlines() if line.strip()}))


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout
