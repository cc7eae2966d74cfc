"""The parts of a run that can be judged apart from each other, one after another or side by side."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from policies.artefacts.base import Artefact
from policies.artefacts.discovery import CACHES, discover, discover_shared, package
from policies.artefacts.places import SCANNED
from policies.cache import file_digests
from policies.context import PLATFORM
from policies.errors import ArtefactUnreadable
from policies.judge import judge_artefacts, judge_plan
from policies.plan import Plan, read_plan
from policies.registry import Checks
from policies.surroundings import Surroundings
from policies.verdict import Judgement

SHARED = ""
"""Name of the unit that belongs to no stack."""
JOBS = "spark_jobs"
CHUNK = 25
FEW_UNITS = 2 * CHUNK
FEW_BYTES = 40_000_000
"""Up to here one process is faster than two: starting one costs a third of a second."""

Progress = Callable[[int, int], None]
"""Told how many parts of how many are judged."""


def silent(done: int, total: int) -> None:
    """Show no progress."""


@dataclass(frozen=True)
class Work:
    """What every part needs.

    Attributes:
        plans: `{(environment, stack): JSON of the plan, or its file}`.
    """

    surroundings: Surroundings
    environments: tuple[str, ...]
    checks: Checks
    plans: Mapping[tuple[str, str], Path | bytes]

    def places(self, unit: str) -> list[str]:
        """Return the files and folders, from the root, of which a unit's artefacts are made."""
        if unit == SHARED:
            owned = {package(name) for name in self.surroundings.tenants}
            jobs = sorted(path.name for path in (self.surroundings.root / JOBS).glob("*") if path.name not in owned)
            return [*(place for place in SCANNED if place != JOBS), *(f"{JOBS}/{name}" for name in jobs)]
        rendered = [f"environments/{name}/rendered/{unit}" for name in self.environments]
        if unit == PLATFORM:
            return [*rendered, *(f"environments/{name}/environment.yaml" for name in self.environments)]
        return [*rendered, f"tenants/{unit}", f"{JOBS}/{package(unit)}"]

    def digests(self, unit: str) -> dict[str, str]:
        """Return `{path: SHA-256}` of everything that a unit's verdicts can depend on."""
        return file_digests(self.surroundings.root, self.places(unit), CACHES)

    def judge_units(self, units: Sequence[str]) -> dict[str, list[Judgement]]:
        """Judge the artefacts of these units: stacks, or SHARED alone."""
        found: dict[str, list[Judgement]] = {unit: [] for unit in units}
        places = {unit: self.places(unit) for unit in units}
        for artefact in self._artefacts(units):
            unit = artefact.context.stack
            if not any(f"{artefact.path}/".startswith(f"{place}/") for place in places[unit]):
                raise ArtefactUnreadable(f"{artefact.path}: was found outside the places that {unit or 'no stack'} has")
            found[unit] += judge_artefacts([artefact], self.checks)
        return {unit: sorted(judgements, key=order) for unit, judgements in found.items()}

    def _artefacts(self, units: Sequence[str]) -> list[Artefact]:
        root, context = self.surroundings.root, self.surroundings.context
        return discover_shared(root, context) if SHARED in units else discover(root, self.environments, units, context)

    def read(self, environment: str, stack: str) -> Plan:
        """Read one stack's plan; its code is looked for in the rendered tree."""
        given = self.plans[environment, stack]
        data = given if isinstance(given, bytes) else given.read_bytes()
        folder = self.surroundings.root / f"environments/{environment}/rendered/{stack}/terraform"
        context = self.surroundings.context(environment, stack)
        return read_plan(data, context, root=folder, where=f"plan {environment}/{stack}")

    def judge_plan(self, environment: str, stack: str) -> tuple[str, list[Judgement]]:
        """Judge one stack's plan; return its digest too."""
        plan = self.read(environment, stack)

        def locate(address: str) -> tuple[str, int]:
            found = plan.locate(address)
            return (_from(self.surroundings.root, found[0]), found[1]) if found else ("", 0)

        return plan.sha256, sorted(judge_plan(plan, self.checks, locate), key=order)


def order(judgement: Judgement) -> tuple[str, ...]:
    """Return by what judgements are sorted."""
    subject = judgement.subject
    return subject.environment, subject.stack, judgement.control, subject.address, judgement.check


def judge_all(
    work: Work, units: Sequence[str], progress: Progress = silent
) -> Iterator[tuple[str | tuple[str, str], str, list[Judgement]]]:
    """Judge units and every plan; yield (unit or plan, the plan's digest or empty, judgements) as they are done.

    In as many processes as there are processors where that pays.
    """
    stacks = [unit for unit in units if unit != SHARED]
    chunks = [stacks[at : at + CHUNK] for at in range(0, len(stacks), CHUNK)] + [[SHARED]] * (SHARED in units)
    total, done = len(units) + len(work.plans), 0
    sizes = sum(len(item) if isinstance(item, bytes) else item.stat().st_size for item in work.plans.values())
    pays = len(units) > FEW_UNITS or (sizes > FEW_BYTES and len(work.plans) > 1)
    jobs = min(os.cpu_count() or 1, len(chunks) + len(work.plans)) if pays else 1
    tasks: list[list[str] | tuple[str, str]] = [*work.plans, *chunks]
    for part in map(lambda task: _run(work, task), tasks) if jobs == 1 else _side_by_side(work, tasks, jobs):
        for item in part:
            yield item
            done += 1
            progress(done, total)


Part = list[tuple[str | tuple[str, str], str, list[Judgement]]]


def _run(work: Work, task: list[str] | tuple[str, str]) -> Part:
    if isinstance(task, tuple):
        digest, judgements = work.judge_plan(*task)
        return [(task, digest, judgements)]
    return [(unit, "", judgements) for unit, judgements in work.judge_units(task).items()]


def _side_by_side(work: Work, tasks: Sequence[list[str] | tuple[str, str]], jobs: int) -> Iterator[Part]:
    fork = multiprocessing.get_context("fork")  # the checks are loaded, and no thread runs yet
    with ProcessPoolExecutor(jobs, mp_context=fork, initializer=_keep, initargs=(work,)) as pool:
        futures = [pool.submit(_run_kept, task) for task in tasks]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


_kept: list[Work] = []


def _keep(work: Work) -> None:
    _kept[:] = [work]


def _run_kept(task: list[str] | tuple[str, str]) -> Part:
    return _run(_kept[0], task)


def _from(root: Path, path: Path) -> str:
    """Return `path` from the repository's root; as it is when it lies elsewhere."""
    absolute, start = os.path.abspath(path), os.path.abspath(root)  # noqa: PTH100 -- links are not followed
    return Path(absolute).relative_to(start).as_posix() if absolute.startswith(f"{start}/") else Path(path).as_posix()
