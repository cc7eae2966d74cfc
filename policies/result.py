"""What one run of the gate found, as a value: reports render it, the command line exits by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from policies.controls import Register
from policies.verdict import Judgement, Verdict

if TYPE_CHECKING:
    from policies.waivers import Waiver


@dataclass(frozen=True)
class GateResult:
    """Every judgement of a run, with what was judged.

    Attributes:
        judgements: ordered by environment, stack, control, address; those that a waiver covers are WAIVED already.
        register: the controls that were judged, all of them unless some were asked for.
        waivers: those in force on `today`.
        digests: SHA-256, hexadecimal, of everything that was judged: `{path or "plan <environment>/<stack>": digest}`.
        today: the day that was judged on.
        environments: those judged, in the order asked for.
        stacks: `<environment>/<stack>` of every stack judged.
        notes: what a reader must know to read the verdicts rightly, such as that no plan was judged.
    """

    judgements: tuple[Judgement, ...]
    register: Register
    waivers: tuple[Waiver, ...]
    digests: Mapping[str, str]
    today: date
    environments: tuple[str, ...]
    stacks: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @cached_property
    def counts(self) -> Counter[Verdict]:
        return Counter(judgement.verdict for judgement in self.judgements)

    @property
    def exit_code(self) -> int:
        """4 when anything has no verdict, else 1 when anything failed, else 0. A run without a verdict is no pass."""
        if self.counts[Verdict.NO_VERDICT] or not self.judgements:
            return 4
        return 1 if self.counts[Verdict.FAILED] else 0
