"""What differs between two releases, told by what it touches."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from delivery.release.bundle import Release

SHARED_JOBS = "runtime"
"""Folder below spark_jobs/ that every tenant's jobs use."""


@dataclass(frozen=True)
class FileChange:
    """One file that differs. `kind` is added, changed or removed."""

    path: str
    kind: str


@dataclass(frozen=True)
class Difference:
    """What a second release has that a first has not, and the other way round.

    Attributes:
        new_stacks, gone_stacks: `<environment>/<stack>`.
        tools: (name, version before, version now); empty text where there is none.
        files: `{<environment>/<stack>, or top folder: changed files}`, sorted.
    """

    new_stacks: tuple[str, ...]
    gone_stacks: tuple[str, ...]
    tools: tuple[tuple[str, str, str], ...]
    files: dict[str, tuple[FileChange, ...]]

    @property
    def is_empty(self) -> bool:
        return not (self.new_stacks or self.gone_stacks or self.tools or self.files)


def compare(old: Release, new: Release) -> Difference:
    """Return what changes from `old` to `new`; evidence is about a release and no part of the difference."""
    files: dict[str, list[FileChange]] = {}
    for path in sorted(old.files.keys() | new.files.keys()):
        before, now = old.files.get(path), new.files.get(path)
        if before != now:
            kind = "added" if before is None else "removed" if now is None else "changed"
            files.setdefault(_owner(path), []).append(FileChange(path, kind))
    names = sorted(old.tools.keys() | new.tools.keys())
    tools = [(name, old.tools.get(name, ""), new.tools.get(name, "")) for name in names]
    return Difference(
        new_stacks=tuple(sorted(set(new.stacks) - set(old.stacks))),
        gone_stacks=tuple(sorted(set(old.stacks) - set(new.stacks))),
        tools=tuple(tool for tool in tools if tool[1] != tool[2]),
        files={owner: tuple(changes) for owner, changes in sorted(files.items())},
    )


def within(difference: Difference, environment: str, stacks: Collection[str]) -> Difference:
    """Return what of `difference` one environment would see: its own stacks, and the folders that all share.

    A tenant's jobs and contracts count as its stack's; those of a tenant that is not in the environment are left out.

    Args:
        stacks: every `<environment>/<stack>` of both releases.
    """
    own = {name for name in stacks if name.startswith(f"{environment}/")}
    files: dict[str, list[FileChange]] = {}
    for change in (change for changes in difference.files.values() for change in changes):
        owner = _seen_as(change.path, environment)
        if owner in own or "/" not in owner:
            files.setdefault(owner, []).append(change)
    return Difference(
        new_stacks=tuple(name for name in difference.new_stacks if name in own),
        gone_stacks=tuple(name for name in difference.gone_stacks if name in own),
        tools=difference.tools,
        files={owner: tuple(changes) for owner, changes in sorted(files.items())},
    )


def _seen_as(path: str, environment: str) -> str:
    """Return the stack, or the shared folder, that a file belongs to in an environment."""
    parts = path.split("/")
    is_of_tenant = parts[0] in ("spark_jobs", "tenants") and len(parts) > 2 and parts[1] != SHARED_JOBS
    return f"{environment}/{parts[1].replace('_', '-')}" if is_of_tenant else _owner(path)


def _owner(path: str) -> str:
    parts = path.split("/")
    return f"{parts[1]}/{parts[3]}" if parts[0] == "environments" and len(parts) > 4 else parts[0]
