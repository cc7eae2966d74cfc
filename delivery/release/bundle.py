"""A release as one file: a tar archive whose bytes follow from its content alone, and whose name is its digest."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from delivery.errors import DeliveryError

MANIFEST = "release.json"
FORMAT = 1
MAX_BYTES = 512 * 1024 * 1024
"""Most that is unpacked: a small archive can unpack to anything."""


class BundleBroken(DeliveryError):
    """A file is no release, or not the one that its manifest describes."""

    exit_code = 3


@dataclass(frozen=True)
class Release:
    """A release in memory.

    Attributes:
        files: `{path: content}`, without the manifest.
        tools: `{tool: version}` that the files pin.
        evidence: `{path: content}` of the gate's evidence on exactly these files.
    """

    files: Mapping[str, bytes]
    tools: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, bytes] = field(default_factory=dict)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The document whose digest names the release."""
        return {
            "format": FORMAT,
            "files": {path: _sha256(content) for path, content in sorted(self.files.items())},
            "evidence": {path: _sha256(content) for path, content in sorted(self.evidence.items())},
            "tools": dict(sorted(self.tools.items())),
        }

    @cached_property  # a thousand tenants' release is tens of thousands of files, and is compared by it often
    def digest(self) -> str:
        """SHA-256 of the manifest, hexadecimal: equal content, equal digest, wherever and whenever it was built."""
        return _sha256(_canonical(self.manifest))

    @property
    def stacks(self) -> list[str]:
        """Every `<environment>/<stack>` that it holds, sorted."""
        parts = (path.split("/") for path in self.files if "/rendered/" in path)
        return sorted({f"{part[1]}/{part[3]}" for part in parts if len(part) > 4})


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _canonical(manifest: Mapping[str, Any]) -> bytes:
    return (json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def pack(release: Release) -> bytes:
    """Return the bundle's bytes; equal releases give equal bytes."""
    content = {
        MANIFEST: _canonical(release.manifest),
        **{f"evidence/{path}": data for path, data in release.evidence.items()},
        **{f"tree/{path}": data for path, data in release.files.items()},
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, data in sorted(content.items()):
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(data), 0o644
            archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(buffer.getvalue(), mtime=0)


def write(release: Release, folder: Path) -> Path:
    """Write the bundle below `folder`, named by its digest, whole or not at all; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"sluice-{release.digest[:16]}.tar.gz"
    partial = target.with_suffix(".partial")
    partial.write_bytes(pack(release))
    partial.rename(target)
    return target


def read(path: Path) -> Release:
    """Return the release in a bundle, checked file by file against its manifest.

    Raises:
        BundleBroken: truncated, foreign, edited, or unpacking outside its folder.
    """
    try:
        with gzip.open(path) as stream:
            unpacked = stream.read(MAX_BYTES)  # to its end, so that gzip compares its checksum
        with tarfile.open(fileobj=io.BytesIO(unpacked), mode="r:") as archive:
            content = _entries(path, archive)
        manifest = json.loads(content.pop(MANIFEST))
        release = Release(_below(content, "tree/"), manifest["tools"], _below(content, "evidence/"))
    except (OSError, EOFError, zlib.error, tarfile.TarError, KeyError, ValueError, TypeError) as error:
        raise _broken(path, f"it cannot be read: {error}") from error
    if manifest != release.manifest or len(content) != len(release.files) + len(release.evidence):
        raise _broken(path, "its files are not those that its manifest lists")
    return release


def _entries(path: Path, archive: tarfile.TarFile) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for entry in archive:
        name = PurePosixPath(entry.name)
        if not entry.isreg() or name.is_absolute() or ".." in name.parts or entry.name in found:
            raise _broken(path, f"entry {entry.name!r} is no plain file of a release")
        stream = archive.extractfile(entry)
        assert stream is not None
        found[entry.name] = stream.read()
    return found


def _below(content: Mapping[str, bytes], prefix: str) -> dict[str, bytes]:
    return {path.removeprefix(prefix): data for path, data in content.items() if path.startswith(prefix)}


def _broken(path: Path, why: str) -> BundleBroken:
    return BundleBroken(
        f"{path}: not a release as it was built",
        expected="a file that `sluice release build` wrote",
        why=why,
        fix="fetch it again, or build it again from the same commit",
    )


def unpack(release: Release, folder: Path) -> Path:
    """Write the release's tree below `folder` and return it: a root from which stacks can be planned."""
    for parent in {(folder / path).parent for path in release.files}:
        parent.mkdir(parents=True, exist_ok=True)
    for path, data in release.files.items():
        (folder / path).write_bytes(data)
    return folder
