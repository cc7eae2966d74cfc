"""Who has ever written the templates of some tenants: none of them can approve what these would destroy."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from delivery.git import UnknownRevision

FORM = "%ae%n%aE%n%ce%n%cE%n%(trailers:key=Co-authored-by,valueonly)"
"""Addresses as written and as .mailmap corrects them."""


def authors_of(root: Path, tenants: Iterable[str]) -> tuple[str, ...]:
    """Return who wrote, committed or co-authored any commit that touches the tenants' templates, sorted.

    More than wrote this change, so that nobody is missed: a deletion's author stands in a commit of long ago.

    Raises:
        UnknownRevision: the folder is no repository, or its history is cut off.
    """
    folders = [f"tenants/{tenant}/cloudformation" for tenant in sorted(set(tenants))]
    try:
        if _git(root, "rev-parse", "--is-shallow-repository").strip() != "false":
            raise UnknownRevision(
                "the history of this checkout is cut off",
                why="authors would be missed",
                fix="git fetch --unshallow origin",
            )
        lines = _git(root, "log", "--full-history", f"--format={FORM}", "HEAD", "--", *folders).splitlines()
    except subprocess.CalledProcessError as error:
        raise UnknownRevision("Git does not say who wrote the templates", why=error.stderr.strip()) from error
    return tuple(sorted({line.strip() for line in lines if line.strip()}))


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout
