"""The gate's recorded run as a result again, for reports that are written after it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import msgspec

from policies.controls import Register, load_register
from policies.errors import ArtefactUnreadable
from policies.gate import REGISTER
from policies.report import verdicts
from policies.report.baseline import Comparison, compare
from policies.result import GateResult
from policies.waivers import Waiver


def is_current(path: Path, root: Path) -> bool:
    """Tell whether the run that is recorded in `path` judged the files of `root` as they are; plans it takes for so."""
    digests = verdicts.read(path).digests
    files = {name: digest for name, digest in digests.items() if not name.startswith("plan ")}
    return all(_digest(root / name) == digest for name, digest in files.items())


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def recorded_gate(path: Path, baseline: Path | None = None) -> tuple[GateResult, Comparison | None]:
    """Return the run that `sluice gate` recorded in `path`, and how it compares with the one in `baseline`.

    Raises:
        ArtefactUnreadable: a record is truncated, foreign, or of a register without the controls that it judged.
    """
    run = verdicts.read(path)
    register = load_register(REGISTER)
    unknown = set(run.controls) - set(register.controls)
    if unknown:
        raise ArtefactUnreadable(
            f"{path}: judged {', '.join(sorted(unknown))}, which the register does not hold", fix="run sluice gate anew"
        )
    chosen = Register({name: register[name] for name in run.controls}, register.path)
    result = GateResult(
        judgements=tuple(run.judged()),
        register=chosen,
        waivers=tuple(_waiver(values) for values in run.waivers),
        digests=run.digests,
        today=run.today,
        environments=run.environments,
        stacks=run.stacks,
        notes=run.notes,
    )
    return result, compare(result, verdicts.read(baseline)) if baseline else None


def _waiver(values: dict[str, Any]) -> Waiver:
    known = {key: value for key, value in values.items() if key != "days_left"}
    try:
        return msgspec.convert(known, Waiver, strict=False)
    except msgspec.ValidationError as error:
        raise ArtefactUnreadable(f"waiver {values.get('id')!r} of the recorded run: {error}") from error
