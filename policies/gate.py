"""One run of the gate: load register, checks and waivers, judge what was asked for, and put the verdicts together."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from policies import waivers as waiving
from policies.causes import Causes
from policies.context import PLATFORM
from policies.controls import Register, load_register
from policies.errors import ArtefactUnreadable, RegisterBroken
from policies.isolation import check as isolation
from policies.registry import load_checks, verify
from policies.result import GateResult
from policies.run import Run
from policies.scope import Scope, scope_of
from policies.surroundings import Surroundings
from policies.verdict import Verdict
from policies.work import Progress, Work, silent

REGISTER = Path(__file__).with_name("controls.yaml")
WAIVERS = Path(__file__).with_name("waivers.yaml")
Plans = Mapping[tuple[str, str], Path | bytes]


@dataclass(frozen=True)
class Request:
    """What to judge, and by which day.

    Attributes:
        root: of the repository.
        today: the day of the judgement, UTC.
        environments, tenants: those to judge (`platform` may be a tenant); empty for all.
        controls: ids of the controls to judge; empty for all.
        plans: `{(environment, stack): JSON of terraform show -json, or its file}`; None judges no plan and says so.
            A stack in scope without a plan is an error.
        are_of_tree: the plans were made from the rendered roots; one that was made with other values is refused.
        beside: plans of other stacks of these environments, of which nothing is judged but whether tenants reach each
            other.
        changed: paths that differ from what was judged before; only stacks that they touch are judged. None for all.
        register, waivers: files to judge by.
        is_cached: keep and use verdicts on files that have not changed.
    """

    root: Path
    today: date
    environments: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    plans: Plans | None = None
    are_of_tree: bool = False
    beside: Plans = field(default_factory=dict)
    changed: Collection[str] | None = None
    register: Path = REGISTER
    waivers: Path = WAIVERS
    is_cached: bool = True


def run_gate(request: Request, progress: Progress = silent) -> GateResult:
    """Judge a repository.

    Raises:
        PolicyError: register, checks or waivers cannot be relied on, something cannot be read, a plan is missing, or
            a control, tenant or environment does not exist.
    """
    whole = load_register(request.register)
    chosen = _register(request, whole, request.controls) if request.controls else whole
    checks = load_checks()
    verify(whole, checks)
    surroundings = Surroundings(request.root, request.today)
    environments, scope = _chosen(request, surroundings)
    pairs = [(environment, stack) for environment in environments for stack in scope.stacks]
    plans = _in_scope(request.plans, pairs)
    together = _together(request, environments, pairs if plans else (), surroundings)
    isolated = together if isolation.CONTROL in chosen else ()
    work = Work(surroundings, environments, checks.of(chosen), plans, isolated, request.beside, request.are_of_tree)
    run = Run(work, chosen, scope, has_plans=request.plans is not None)
    with _without_collection():
        run.judge(request.is_cached and not request.controls, progress)
        judgements = [*map(Causes(request.root).traced, run.judgements), *run.without_subject(pairs)]
        applied = waiving.apply(judgements, _waivers(request, whole, surroundings), run.covers)
    about = [item for item in applied.about_waivers if waiving.CONTROL in chosen or item.verdict is Verdict.FAILED]
    return GateResult(
        judgements=(*applied.judgements, *about),
        register=_register(request, whole, {*chosen.controls, *(item.control for item in about)}),
        waivers=applied.in_force,
        digests=run.digests,
        today=request.today,
        environments=environments,
        stacks=tuple(f"{environment}/{stack}" for environment, stack in pairs),
        notes=tuple(run.notes(request.changed is not None)),
    )


def stacks_in_scope(request: Request) -> list[tuple[str, str]]:
    """Return (environment, stack) of every stack that `request` asks to judge: those of which it must have a plan.

    Raises:
        PolicyError: see `run_gate`.
    """
    environments, scope = _chosen(request, Surroundings(request.root, request.today))
    return [(environment, stack) for environment in environments for stack in scope.stacks]


def _chosen(request: Request, surroundings: Surroundings) -> tuple[tuple[str, ...], Scope]:
    surroundings.require(request.environments, request.tenants)
    environments = request.environments or tuple(surroundings.environments)
    for environment in environments:
        surroundings.require_rendered(environment)
    return environments, scope_of(surroundings.tenants, request.tenants, request.changed)


def _register(request: Request, whole: Register, controls: Collection[str]) -> Register:
    """Return of the register the entries of some controls, in the order of the register.

    Raises:
        UnknownControl: one of them does not exist.
    """
    known = {whole[id].id for id in controls}
    return Register({id: whole[id] for id in whole.controls if id in known}, request.register)


def _waivers(request: Request, register: Register, surroundings: Surroundings) -> waiving.Waivers:
    """Return the waivers.

    Raises:
        RegisterBroken: they cannot be relied on, or the register lacks the control that judges them.
    """
    tenants = (*surroundings.tenants, PLATFORM)
    found = waiving.load_waivers(
        request.waivers, register, request.today, tenants=tenants, environments=surroundings.environments
    )
    if found.declared and waiving.CONTROL not in register:
        raise RegisterBroken(f"{request.waivers}: holds waivers, and the register no {waiving.CONTROL} to judge them")
    return found


def _in_scope(plans: Plans | None, pairs: Collection[tuple[str, str]]) -> Plans:
    """Return the plans of `pairs`.

    Raises:
        ArtefactUnreadable: one is missing.
    """
    if plans is None:
        return {}
    missing = [f"{environment}/{stack}" for environment, stack in pairs if (environment, stack) not in plans]
    if missing:
        raise ArtefactUnreadable(
            f"no plan of {', '.join(missing)}",
            why="what a stack will be shows in its plan alone",
            fix=f"sluice plan --env {missing[0].split('/')[0]}, or judge without plans: --plans none",
        )
    return {pair: plans[pair] for pair in pairs}


def _together(
    request: Request, environments: tuple[str, ...], pairs: Collection[tuple[str, str]], surroundings: Surroundings
) -> tuple[str, ...]:
    """Return the environments of which every stack's plan is there; none unless all of them are.

    Raises:
        ArtefactUnreadable: plans were given to be seen beside others, and are not all the others, or are judged too.
    """
    seen = {*pairs, *request.beside}
    whole = {(environment, stack) for environment in environments for stack in (PLATFORM, *surroundings.tenants)}
    if request.beside and (seen != whole or not request.beside.keys().isdisjoint(pairs)):
        different = ", ".join(sorted("/".join(pair) for pair in seen ^ whole))
        raise ArtefactUnreadable(
            f"the plans that are seen beside those that are judged do not fit: {different or 'some are judged too'}",
            expected="each stack of the environment once",
            why="whether tenants reach each other is proved over all of them",
        )
    return environments if seen == whole and pairs else ()


@contextmanager
def _without_collection() -> Iterator[None]:
    """Hold the garbage collector: judging makes many objects that live to the end, and no circles."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.freeze()
            gc.unfreeze()  # together: what was made is old at once, and not searched for garbage now
            gc.enable()
