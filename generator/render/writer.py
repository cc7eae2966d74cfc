"""Rendered files on disk: written, compared, never taken from someone who edited them.

Decides whose a file is. A file is ours when its hash is the one in its stack's MANIFEST.json; anything else below
`rendered/` was edited by hand or put there by someone, and stops the render. It must not know what the files mean.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from shlex import quote

from generator.errors import SluiceError
from generator.render.manifest import MANIFEST, recorded_outputs, sha256

IGNORED_FOLDERS = {"__pycache__", ".terraform"}
"""Left by Python and Terraform when someone tries a rendered file in place; never committed."""


@dataclass(frozen=True)
class RenderResult:
    """What a render did, as sorted paths below the repository's root."""

    added: tuple[PurePosixPath, ...]
    changed: tuple[PurePosixPath, ...]
    removed: tuple[PurePosixPath, ...]
    unchanged: tuple[PurePosixPath, ...]


@dataclass(frozen=True, order=True)
class Drift:
    """One file that is not what a fresh render would give."""

    path: PurePosixPath
    kind: str
    """missing, changed (an older render), edited (by hand), obsolete (its origin is gone) or foreign."""

    def __str__(self) -> str:
        return f"{self.path}: {EXPLAINED[self.kind]}\n  fix: {_mending(self)}"


EXPLAINED = {
    "missing": "not rendered yet",
    "changed": "differs from a fresh render",
    "obsolete": "nothing renders it any more",
    "edited": "edited by hand",
    "foreign": "not a rendered file, yet it lies among them",
}


class RenderConflict(SluiceError):
    """Files below rendered/ that a render would have to overwrite though they are not its own."""

    exit_code = 1

    def __init__(self, conflicts: tuple[Drift, ...]) -> None:
        self.conflicts = conflicts
        super().__init__("\n".join([*(str(conflict) for conflict in conflicts), "nothing was written"]))


def write(root: Path, tree: Mapping[PurePosixPath, str]) -> RenderResult:
    """Bring the rendered files of a repository to what `tree` says.

    Raises:
        RenderConflict: a file was edited by hand, or is foreign; nothing was written.
    """
    found = drift(root, tree)
    conflicts = tuple(d for d in found if d.kind in ("edited", "foreign"))
    if conflicts:
        raise RenderConflict(conflicts)
    paths = {kind: tuple(d.path for d in found if d.kind == kind) for kind in ("missing", "changed", "obsolete")}
    for path in sorted((*paths["missing"], *paths["changed"]), key=_manifests_last):
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(tree[path], encoding="utf-8", newline="")
    for path in sorted(paths["obsolete"], key=_manifests_last):
        _remove(root, path)
    drifted = {d.path for d in found}
    unchanged = tuple(sorted(path for path in tree if path not in drifted))
    return RenderResult(paths["missing"], paths["changed"], paths["obsolete"], unchanged)


def drift(root: Path, tree: Mapping[PurePosixPath, str], stacks: Collection[str] | None = None) -> list[Drift]:
    """Return where the rendered files of a repository differ from `tree`, sorted by path.

    Args:
        stacks: the stacks that `tree` holds, when it does not hold all; the others' files are not looked at.
    """
    present = _present(root, stacks)
    found = [Drift(path, "missing") for path in tree if path not in present]
    ours = _recorded(root, present)
    for path in present:
        digest = _digest(root / path)
        if path in tree and digest == sha256(tree[path]):
            continue
        if path.name == MANIFEST and _is_stack_folder(path.parent):
            found.append(Drift(path, "changed" if path in tree else "obsolete"))
        elif path not in ours:
            found.append(Drift(path, "foreign"))
        elif digest != ours[path]:
            found.append(Drift(path, "edited"))
        else:
            found.append(Drift(path, "changed" if path in tree else "obsolete"))
    return sorted(found)


def _present(root: Path, stacks: Collection[str] | None) -> set[PurePosixPath]:
    """Return every file below `environments/*/rendered/`, or below the folders of `stacks` there."""
    rendered = list(root.glob("environments/*/rendered"))
    folders = rendered if stacks is None else [folder / stack for folder in rendered for stack in stacks]
    files = (path for folder in folders for path in folder.rglob("*"))
    relative = (path.relative_to(root) for path in files if path.is_file() or path.is_symlink())
    return {PurePosixPath(path.as_posix()) for path in relative if not IGNORED_FOLDERS & set(path.parts)}


def _recorded(root: Path, present: set[PurePosixPath]) -> dict[PurePosixPath, str]:
    """Return {path: SHA-256} of every output that the manifests on disk name."""
    recorded: dict[PurePosixPath, str] = {}
    for manifest in present:
        if manifest.name == MANIFEST and _is_stack_folder(manifest.parent):
            outputs = recorded_outputs((root / manifest).read_text(encoding="utf-8", errors="replace"))
            recorded |= {manifest.parent / path: digest for path, digest in outputs.items()}
    return recorded


def _is_stack_folder(folder: PurePosixPath) -> bool:
    return len(folder.parts) == len(PurePosixPath("environments/env/rendered/stack").parts)


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file; of a link or a file that is no text, one that no rendered file has."""
    if path.is_symlink():
        return "link"
    try:
        return sha256(path.read_bytes().decode())
    except UnicodeDecodeError:
        return "not text"


def _manifests_last(path: PurePosixPath) -> tuple[bool, PurePosixPath]:
    """Order manifests after what they name: a render that was interrupted then finds its own files, not edited ones."""
    return path.name == MANIFEST, path


def _remove(root: Path, path: PurePosixPath) -> None:
    """Delete a file and the folders that it leaves empty, up to `rendered/`."""
    target = root / path
    target.unlink()
    for folder in target.parents:
        if folder.name == "rendered" or any(folder.iterdir()):
            return
        folder.rmdir()


def _mending(found: Drift) -> str:
    path = quote(str(found.path))
    commands = {
        "edited": f"rm {path} && sluice render    (make the change in the spec or a template instead)",
        "foreign": f"rm {path} && sluice render    (or keep it outside rendered/)",
    }
    return commands.get(found.kind, "sluice render")
