"""Rendered files compared byte for byte with what was accepted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

SUFFIX = ".golden"
"""So that no tool takes an accepted DAG for a module of ours."""


def compare(folder: Path, tree: Mapping[PurePosixPath, str], update: bool) -> None:
    """Fail with the paths that differ, or accept them all."""
    accepted = {
        PurePosixPath(path.relative_to(folder).as_posix().removesuffix(SUFFIX)): path
        for path in sorted(folder.rglob(f"*{SUFFIX}"))
    }
    if update:
        _accept(folder, tree, accepted)
        return
    missing, extra = sorted(set(tree) - set(accepted)), sorted(set(accepted) - set(tree))
    changed = sorted(path for path in set(tree) & set(accepted) if accepted[path].read_bytes().decode() != tree[path])
    assert not (missing or extra or changed), (
        f"rendered files differ from the accepted ones: new {missing}, gone {extra}, changed {changed}\n"
        "  accept them: pytest tests/generator --update-golden, then read the diff"
    )


def _accept(folder: Path, tree: Mapping[PurePosixPath, str], accepted: Mapping[PurePosixPath, Path]) -> None:
    for path in set(accepted) - set(tree):
        accepted[path].unlink()
    for path, text in tree.items():
        target = folder / f"{path}{SUFFIX}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")
