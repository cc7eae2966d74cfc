"""What one run has judged: kept verdicts and new ones, by what they speak about, and what was left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from policies.cache import Cache
from policies.controls import Control, Register
from policies.file_digests import FileDigests
from policies.isolation import check as isolation
from policies.registry import PLAN
from policies.report.provenance import tools
from policies.scope import Scope
from policies.verdict import Judgement, Subject, Verdict
from policies.waivers import Waiver
from policies.work import SHARED, Progress, Work, judge_all

CACHE = Path(".sluice/gate-cache")


class Run:
    """What one run has judged so far."""

    def __init__(self, work: Work, register: Register, scope: Scope, *, has_plans: bool) -> None:
        self._work, self._register, self._scope, self._has_plans = work, register, scope, has_plans
        self.judgements: list[Judgement] = []
        self.digests: dict[str, str] = {}

    def judge(self, is_cached: bool, progress: Progress) -> None:
        """Judge everything in scope; of artefacts only those that no kept verdict speaks about."""
        root = self._work.surroundings.root
        cache = self._cache()
        units = [*self._scope.stacks, *([SHARED] if self._scope.shared else [])]
        files = FileDigests(root, root / CACHE / "files" if is_cached else None)
        keys: dict[str, str] = {}
        found: dict[str | tuple[str, ...], list[Judgement]] = {}
        for unit in units:
            digests = self._work.digests(unit, files)
            self.digests.update(digests)
            keys[unit] = cache.key(unit, digests.items())
            kept = cache.get(keys[unit]) if is_cached else None
            if kept is not None:
                found[unit] = kept
        files.remember()
        for part, digest, judgements in judge_all(self._work, [unit for unit in units if unit not in found], progress):
            found[part] = judgements
            if isinstance(part, str):
                if is_cached:
                    cache.put(keys[part], judgements)
            elif digest:
                self.digests[f"plan {'/'.join(part)}"] = digest
        parts: list[str | tuple[str, ...]] = [
            *units,
            *self._work.plans,
            *((environment,) for environment in self._work.isolated),
        ]
        self.judgements += [judgement for part in parts for judgement in found[part]]

    def _cache(self) -> Cache:
        surroundings = self._work.surroundings
        contexts = [asdict(surroundings.context(name, "")) for name in self._work.environments]
        basis = {
            "tools": tools(),
            "contexts": contexts,
            "environments": self._work.environments,
            "checks": sorted(self._work.checks.all),
        }
        return Cache(surroundings.root / CACHE, basis)

    def without_subject(self, pairs: Iterable[tuple[str, str]]) -> Iterator[Judgement]:
        """Yield `not applicable` for each control that found nothing to judge in a stack, or beside it."""
        judged: dict[tuple[str, str], set[str]] = defaultdict(set)
        for judgement in self.judgements:
            judged[judgement.subject.environment, judgement.subject.stack].add(judgement.control)
        told = [control for control in self._register if self._is_told(control)]
        for environment, stack in pairs:
            here = judged[environment, stack] | judged["", stack] | judged["", ""]
            for control in told:
                if control.id not in here:
                    subject = Subject(
                        environment, stack, control.artefacts[0], f"environments/{environment}/rendered/{stack}"
                    )
                    text = f"the stack holds nothing that {control.id} speaks about"
                    yield Judgement(control.id, control.checks[0], subject, Verdict.NOT_APPLICABLE, text)

    def _is_told(self, control: Control) -> bool:
        """Tell whether everything was looked at that the control speaks about."""
        if control.id == isolation.CONTROL and set(self._work.environments) - set(self._work.isolated):
            return False
        return bool(control.checks) and (self._has_plans or PLAN not in control.artefacts)

    def covers(self, waiver: Waiver) -> bool:
        """Tell whether everything that a waiver speaks about was judged."""
        if waiver.control not in self._register or not self._is_told(self._register[waiver.control]):
            return False
        if not waiver.tenant:
            return self._scope.shared
        in_environment = not waiver.environment or waiver.environment in self._work.environments
        return in_environment and waiver.tenant in self._scope.stacks

    def notes(self, is_change: bool) -> Iterator[str]:
        """Yield what a reader must know of a run that did not judge everything."""
        if not self._has_plans:
            yield "Terraform plans were not judged, as asked: no verdict here speaks about them"
        elif isolation.CONTROL in self._register and not self._work.isolated:
            yield f"{isolation.CONTROL} was not judged: it takes the plans of every stack of an environment"
        if not self._scope.is_whole:
            stacks = ", ".join(self._scope.stacks) or "no stack"
            limit = "what changed" if is_change else "what was asked for"
            yield f"only {limit} was judged: {stacks}{' and what stacks share' if self._scope.shared else ''}"
