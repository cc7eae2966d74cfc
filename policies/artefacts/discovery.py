"""Find everything that is judged besides plans, and refuse what nobody would judge.

Decides by place alone which kind a file is. It must not look into files: a file of no known kind, a missing one, a
link or one that is no text ends the search, so that nothing passes because it was not seen.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path, PurePosixPath

from policies.artefacts.base import Artefact
from policies.artefacts.places import (
    ACCOUNT,
    ACCOUNT_VALUES,
    CLASSES,
    CODE,
    ENVIRONMENT,
    RENDERED,
    SCANNED,
    SHARED,
    TENANT,
    Places,
    kind_of,
)
from policies.context import PLATFORM, Context
from policies.errors import ArtefactUnreadable

ContextFor = Callable[[str, str], Context]
"""(environment, stack) -> context; called with an empty environment, or stack, for what belongs to none."""
CACHES = frozenset({"__pycache__", ".terraform"})
"""Folders that tools leave behind; git ignores them, and nothing is deployed from them."""


def discover(
    root: Path, environments: Collection[str], tenants: Collection[str] | None, context_for: ContextFor
) -> list[Artefact]:
    """Return every artefact by stack, then by path.

    Args:
        root: of the repository.
        environments: those to judge; files of others are not read.
        tenants: judge these stacks only (`platform` may be one), and nothing that stacks share; None judges all.

    Raises:
        ArtefactUnreadable: a file is of no known kind, missing, a link or no UTF-8 text; a name in `tenants` is none.
    """
    search = _Search(root, context_for)
    stacks = [*search.tenants, PLATFORM] if tenants is None else sorted(tenants)
    found = [artefact for stack in stacks for artefact in search.stack(stack, sorted(environments))]
    return [*found, *search.shared()] if tenants is None else found


def discover_shared(root: Path, context_for: ContextFor) -> list[Artefact]:
    """Return the artefacts that no stack owns, and refuse what claims to belong to a stack that is none.

    Raises:
        ArtefactUnreadable: as `discover`.
    """
    return list(_Search(root, context_for).shared())


class _Search:
    """One search.

    Attributes:
        tenants: every tenant of the repository, sorted.
    """

    def __init__(self, root: Path, context_for: ContextFor) -> None:
        self.root, self.context_for = root, context_for
        self.tenants = _folders(root / "tenants")
        self.classes: dict[str, type[Artefact]] = {}

    def stack(self, stack: str, environments: list[str]) -> Iterator[Artefact]:
        """Yield what belongs to one tenant, or to the platform."""
        if stack != PLATFORM and stack not in self.tenants:
            raise _unreadable(f"tenants/{stack}", "is no tenant", f"one of {', '.join(self.tenants)}, {PLATFORM}")
        if stack != PLATFORM:
            yield from self._folder(TENANT, f"tenants/{stack}", "", stack)
            yield from self._folder(CODE, f"spark_jobs/{package(stack)}", "", stack)
        for environment in environments:
            folder = f"environments/{environment}/rendered/{stack}"
            found = list(self._folder(RENDERED, folder, environment, stack))
            if stack != PLATFORM and not any(artefact.kind == "dag" for artefact in found):
                raise _unreadable(folder, "holds no DAG", "run `sluice render`")
            _require_complete(folder, {artefact.path: artefact.text for artefact in found})
            yield from found
            if stack == PLATFORM:
                yield from self._folder(ENVIRONMENT, f"environments/{environment}/environment.yaml", environment, stack)
                yield from self._account(environment)
            else:
                yield from self._templates(environment, stack)

    def shared(self) -> Iterator[Artefact]:
        """Yield what no single stack owns."""
        self._refuse_foreign()
        owned = tuple(f"spark_jobs/{package(tenant)}/" for tenant in self.tenants)
        for folder in SCANNED:
            for path in self._files(folder):
                if not path.startswith(owned):
                    yield from self._judged(SHARED, path, path, "", "")

    def _refuse_foreign(self) -> None:
        """Refuse rendered folders and job code that belong to no tenant: they could be applied all the same."""
        fix = "remove it, or add its tenant"
        packages = {package(tenant) for tenant in self.tenants} | {"runtime"}
        for name in sorted(set(_folders(self.root / "spark_jobs")) - packages):
            raise _unreadable(f"spark_jobs/{name}", "belongs to no tenant", fix)
        for environment in _folders(self.root / "environments"):
            rendered = f"environments/{environment}/rendered"
            for name in sorted(set(_folders(self.root / rendered)) - {*self.tenants, PLATFORM}):
                raise _unreadable(f"{rendered}/{name}", "belongs to no tenant", fix)

    def _templates(self, environment: str, tenant: str) -> Iterator[Artefact]:
        """Yield a tenant's CloudFormation templates as they would be used in one environment, with its parameters."""
        paths = list(self._files(f"tenants/{tenant}/cloudformation"))
        templates = [path for path in paths if path.endswith(".yaml")]
        for path in sorted(set(paths) - set(templates)):
            stem, *middle, _ = path.rsplit(".", 2)
            is_known = len(middle) == 1 and (self.root / "environments" / middle[0]).is_dir()
            if f"{stem}.yaml" not in templates or not is_known:
                raise _unreadable(path, "is no template's", "name it <template>.<environment>.json")
        for path in templates:
            values = f"{path.removesuffix('.yaml')}.{environment}.json"
            yield self._template(path, values, self.context_for(environment, tenant))

    def _account(self, environment: str) -> Iterator[Artefact]:
        """Yield the template by which an environment's account is prepared, with its parameters there."""
        if not (self.root / ACCOUNT).is_file():
            return
        context = replace(self.context_for(environment, PLATFORM), is_bootstrap=True)
        values = ACCOUNT_VALUES.format(environment=environment)
        yield self._template(ACCOUNT, values, context)
        for path in (ACCOUNT, values):
            for found in self._files(path):
                yield self._made("secret_scan", found, self._text(found), context)

    def _template(self, path: str, values: str, context: Context) -> Artefact:
        if "cloudformation" not in self.classes:
            self.classes["cloudformation"] = _class_of("cloudformation")
        given = next(self._files(values), "")
        return self.classes["cloudformation"](
            path, self._text(path), context, self._text(given) if given else "", given
        )  # type: ignore[call-arg]

    def _folder(self, places: Places, folder: str, environment: str, stack: str) -> Iterator[Artefact]:
        paths = list(self._files(folder))
        if not paths:
            raise _unreadable(folder, "is missing or empty", "see `sluice new` and `sluice render`")
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
            yield self._made(kind, path, text, context)
        yield self._made("secret_scan", path, text, context)

    def _made(self, kind: str, path: str, text: str, context: Context) -> Artefact:
        if kind not in self.classes:
            self.classes[kind] = _class_of(kind)
        return self.classes[kind](path, text, context)

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
            yield from self._below(folder, str(start))

    def _below(self, folder: str, place: str) -> Iterator[str]:
        for entry in sorted(os.scandir(place), key=lambda entry: entry.name):
            path = f"{folder}/{entry.name}"
            if entry.is_symlink():
                raise _unreadable(path, "is a link", "commit the file itself")
            if entry.is_file():
                yield path
            elif not entry.is_dir():
                raise _unreadable(path, "is neither a file nor a folder", "remove it")
            elif entry.name not in CACHES:
                yield from self._below(path, entry.path)


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
    """Return the names of the folders, and of the links, in a folder; none where there is none."""
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
