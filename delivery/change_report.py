"""What a build found out about a change, read from the folder in which its steps left it.

A step that did not come to its end left nothing: that is said, and is never taken for a result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from delivery.errors import DeliveryError
from delivery.gate_report import recorded_gate
from policies.report.baseline import Comparison
from policies.result import GateResult

SUMMARY, AFFECTED, FAILED = "summary.json", "affected.json", "failed.json"
CLOUDFORMATION = "cloudformation*.json"
"""One file, or one an environment."""
MADE = "made.json"
"""{"commit": of the checkout that was planned}."""
GATE, BASELINE, ISOLATION = "gate.json", "baseline.json", "isolation.json"
EARLIER = "baseline/**/verdicts.json"
"""The evidence of the target branch's last build, unpacked here, serves as BASELINE too."""
HOLDS, NOT_PROVED = "holds", "not proved here"
ISOLATION_VERDICTS = (HOLDS, "breach", "undecided", NOT_PROVED)


class ReportUnreadable(DeliveryError):
    """A file of the report folder is not what the step before writes there."""

    exit_code = 2


class Item(msgspec.Struct, frozen=True):
    """One resource that would change."""

    address: str
    type: str
    action: str


class Summary(msgspec.Struct, frozen=True):
    """What one stack's plan, or one CloudFormation stack's change set, would do."""

    counts: dict[str, int]
    destructive: tuple[Item, ...]
    changes: tuple[Item, ...]
    empty: bool
    digest: str = ""
    scaled: tuple[str, ...] = ()
    read_only: bool = False
    plan_sha256: str = ""


class Isolation(msgspec.Struct, frozen=True):
    """The proof of one environment; `verdict` is one of ISOLATION_VERDICTS."""

    verdict: str
    text: str


@dataclass(frozen=True)
class ChangeReport:
    """Everything that there is to say; None where the step did not come to its end.

    Attributes:
        plans, cloudformation: {<environment>/<stack>: summary}.
        decommission: stacks that nothing renders any more.
        failed: {stack: why it could not be planned}.
        gate: the gate's run, and how it compares with the target branch's.
        isolation: {environment: proof}.
    """

    plans: Mapping[str, Summary] | None = None
    cloudformation: Mapping[str, Summary] | None = None
    decommission: tuple[str, ...] = ()
    failed: Mapping[str, str] | None = None
    gate: tuple[GateResult, Comparison | None] | None = None
    isolation: Mapping[str, Isolation] | None = None

    @property
    def stops(self) -> list[str]:
        """Why the change is no go, gravest first; empty when it is go."""
        found = []
        if self.failed:
            found.append(f"{len(self.failed)} {'stack' if len(self.failed) == 1 else 'stacks'} could not be planned")
        if self.plans is None:
            found.append("it was not planned")
        elif self.cloudformation is None:
            found.append("CloudFormation templates were not compared")
        if self.gate is None:
            found.append("the gate did not judge it")
        else:
            if self.gate[0].exit_code:
                found.append("the gate refuses it")
            found += self._not_judged(self.gate[0])
        if self.isolation is None:
            found.append("isolation was not looked at")
        elif {proof.verdict for proof in self.isolation.values()} - {HOLDS, NOT_PROVED}:
            found.append("isolation does not hold, or is undecided")
        return found

    def _not_judged(self, gate: GateResult) -> list[str]:
        """Say of how many plans the gate's record is none: it judged others, or only files."""
        plans = {f"plan {stack}": summary.plan_sha256 for stack, summary in (self.plans or {}).items()}
        missing = [name for name, digest in plans.items() if not digest or gate.digests.get(name) != digest]
        return [f"the gate did not judge {len(missing)} of the {len(plans)} plans"] if missing else []


def read_report(folder: Path, commit: str, latest_gate: Path | None = None) -> ChangeReport:
    """Return what the files of `folder` say.

    Args:
        commit: of the checkout; what was planned of another says nothing about it, nor what was found out about that.
        latest_gate: the gate's last run of this checkout as it is, taken where the folder has no GATE.

    Raises:
        ReportUnreadable: a file is there and holds something else.
        PolicyError: the gate's record is of another form or register.
    """
    made = _read(folder / MADE, dict[str, str]) or {}
    gate = folder / GATE if (folder / GATE).exists() else latest_gate
    earlier = next(iter([*folder.glob(BASELINE), *sorted(folder.glob(EARLIER))]), None)
    judged = recorded_gate(gate, earlier) if gate and gate.exists() else None
    if not commit or made.get("commit") != commit:
        return ChangeReport(gate=judged)
    affected = _read(folder / AFFECTED, dict[str, tuple[str, ...]]) or {}
    isolation = _read(folder / ISOLATION, dict[str, Isolation])
    if isolation and {proof.verdict for proof in isolation.values()} - set(ISOLATION_VERDICTS):
        raise ReportUnreadable(f"{folder / ISOLATION}: a verdict is none of {', '.join(ISOLATION_VERDICTS)}")
    return ChangeReport(
        plans=_read(folder / SUMMARY, dict[str, Summary]),
        cloudformation=_all(sorted(folder.glob(CLOUDFORMATION))),
        decommission=affected.get("decommission", ()),
        failed=_read(folder / FAILED, dict[str, str]),
        gate=judged,
        isolation=isolation,
    )


def _all(paths: Sequence[Path]) -> dict[str, Summary] | None:
    """Return the summaries of several files together; None where there is no file."""
    found = [_read(path, dict[str, Summary]) or {} for path in paths]
    return {stack: summary for summaries in found for stack, summary in summaries.items()} if found else None


Document = TypeVar("Document")


def _read(path: Path, form: type[Document]) -> Document | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=form)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise ReportUnreadable(f"{path}: cannot be read: {error}", fix="run the step that writes it again") from error


def as_data(summaries: Mapping[str, Summary]) -> dict[str, Any]:
    """Return summaries as `summary.json` holds them."""
    data: dict[str, Any] = msgspec.to_builtins(summaries)
    return data
