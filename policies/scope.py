"""What one run judges: all of it, some tenants, or what a change can touch. Sound before tight."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from policies.artefacts.discovery import package
from policies.artefacts.places import ACCOUNT, SCANNED
from policies.context import PLATFORM

NEUTRAL = (
    "authority/",
    "bench/",
    "bin/",
    "delivery/",
    "docs/",
    "generator/",
    "landscape/",
    "sandbox/",
    "schemas/",
    "sluice/",
    "tests/",
)
"""Folders that are not judged, and reach what is judged only through rendered files."""
NEUTRAL_FILES = frozenset({".gitignore", "CHANGELOG.md", "CONTROLS.md", "Makefile", "README.md"})
SHARED_ONLY = ("Jenkinsfile", "ci", "authority/migrations", "cloudformation")
"""Of what stacks share, that which no verdict on a stack depends on."""


@dataclass(frozen=True)
class Scope:
    """What to judge.

    Attributes:
        stacks: tenants, and `platform`; each in every environment of the run.
        shared: also what belongs to no stack.
        is_whole: everything there is.
    """

    stacks: tuple[str, ...]
    shared: bool
    is_whole: bool


def scope_of(known: Collection[str], tenants: Collection[str], changed: Collection[str] | None) -> Scope:
    """Return what to judge.

    Args:
        known: every tenant.
        tenants: those asked for; empty for all.
        changed: paths from the root that differ; None for no such limit. What is shared is judged in any case, so that
            a run in which nothing changed has looked at something.
    """
    every = (PLATFORM, *sorted(known))
    wanted = tuple(name for name in every if not tenants or name in tenants)
    touched = every if changed is None else stacks_touched(changed, known)
    stacks = tuple(name for name in wanted if name in touched)
    return Scope(stacks, shared=not tenants, is_whole=stacks == every and not tenants)


def stacks_touched(changed: Collection[str], known: Collection[str]) -> tuple[str, ...]:
    """Return the stacks whose verdicts the changed paths can alter; a path that no rule knows touches all."""
    every = (PLATFORM, *sorted(known))
    by_package = {package(name): name for name in known}
    found: set[str] = set()
    for path in changed:
        first, *rest = path.split("/")
        if path == ACCOUNT:
            found.add(PLATFORM)
            continue
        if path in NEUTRAL_FILES or _below(path, SHARED_ONLY):
            continue
        if path.startswith(NEUTRAL) and not _below(path, SCANNED):
            continue
        tenant = ""
        if first == "tenants" and len(rest) > 1:
            tenant = rest[0]
        elif first == "spark_jobs" and len(rest) > 1:
            tenant = by_package.get(rest[0], "")
        elif first == "environments" and len(rest) > 3 and rest[1] == "rendered":
            tenant = rest[2]
        if tenant not in known:
            return every
        found.add(tenant)
    return tuple(name for name in every if name in found)


def _below(path: str, places: Collection[str]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)
