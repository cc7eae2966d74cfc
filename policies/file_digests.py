"""The SHA-256 of every file that is judged, read anew only where the file system says that it may have changed.

As Git does for its index: a file whose inode, size and times are those of the last run, and which was not touched just
before that run looked at it, has the content that it had. A time of change cannot be set back without the clock.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Collection, Iterable
from operator import itemgetter
from pathlib import Path
from stat import S_ISDIR, S_ISLNK

import msgspec

SETTLED_NS = 2_000_000_000
"""A file changed later than this before it was read may change again without its times showing it."""
READ_AT_ONCE = 1 << 20

Record = tuple[int, int, int, int, int, str]
"""(inode, size, mtime_ns, ctime_ns, when it was read in ns, SHA-256)."""


class FileDigests:
    """Digests of one repository's files.

    Args:
        root: of the repository.
        memory: file in which they are kept for the next run; None keeps nothing and reads everything.
    """

    def __init__(self, root: Path, memory: Path | None) -> None:
        self._root = os.fspath(root)
        self._memory = memory
        self._known = _remembered(memory) if memory else {}
        self._seen: dict[str, Record] = {}
        self._is_new = False

    def below(self, places: Iterable[str], skipped: Collection[str] = ()) -> dict[str, str]:
        """Return `{path from the root: SHA-256}` of each file at or below `places`, names in `skipped` left out."""
        found: dict[str, str] = {}
        for place in places:
            try:
                status = os.lstat(f"{self._root}/{place}")
            except FileNotFoundError:
                continue
            self._add(place, status, skipped, found)
        return found

    def _add(self, place: str, status: os.stat_result, skipped: Collection[str], found: dict[str, str]) -> None:
        if S_ISLNK(status.st_mode):
            found[place] = self._link(place)
        elif S_ISDIR(status.st_mode):
            self._folder(place, skipped, found)
        else:
            found[place] = self._digest(place, status)

    def _folder(self, folder: str, skipped: Collection[str], found: dict[str, str]) -> None:
        """Add what a folder holds. Its folders are known by their kind; each file's status is asked for."""
        with os.scandir(f"{self._root}/{folder}") as entries:
            inside = [(entry.name, entry) for entry in entries if entry.name not in skipped]
        for name, entry in sorted(inside, key=itemgetter(0)):
            place = f"{folder}/{name}"
            if entry.is_dir(follow_symlinks=False):
                self._folder(place, skipped, found)
            elif entry.is_symlink():
                found[place] = self._link(place)
            else:
                found[place] = self._digest(place, entry.stat(follow_symlinks=False))

    def _link(self, place: str) -> str:
        return f"link {os.readlink(f'{self._root}/{place}')}"  # discovery refuses it  # noqa: PTH115

    def _digest(self, place: str, status: os.stat_result) -> str:
        times = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        known = self._known.get(place)
        if known is not None and known[:4] == times and known[4] - known[3] > SETTLED_NS:
            self._seen[place] = known
            return known[5]
        now = time.time_ns()
        digest = hashlib.sha256(_content(f"{self._root}/{place}")).hexdigest()
        self._seen[place] = (*times, now, digest)
        self._is_new = True
        return digest

    def remember(self) -> None:
        """Keep what was read for the next run; a file that cannot be written is no reason to stop."""
        if self._memory is None or not self._is_new:
            return
        payload = msgspec.msgpack.encode({**self._known, **self._seen})
        partial = self._memory.with_suffix(f".{os.getpid()}")
        try:
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(hashlib.sha256(payload).digest() + payload)
            partial.replace(self._memory)
        except OSError:
            partial.unlink(missing_ok=True)


def _remembered(memory: Path) -> dict[str, Record]:
    """Return what an earlier run kept; nothing when it cannot be read for certain."""
    try:
        content = memory.read_bytes()
    except OSError:
        return {}
    digest, payload = content[:32], content[32:]
    if hashlib.sha256(payload).digest() != digest:
        return {}
    try:
        return msgspec.msgpack.decode(payload, type=dict[str, Record])
    except msgspec.MsgspecError:
        return {}


def _content(path: str) -> bytes:
    """Return a file's bytes in as few calls as it takes: this is done for ten thousands of them."""
    handle = os.open(path, os.O_RDONLY)
    try:
        parts = [os.read(handle, READ_AT_ONCE)]
        while parts[-1]:
            if len(parts[-1]) < READ_AT_ONCE and len(parts) == 1 and os.fstat(handle).st_size == len(parts[0]):
                break
            parts.append(os.read(handle, READ_AT_ONCE))
        return b"".join(parts)
    finally:
        os.close(handle)
