"""Evidence for an auditor: per control and per framework clause what was required, what was judged and the verdicts.

The same judgements give the same bytes. Spreadsheets run cells that begin like a formula: such cells get an apostrophe.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from policies.controls import Control
from policies.report import clauses, verdicts
from policies.report.findings import PLAN, digest_key, thing
from policies.report.printable import printable
from policies.result import GateResult
from policies.verdict import Judgement, Verdict

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
    *(verdict.value.replace(" ", "_") for verdict in Verdict),
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
    *(verdict.value.replace(" ", "_") for verdict in Verdict),
    "subjects",
    "verdicts_sha256",
)
SUBJECT_COLUMNS = (
    "control",
    "check",
    "environment",
    "stack",
    "artefact",
    "address",
    "verdict",
    "found",
    "waiver",
    "judged_sha256",
)
README = Path(__file__).with_name("evidence_readme.md")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(folder: Path, result: GateResult, tools: Mapping[str, str]) -> None:
    """Write the evidence of one run into `folder`, which is made when it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in documents(result, tools).items():
        (folder / name).write_text(text, encoding="utf-8", newline="")


def documents(result: GateResult, tools: Mapping[str, str]) -> dict[str, str]:
    """Return `{file name: content}`; SHA256SUMS lists the others, for `sha256sum --check`."""
    by_control: dict[str, list[Judgement]] = defaultdict(list)
    for judgement in result.judgements:
        by_control[judgement.control].append(judgement)
    files = {
        "README.md": README.read_text(encoding="utf-8"),
        "clauses.csv": _csv(CLAUSE_COLUMNS, _clauses(result, by_control)),
        "controls.csv": _csv(
            CONTROL_COLUMNS, [_control(control, by_control[control.id], result) for control in result.register]
        ),
        "subjects.csv": _csv(SUBJECT_COLUMNS, [_subject(item, result) for item in result.judgements]),
        "verdicts.json": verdicts.document(result, tools),
    }
    sums = [f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in sorted(files.items())]
    return {**files, "SHA256SUMS": "".join(sums)}


def state(controls: Sequence[Control], counts: Counter[Verdict], has_plans: bool) -> str:
    """Return what may be said of a control or clause; only `passed` says that all was looked at and was right.

    Args:
        has_plans: whether Terraform plans were judged.
    """
    if counts[Verdict.NO_VERDICT]:
        return "no verdict"
    if counts[Verdict.FAILED]:
        return "failed"
    if all(control.not_automated for control in controls):
        return "not automated"
    limits = ["in part not automated"] if any(control.not_automated for control in controls) else []
    if not has_plans and any(PLAN in control.artefacts for control in controls):
        limits.append("plans not judged")
    if not counts[Verdict.PASSED] and not counts[Verdict.WAIVED]:
        return ", ".join(["nothing to judge", *limits])
    return ", ".join(["waived" if counts[Verdict.WAIVED] else "passed", *limits])


def _has_plans(result: GateResult) -> bool:
    return any(name.startswith(f"{PLAN} ") for name in result.digests)


def _control(control: Control, judgements: Sequence[Judgement], result: GateResult) -> list[Any]:
    counts = Counter(item.verdict for item in judgements)
    return [
        control.id,
        state([control], counts, _has_plans(result)),
        control.requirement,
        control.severity,
        control.owner,
        "; ".join(control.clauses),
        "; ".join(control.artefacts),
        "; ".join(control.checks),
        control.not_automated,
        *(counts[verdict] for verdict in Verdict),
        len({thing(item.subject) for item in judgements}),
        len({(item.subject.environment, item.subject.stack) for item in judgements}),
        "; ".join(sorted({item.waiver for item in judgements} - {""})),
        _digest(judgements, result),
    ]


def _clauses(result: GateResult, by_control: Mapping[str, Sequence[Judgement]]) -> list[list[Any]]:
    rows = []
    for (framework, clause), controls in clauses.by_clause(result.register).items():
        judgements = [item for control in controls for item in by_control[control.id]]
        counts = Counter(item.verdict for item in judgements)
        rows.append(
            [
                clauses.title(framework),
                clause,
                state(controls, counts, _has_plans(result)),
                "; ".join(control.id for control in controls),
                " | ".join(control.requirement for control in controls),
                *(counts[verdict] for verdict in Verdict),
                len({thing(item.subject) for item in judgements}),
                _digest(judgements, result),
            ]
        )
    return rows


def _subject(judgement: Judgement, result: GateResult) -> list[Any]:
    subject = judgement.subject
    return [
        judgement.control,
        judgement.check,
        subject.environment,
        subject.stack,
        subject.artefact,
        subject.address,
        judgement.verdict.value,
        judgement.found,
        judgement.waiver,
        result.digests.get(digest_key(subject), ""),
    ]


def _digest(judgements: Iterable[Judgement], result: GateResult) -> str:
    """Return the SHA-256 over these judgements' lines in subjects.csv; empty when there is none."""
    lines = _rows(_subject(item, result) for item in judgements)
    return hashlib.sha256(lines.encode()).hexdigest() if lines else ""


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    return _rows([columns, *rows])


def _rows(rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula."""
    text = printable(str(value))
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text
