"""Find everything that is judged besides plans, and refuse what nobody would judge.

Decides by place alone which kind a file is. It must not look into files: a file of no known kind, a missing one, a
link or one that is no text ends the search, so that nothing passes because it was not seen.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator
from importlib import import_module
from pathlib import Path, PurePosixPath

from policies.artefacts.base import Artefact
from policies.artefacts.places import CLASSES, CODE, RENDERED, SCANNED, SHARED, TENANT, Places, kind_of
from policies.context import PLATFORM, Context
from policies.errors import ArtefactUnreadable

ContextFor = Callable[[str, str], Context]
"""(environment, stack) -> context; called with an empty environment, or stack, for what belongs to none."""
CACHES = frozenset({"__pycache__", ".terraform", ".pytest_cache", ".mypy_cache", ".ruff_cache"})
"""Folders that tools leave behind; git ignores them."""


def discover(
    root: Path, environments: Collection[str], tenants: Collection[str] | None, context_for: ContextFor
) -> list[Artefact]:
    """Return every artefact by path.

    Args:
        root: of the repository.
        environments: those to judge; files of others are not read.
        tenants: judge these stacks only (`platform` may be one), and nothing that stacks share; None judges all.

    Raises:
        ArtefactUnreadable: a file is of no known kind, missing, a link or no UTF-8 text.
    """
    return list(_Search(root, context_for).everything(environments, tenants))


class _Search:
    def __init__(self, root: Path, context_for: ContextFor) -> None:
        self.root, self.context_for = root, context_for
        self.classes = {kind: _class_of(kind) for kind in ("secret_scan",)}

    def everything(self, environments: Collection[str], tenants: Collection[str] | None) -> Iterator[Artefact]:
        known = _folders(self.root / "tenants")
        wanted = [name for name in known if tenants is None or name in tenants]
        for tenant in wanted:
            yield from self._stack(TENANT, f"tenants/{tenant}", "", tenant)
            yield from self._stack(CODE, f"spark_jobs/{package(tenant)}", "", tenant)
        for environment in sorted(environments):
            yield from self._environment(environment, known, wanted, tenants)
        if tenants is None:
            yield from self._shared(known)

    def _environment(
        self, environment: str, known: list[str], wanted: list[str], tenants: Collection[str] | None
    ) -> Iterator[Artefact]:
        rendered = f"environments/{environment}/rendered"
        foreign = sorted(set(_folders(self.root / rendered)) - {*known, PLATFORM})
        if foreign and tenants is None:
            raise _unreadable(f"{rendered}/{foreign[0]}", "belongs to no tenant", "remove it, or add its tenant")
        stacks = [*wanted, *([PLATFORM] if tenants is None or PLATFORM in tenants else [])]
        for stack in stacks:
            found = list(self._stack(RENDERED, f"{rendered}/{stack}", environment, stack))
            if stack != PLATFORM and not any(artefact.kind == "dag" for artefact in found):
                raise _unreadable(f"{rendered}/{stack}", "holds no DAG", "run `sluice render`")
            _require_complete(f"{rendered}/{stack}", {artefact.path: artefact.text for artefact in found})
            yield from found

    def _shared(self, known: list[str]) -> Iterator[Artefact]:
        """Yield what no single stack owns; code that no tenant owns is refused."""
        owned = {package(tenant) for tenant in known}
        foreign = sorted(set(_folders(self.root / "spark_jobs")) - owned - {"runtime"})
        if foreign:
            raise _unreadable(f"spark_jobs/{foreign[0]}", "belongs to no tenant", "remove it, or add its tenant")
        skipped = tuple(f"spark_jobs/{name}/" for name in owned)
        for folder in SCANNED:
            for path in self._files(folder):
                if not path.startswith(skipped):
                    yield from self._judged(SHARED, path, path, "", "")

    def _stack(self, places: Places, folder: str, environment: str, stack: str) -> Iterator[Artefact]:
        paths = list(self._files(folder))
        if not paths:
            raise _unreadable(folder, "is missing or empty", "every tenant has one: see `sluice new`, `sluice render`")
        for path in paths:
            yield from self._judged(places, path, path.removeprefix(f"{folder}/"), environment, stack)

    def _judged(self, places: Places, path: str, below: str, environment: str, stack: str) -> Iterator[Artefact]:
        """Yield a file as its kind, and once more as text to search for secrets."""
        kind = kind_of(places, below)
        if kind is None:
            fix = "remove it, or have its place named in policies/artefacts/places.py"
            raise _unreadable(path, "is of no kind that the gate knows, so nothing would judge it", fix)
        text, context = self._text(path), self.context_for(environment, stack)
        if kind:
            if kind not in self.classes:
                self.classes[kind] = _class_of(kind)
            yield self.classes[kind](path, text, context)
        yield self.classes["secret_scan"](path, text, context)

    def _text(self, path: str) -> str:
        try:
            return (self.root / path).read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise _unreadable(path, f"cannot be read as UTF-8 text: {error}", "write it as UTF-8 text") from None

    def _files(self, folder: str) -> Iterator[str]:
        """Yield the files of a folder, or a file itself, from the repository's root; nothing where nothing is."""
        start = self.root / folder
        if start.is_symlink():
            raise _unreadable(folder, "is a link", "commit the file itself")
        if start.is_file():
            yield folder
        elif start.is_dir():
            for entry in sorted(os.scandir(start), key=lambda entry: entry.name):
                if entry.name not in CACHES and not entry.name.endswith(".pyc"):
                    yield from self._files(f"{folder}/{entry.name}")


def _require_complete(folder: str, texts: dict[str, str]) -> None:
    """Refuse a rendered folder that does not hold just the files that its manifest lists."""
    manifest = f"{folder}/MANIFEST.json"
    try:
        listed = {f"{folder}/{path}" for path in json.loads(texts[manifest])["outputs"]}
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise _unreadable(manifest, f"lists no files: {error!r}", "run `sluice render`") from None
    for path in sorted(listed ^ (texts.keys() - {manifest})):
        problem = "is missing" if path in listed else f"is not in {manifest}"
        raise _unreadable(path, problem, "run `sluice render`")


def package(tenant: str) -> str:
    """Return the Python package of a tenant's Spark jobs."""
    return tenant.replace("-", "_")


def _folders(folder: Path) -> list[str]:
    return (
        sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and entry.name not in CACHES)
        if folder.is_dir()
        else []
    )


def _class_of(kind: str) -> type[Artefact]:
    """Return the class of a kind; its module is imported only when there is something to judge."""
    module = import_module(f"policies.artefacts.{CLASSES[kind]}")
    classes = [item for item in vars(module).values() if isinstance(item, type) and issubclass(item, Artefact)]
    return next(item for item in classes if vars(item).get("kind") == kind)


def _unreadable(path: str, problem: str, fix: str) -> ArtefactUnreadable:
    return ArtefactUnreadable(f"{PurePosixPath(path)}: {problem}", why="what is not judged must not pass", fix=fix)
