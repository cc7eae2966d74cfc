"""Which stacks a change can touch: sound before tight.

A stack's plan is decided by its rendered folder, the modules that it reaches, and the code that it uploads. A path that
no rule below knows touches every stack. Rendered files must be fresh: a spec that was not rendered anew shows nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from delivery.workspace import PLATFORM, StackId

NEUTRAL = (
    "authority/",
    "bench/",
    "bin/",
    "ci/",
    "delivery/",
    "docs/",
    "generator/",  # shows in what it renders
    "landscape/",
    "requirements/",
    "sandbox/",
    "schemas/",
    "sluice/",
    "tenants/",  # shows in what is rendered
    "tests/",
)
"""Folders that reach a stack only through rendered files, or not at all."""
POLICIES = "policies/"
NEUTRAL_FILES = frozenset(
    {".gitignore", ".ci/run", "CHANGELOG.md", "CONTROLS.md", "Jenkinsfile", "Makefile", "README.md", "pyproject.toml"}
)
NOT_PLANNED = re.compile(
    r"^environments/[^/]+/(?:environment\.yaml|release\.yaml|bootstrap\.json|trusted/[^/]+|rendered/[^/]+/MANIFEST\.json)$"
)
"""What is rendered from, or about, the files that Terraform reads, and what says which release is deployed."""
TEMPLATE = re.compile(r"^tenants/(?P<tenant>[^/]+)/cloudformation/")
"""What a tenant's CloudFormation stacks are made from; judged beside the plan of its Terraform stack."""
ACCOUNT = re.compile(r"^(?:delivery/bootstrap/account\.yaml|environments/[^/]+/bootstrap\.json)$")
"""What an environment's account is prepared with; judged with the platform."""
MODULE_SOURCE = re.compile(r'^\s*source\s*=\s*"(?P<path>\.[^"]*)"', re.MULTILINE)


@dataclass(frozen=True)
class Affected:
    """Stacks by what must happen to them.

    Attributes:
        plan: their plan may differ.
        gate: must be judged again; all of `plan`, every stack where a control changed, and tenants whose templates did.
        decommission: were rendered before and are not now.
    """

    plan: tuple[StackId, ...]
    gate: tuple[StackId, ...]
    decommission: tuple[StackId, ...]


def affected(root: Path, changed: Iterable[str], before: Iterable[StackId], now: Iterable[StackId]) -> Affected:
    """Return the stacks that `changed` can touch.

    Args:
        root: the working tree as it is now.
        changed: paths from the root that were added, changed or removed.
        before, now: the stacks that were and are rendered.
    """
    stacks = sorted(set(now))
    paths = sorted(set(changed))
    modules = ModuleUse(root)
    planned = {stack for path in paths for stack in _touched(path, stacks, modules)}
    owners = {match["tenant"] for path in paths if (match := TEMPLATE.match(path))}
    owners |= {PLATFORM for path in paths if ACCOUNT.match(path)}
    judged = planned | {stack for stack in stacks if stack.name in owners}
    if any(path.startswith(POLICIES) for path in paths):
        judged = set(stacks)
    return Affected(tuple(sorted(planned)), tuple(sorted(judged)), tuple(sorted(set(before) - set(stacks))))


def _touched(path: str, stacks: list[StackId], modules: ModuleUse) -> list[StackId]:
    """Return the stacks whose plan one changed path can touch."""
    folder, *parts = path.split("/")
    if NOT_PLANNED.match(path) or path.startswith((*NEUTRAL, POLICIES)) or path in NEUTRAL_FILES:
        return []
    touches: Callable[[StackId], bool] = lambda stack: True  # noqa: E731 -- the default of the choice below
    if folder == "environments" and len(parts) > 1:
        touches = partial(_stands_in, parts=parts)
    elif folder == "modules" and len(parts) > 1:
        touches = partial(_uses, modules=modules, parts=parts)
    elif folder == "dags":
        touches = _uploads_runtime
    elif folder == "spark_jobs":
        touches = partial(_uploads_jobs, parts=parts)
    return [stack for stack in stacks if touches(stack)]


def _stands_in(stack: StackId, parts: list[str]) -> bool:
    """Tell whether environments/<parts> is the stack's own, or its whole environment's."""
    environment, *rest = parts
    return stack.environment == environment and (rest[0] != "rendered" or rest[1:2] == [stack.name])


def _uses(stack: StackId, modules: ModuleUse, parts: list[str]) -> bool:
    """Tell whether the stack reaches the module of modules/<parts>, and the file is one that Terraform reads."""
    return parts[1] not in ("README.md", "tests") and parts[0] in modules.of(stack)


def _uploads_runtime(stack: StackId) -> bool:
    return stack.name == PLATFORM


def _uploads_jobs(stack: StackId, parts: list[str]) -> bool:
    """Tell whether the stack's archive holds spark_jobs/<parts>: the runtime, and a tenant's own jobs."""
    is_shared = len(parts) == 1 or parts[0] == "runtime"
    return stack.name != PLATFORM and (is_shared or parts[0] == stack.name.replace("-", "_"))


class ModuleUse:
    """Which modules a stack's root reaches, through modules that use modules."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._direct: dict[str, frozenset[str]] = {}
        self._by_sources: dict[frozenset[str], frozenset[str]] = {}

    def of(self, stack: StackId) -> frozenset[str]:
        direct = self._sources(self._root / stack.rendered / "terraform")
        if direct not in self._by_sources:
            self._by_sources[direct] = self._closure(direct)
        return self._by_sources[direct]

    def _closure(self, names: frozenset[str]) -> frozenset[str]:
        found: set[str] = set()
        queue = list(names)
        while queue:
            name = queue.pop()
            if name not in found:
                found.add(name)
                if name not in self._direct:
                    self._direct[name] = self._sources(self._root / "modules" / name)
                queue += self._direct[name]
        return frozenset(found)

    @staticmethod
    def _sources(folder: Path) -> frozenset[str]:
        texts = (path.read_text() for path in sorted(folder.glob("*.tf")))
        return frozenset(Path(match["path"]).name for text in texts for match in MODULE_SOURCE.finditer(text))


def as_json(result: Affected) -> Mapping[str, list[str]]:
    """Return the stacks' names by what must happen to them, for machines."""
    return {key: [str(stack) for stack in getattr(result, key)] for key in ("plan", "gate", "decommission")}
