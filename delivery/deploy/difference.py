"""Which stacks of a release may be other than in releases that the ledger names: told from the ledger and from files.

Sound before tight: what cannot be told makes every stack one that may be. What hands or other tools have changed is no
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
BROUGHT = ("started", "deployed", "failed")
"""Events of a release of which something may have been applied."""
SHOWN = 16


class CannotTell(Exception):
    """Nobody can say what was brought to the environment, or what was verified there; the text says why."""


def compared(history: Sequence[Record]) -> tuple[Record, list[str]]:
    """Return the record of what runs, and the digests of it and of every release that was begun since.

    Raises:
        CannotTell: nothing was deployed yet.
    """
    now = running(list(history))
    if now is None:
        raise CannotTell("no release was deployed here yet")
    return now, releases_from(history, now)


def releases_from(history: Sequence[Record], record: Record) -> list[str]:
    """Return the digests of a record's release and of every one that was begun since."""
    since = (item.release for item in history[record.sequence :] if item.event in BROUGHT)
    return list(dict.fromkeys([record.release, *since]))


def differing(
    root: Path,
    release: Release,
    stacks: Sequence[StackId],
    earlier: Iterable[str],
    fetch: Callable[[str], Release],
) -> set[StackId]:
    """Return the stacks whose plan or templates in `release` may be other ones than in any of the `earlier` releases.

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
