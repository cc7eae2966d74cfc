"""Evidence for an auditor: per control and per framework clause what was required, what was judged and the verdicts.

The same judgements give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from policies.controls import Control
from policies.report import clauses, csv_text, tally, verdicts
from policies.report.findings import PLAN
from policies.report.tally import Tally
from policies.result import GateResult
from policies.verdict import Verdict

COUNTS = tuple(verdict.value.replace(" ", "_") for verdict in Verdict)
CONTROL_COLUMNS = (
    "control",
    "state",
    "requirement",
    "severity",
    "owner",
    "clauses",
    "artefacts",
    "checks",
    "not_automated",
    *COUNTS,
    "subjects",
    "stacks",
    "waivers",
    "verdicts_sha256",
)
CLAUSE_COLUMNS = (
    "framework",
    "clause",
    "state",
    "controls",
    "requirements",
    *COUNTS,
    "subjects",
    "waivers",
    "verdicts_sha256",
)
README = Path(__file__).with_name("evidence_readme.md")


def write(folder: Path, result: GateResult, tools: Mapping[str, str]) -> None:
    """Write the evidence of one run into `folder`, which is made when it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in documents(result, tools).items():
        (folder / name).write_text(text, encoding="utf-8", newline="")


def documents(result: GateResult, tools: Mapping[str, str]) -> dict[str, str]:
    """Return `{file name: content}`; SHA256SUMS lists the others, for `sha256sum --check`."""
    tallies = tally.by_control(result)
    has_plans = any(name.startswith(f"{PLAN} ") for name in result.digests)
    whole = tally.together(tallies.values())
    files = {
        "README.md": README.read_text(encoding="utf-8"),
        "clauses.csv": csv_text.table(CLAUSE_COLUMNS, _clauses(result, tallies, has_plans)),
        "controls.csv": csv_text.table(CONTROL_COLUMNS, _controls(result, tallies, has_plans)),
        "subjects.csv": csv_text.lines([tally.COLUMNS]) + "".join(whole.lines),
        "verdicts.json": verdicts.document(result, tools).decode(),
    }
    sums = [f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in sorted(files.items())]
    return {**files, "SHA256SUMS": "".join(sums)}


def state(controls: Sequence[Control], found: Tally, has_plans: bool) -> str:
    """Return what may be said of a control or clause; only `passed` says that all was looked at and was right.

    Args:
        has_plans: whether Terraform plans were judged.
    """
    if found.counts[Verdict.NO_VERDICT]:
        return "no verdict"
    if found.counts[Verdict.FAILED]:
        return "failed"
    if all(control.not_automated for control in controls):
        return "not automated"
    limits = ["in part not automated"] if any(control.not_automated for control in controls) else []
    if not has_plans and any(PLAN in control.artefacts for control in controls):
        limits.append("plans not judged")
    if not found.counts[Verdict.PASSED] and not found.counts[Verdict.WAIVED]:
        return ", ".join(["nothing to judge", *limits])
    return ", ".join(["waived" if found.counts[Verdict.WAIVED] else "passed", *limits])


def _controls(result: GateResult, tallies: Mapping[str, Tally], has_plans: bool) -> Iterator[list[Any]]:
    for control in result.register:
        found = tallies[control.id]
        yield [
            control.id,
            state([control], found, has_plans),
            control.requirement,
            control.severity,
            control.owner,
            "; ".join(control.clauses),
            "; ".join(control.artefacts),
            "; ".join(control.checks),
            control.not_automated,
            *(found.counts[verdict] for verdict in Verdict),
            len(found.subjects),
            len({(subject.environment, subject.stack) for subject in found.subjects}),
            "; ".join(sorted(found.waivers)),
            found.digest,
        ]


def _clauses(result: GateResult, tallies: Mapping[str, Tally], has_plans: bool) -> Iterator[list[Any]]:
    for (framework, clause), controls in clauses.by_clause(result.register).items():
        found = tally.together(tallies[control.id] for control in controls)
        yield [
            clauses.title(framework),
            clause,
            state(controls, found, has_plans),
            "; ".join(control.id for control in controls),
            " | ".join(control.requirement for control in controls),
            *(found.counts[verdict] for verdict in Verdict),
            len(found.subjects),
            "; ".join(sorted(found.waivers)),
            found.digest,
        ]
