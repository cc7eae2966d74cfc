"""The parts of a run that can be judged apart from each other, one after another or side by side."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policies.artefacts.base import Artefact
from policies.artefacts.cloudformation import Template
from policies.artefacts.discovery import CACHES, discover, discover_shared, package
from policies.artefacts.places import ACCOUNT, ACCOUNT_VALUES, SCANNED
from policies.context import PLATFORM
from policies.errors import ArtefactUnreadable
from policies.file_digests import FileDigests
from policies.isolation import check as isolation
from policies.judge import Locate, judge_artefacts, judge_plan, located
from policies.judge_template import judge_template
from policies.plan import Plan, read_plan
from policies.registry import Checks
from policies.stack import templates_of, whole
from policies.surroundings import Surroundings
from policies.verdict import Judgement

SHARED = ""
"""Name of the unit that belongs to no stack."""
JOBS = "spark_jobs"
ENVIRONMENT = "environments/{environment}/environment.yaml"
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
        isolated: environments whose plans are all there, to be judged together.
        beside: plans that are judged together with `plans`, and not by themselves.
        are_of_tree: `plans` are of the rendered roots, and must have been made with their values.
    """

    surroundings: Surroundings
    environments: tuple[str, ...]
    checks: Checks
    plans: Mapping[tuple[str, str], Path | bytes]
    isolated: tuple[str, ...] = ()
    beside: Mapping[tuple[str, str], Path | bytes] = field(default_factory=dict)
    are_of_tree: bool = False
    _read: dict[tuple[str, str], Plan] = field(default_factory=dict)

    def run(self, task: Task) -> list[Part]:
        """Do one part of the work."""
        if isinstance(task, list):
            return [(unit, "", judgements) for unit, judgements in self.judge_units(task).items()]
        if len(task) == 1:
            return [(task, "", self.judge_isolation(task[0]))]
        return [(task, *self.judge_plan(*task))]

    def places(self, unit: str) -> list[str]:
        """Return the files and folders, from the root, of which a unit's artefacts are made."""
        if unit == SHARED:
            owned = {package(name) for name in self.surroundings.tenants}
            jobs = sorted(path.name for path in (self.surroundings.root / JOBS).glob("*") if path.name not in owned)
            return [*(place for place in SCANNED if place != JOBS), *(f"{JOBS}/{name}" for name in jobs)]
        rendered = [f"environments/{name}/rendered/{unit}" for name in self.environments]
        if unit == PLATFORM:
            own = [
                path.format(environment=name) for name in self.environments for path in (ENVIRONMENT, ACCOUNT_VALUES)
            ]
            return [*rendered, *own, ACCOUNT]
        return [*rendered, f"tenants/{unit}", f"{JOBS}/{package(unit)}"]

    def digests(self, unit: str, files: FileDigests) -> dict[str, str]:
        """Return `{path: SHA-256}` of everything that a unit's verdicts can depend on."""
        return files.below(self.places(unit), CACHES)

    def judge_units(self, units: Sequence[str]) -> dict[str, list[Judgement]]:
        """Judge the artefacts of these units: stacks, or SHARED alone."""
        found: dict[str, list[Judgement]] = {unit: [] for unit in units}
        places = {unit: self.places(unit) for unit in units}
        for artefact in self._artefacts(units):
            unit = artefact.context.stack
            if not any(f"{artefact.path}/".startswith(f"{place}/") for place in places[unit]):
                raise ArtefactUnreadable(f"{artefact.path}: was found outside the places that {unit or 'no stack'} has")
            found[unit] += judge_artefacts([artefact], self.checks)
            if isinstance(artefact, Template) and artefact.context.is_bootstrap:  # no plan will ever stand beside it
                found[unit] += judge_template(artefact, self.checks)
        return {unit: sorted(judgements, key=order) for unit, judgements in found.items()}

    def _artefacts(self, units: Sequence[str]) -> list[Artefact]:
        root, context = self.surroundings.root, self.surroundings.context
        return discover_shared(root, context) if SHARED in units else discover(root, self.environments, units, context)

    def read(self, environment: str, stack: str) -> Plan:
        """Read one stack's plan; its code is looked for in the rendered tree."""
        if (environment, stack) in self._read:
            return self._read[environment, stack]
        where = (environment, stack)
        given = self.plans[where] if where in self.plans else self.beside[where]
        data = given if isinstance(given, bytes) else given.read_bytes()
        folder = self.surroundings.root / f"environments/{environment}/rendered/{stack}/terraform"
        context = self.surroundings.context(environment, stack)
        values = _values(folder) if self.are_of_tree and where in self.plans else None
        plan = read_plan(data, context, root=folder, where=f"plan {environment}/{stack}", given=values)
        if environment in self.isolated:
            self._read[environment, stack] = plan
        return plan

    def judge_plan(self, environment: str, stack: str) -> tuple[str, list[Judgement]]:
        """Judge one stack's plan; return its digest too."""
        plan = self.read(environment, stack)
        judgements = list(judge_plan(plan, self.checks, self._locate(plan)))
        for template in templates_of(self.surroundings, environment, stack):
            judgements += judge_template(template, self.checks, beside=plan)
        return plan.sha256, sorted(judgements, key=order)

    def judge_isolation(self, environment: str) -> list[Judgement]:
        """Judge all stacks of an environment together: what Terraform makes there, and what templates make."""
        stacks = [stack for where, stack in (*self.plans, *self.beside) if where == environment]
        plans = {stack: self.read(environment, stack) for stack in stacks}
        seen = [whole(plan, templates_of(self.surroundings, environment, stack)) for stack, plan in plans.items()]
        problems = [problem for _, unread in seen for problem in unread]
        found = list(isolation.judge([plan for plan, _ in seen], problems))
        return sorted((located(item, self._locate(plans[item.subject.stack])) for item in found), key=order)

    def _locate(self, plan: Plan) -> Locate:
        def locate(address: str) -> tuple[str, int]:
            found = plan.locate(address)
            return (_from(self.surroundings.root, found[0]), found[1]) if found else ("", 0)

        return locate


def _values(root: Path) -> dict[str, Any]:
    """Return the variables with which a rendered root is planned; a root without the file has none."""
    path = root / "terraform.tfvars.json"
    try:
        values = json.loads(path.read_bytes()) if path.is_file() else {}
    except (OSError, ValueError, RecursionError) as error:
        raise ArtefactUnreadable(f"{path}: is no JSON: {error}", fix="sluice render") from None
    if not isinstance(values, dict):
        raise ArtefactUnreadable(f"{path}: holds {type(values).__name__} where an object was expected")
    return values


def order(judgement: Judgement) -> tuple[str, ...]:
    """Return by what judgements are sorted."""
    subject = judgement.subject
    return subject.environment, subject.stack, judgement.control, subject.address, judgement.check


Task = list[str] | tuple[str, ...]
"""Units; or the (environment, stack) of a plan; or the (environment,) whose plans are judged together."""
Part = tuple[str | tuple[str, ...], str, list[Judgement]]
"""What was judged, the plan's digest or empty, and the verdicts."""


def judge_all(work: Work, units: Sequence[str], progress: Progress = silent) -> Iterator[Part]:
    """Judge units, every plan, and the plans of an environment together; yield each as it is done.

    In as many processes as there are processors where that pays.
    """
    stacks = [unit for unit in units if unit != SHARED]
    chunks = [stacks[at : at + CHUNK] for at in range(0, len(stacks), CHUNK)] + [[SHARED]] * (SHARED in units)
    tasks: list[Task] = [*work.plans, *((environment,) for environment in work.isolated), *chunks]
    total, done = len(units) + len(work.plans) + len(work.isolated), 0
    sizes = sum(len(item) if isinstance(item, bytes) else item.stat().st_size for item in work.plans.values())
    pays = len(units) > FEW_UNITS or (sizes > FEW_BYTES and len(work.plans) > 1)
    jobs = min(os.cpu_count() or 1, len(tasks)) if pays else 1
    for parts in map(work.run, tasks) if jobs == 1 else _side_by_side(work, tasks, jobs):
        for part in parts:
            yield part
            done += 1
            progress(done, total)


def _side_by_side(work: Work, tasks: Sequence[Task], jobs: int) -> Iterator[list[Part]]:
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


def _run_kept(task: Task) -> list[Part]:
    return _kept[0].run(task)


def _from(root: Path, path: Path) -> str:
    """Return `path` from the repository's root; as it is when it lies elsewhere."""
    absolute, start = os.path.abspath(path), os.path.abspath(root)  # noqa: PTH100 -- links are not followed
    return Path(absolute).relative_to(start).as_posix() if absolute.startswith(f"{start}/") else Path(path).as_posix()
