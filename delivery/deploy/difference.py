"""Which stacks of a release may plan otherwise than what the environment runs: told from the ledger and from files.

Sound before tight: what cannot be told makes every stack one that may. What hands or other tools have changed is no
matter of files; see `standing` for what is written into a state, and nightly drift for the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from delivery.affected import affected
from delivery.errors import DeliveryError
from delivery.ledger import Record, running
from delivery.release.bundle import Release
from delivery.workspace import StackId

TOOLS = ("terraform", "provider/")
"""Beginnings of the names of tools that decide what a plan is."""
BEGUN = ("started", "failed")
SHOWN = 16


class CannotTell(Exception):
    """Nobody can say what the environment runs; the text says why."""


def compared(history: Sequence[Record]) -> tuple[Record, list[str]]:
    """Return the record of what runs, and the digests of it and of every release that was begun since.

    Raises:
        CannotTell: nothing was deployed yet.
    """
    now = running(list(history))
    if now is None:
        raise CannotTell("no release was deployed here yet")
    since = [record.release for record in history[now.sequence :] if record.event in BEGUN]
    return now, list(dict.fromkeys([now.release, *since]))


def differing(
    root: Path,
    release: Release,
    stacks: Sequence[StackId],
    earlier: Iterable[str],
    fetch: Callable[[str], Release],
) -> set[StackId]:
    """Return the stacks that `release` may plan otherwise than any of the `earlier` releases.

    Args:
        root: tree of `release`.
        earlier: digests.
        fetch: gives a release by its digest, once its content and signature hold.

    Raises:
        CannotTell: one of them cannot be read, or was made for other tools.
    """
    found: set[StackId] = set()
    for digest in earlier:
        if digest == release.digest:
            continue
        before = _fetched(digest, fetch)
        if _tools(before) != _tools(release):
            raise CannotTell(f"release {digest[:SHOWN]} was made for another Terraform or other providers")
        files = before.files.keys() | release.files.keys()
        changed = [path for path in files if before.files.get(path) != release.files.get(path)]
        found.update(affected(root, changed, stacks, stacks).gate)
    return found


def _fetched(digest: str, fetch: Callable[[str], Release]) -> Release:
    try:
        return fetch(digest)
    except DeliveryError as error:
        raise CannotTell(f"release {digest[:SHOWN]}, which may run here, cannot be read: {error}") from error


def _tools(release: Release) -> dict[str, str]:
    return {name: version for name, version in release.tools.items() if name.startswith(TOOLS)}
