"""The run as our own JSON: what evidence holds, what the next run is compared with and `sluice control` reads.

One judgement a line, so that two runs can be compared with diff; no clock and no machine in it, so that the same run
gives the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from policies.errors import ArtefactUnreadable
from policies.result import GateResult
from policies.verdict import Judgement, Subject, Verdict
from policies.waivers import Waiver

SCHEMA = "sluice-verdicts/1"
LATEST = Path(".sluice/gate/verdicts.json")
"""Where `sluice gate` leaves its last run, from the repository's root."""
ACTED_ON = (Verdict.FAILED, Verdict.NO_VERDICT, Verdict.WAIVED)

CHUNK = 2_000
"""Judgements written at one time."""

_encoder = msgspec.json.Encoder()


class RecordedJudgement(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One judgement, flat; only what a person must act on has a fingerprint."""

    control: str
    check: str
    environment: str
    stack: str
    artefact: str
    address: str
    path: str
    line: int
    verdict: str
    found: str
    waiver: str
    is_warning: bool
    fingerprint: str


class RecordedRun(msgspec.Struct, frozen=True):
    """What one run of the gate recorded.

    Attributes:
        controls: ids of those judged.
        stacks: `<environment>/<stack>` of those judged.
        register: SHA-256 of controls.yaml.
    """

    schema: str
    today: date
    environments: tuple[str, ...]
    stacks: tuple[str, ...]
    controls: tuple[str, ...]
    exit_code: int
    counts: dict[str, int]
    register: str
    tools: dict[str, str]
    digests: dict[str, str]
    notes: tuple[str, ...]
    waivers: tuple[dict[str, Any], ...]
    judgements: tuple[RecordedJudgement, ...]

    def judged(self) -> list[Judgement]:
        """Return the judgements as the gate gave them."""
        return [_judgement(item) for item in self.judgements]


def document(result: GateResult, tools: Mapping[str, str]) -> bytes:
    """Return the run as JSON, UTF-8.

    Args:
        tools: `{tool: version}` of what judged.
    """
    return b"".join(chunks(result, tools))


def chunks(result: GateResult, tools: Mapping[str, str]) -> Iterator[bytes]:
    """Yield the same piece by piece: of many tenants it is larger than all that it is made of."""
    head = {
        "schema": SCHEMA,
        "today": result.today.isoformat(),
        "environments": result.environments,
        "stacks": result.stacks,
        "controls": tuple(result.register.controls),
        "exit_code": result.exit_code,
        "counts": {verdict.value: result.counts[verdict] for verdict in Verdict},
        "register": register_digest(result),
        "tools": dict(sorted(tools.items())),
        "digests": {_encodable(name): digest for name, digest in sorted(result.digests.items())},
        "notes": [_encodable(note) for note in result.notes],
        "waivers": [waiver_values(waiver, result.today) for waiver in result.waivers],
    }
    lines = "".join(f'  "{key}": {_pretty(value)},\n' for key, value in head.items())
    yield f'{{\n{lines}  "judgements": ['.encode()
    for at in range(0, len(result.judgements), CHUNK):
        encoded = _encoder.encode_lines([_recorded(item) for item in result.judgements[at : at + CHUNK]])
        yield (b"," if at else b"") + b"\n    " + encoded[:-1].replace(b"\n", b",\n    ")
    yield b"\n  ]\n}\n" if result.judgements else b"]\n}\n"


def _pretty(value: Any) -> str:
    return msgspec.json.format(_encoder.encode(value), indent=2).decode().replace("\n", "\n  ")


def read(path: Path) -> RecordedRun:
    """Return the run that `document` wrote.

    Raises:
        ArtefactUnreadable: the file is missing, truncated or of another form.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(str(path), error) from None
    return decode(content, str(path))


def decode(content: bytes, name: str) -> RecordedRun:
    """Return the run in `content`, which messages call `name`.

    Raises:
        ArtefactUnreadable: it is truncated or of another form.
    """
    try:
        run = msgspec.json.decode(content, type=RecordedRun)
    except msgspec.MsgspecError as error:
        raise _unreadable(name, error) from None
    if run.schema != SCHEMA or {item.verdict for item in run.judgements} - {verdict.value for verdict in Verdict}:
        raise ArtefactUnreadable(f"{name}: holds {run.schema!r}", expected=SCHEMA, fix="run sluice gate anew")
    return run


def _unreadable(name: str, error: Exception) -> ArtefactUnreadable:
    return ArtefactUnreadable(
        f"{name}: is no record of a gate's run: {error}", fix="sluice gate writes one to .sluice/gate/verdicts.json"
    )


def register_digest(result: GateResult) -> str:
    """Return the SHA-256 of the register's file, hexadecimal."""
    return hashlib.sha256(result.register.path.read_bytes()).hexdigest()


def _recorded(judgement: Judgement) -> RecordedJudgement:
    subject = judgement.subject
    return RecordedJudgement(  # by position: this is done for a hundred thousand of them
        judgement.control,
        judgement.check,
        subject.environment,
        subject.stack,
        subject.artefact,
        _encodable(subject.address),
        _encodable(subject.path),
        subject.line,
        judgement.verdict.value,
        _encodable(judgement.found),
        judgement.waiver,
        judgement.is_warning,
        judgement.fingerprint if judgement.verdict in ACTED_ON or judgement.is_warning else "",
    )


def waiver_values(waiver: Waiver, today: date) -> dict[str, str | int]:
    """Return a waiver as its file holds it, with the days that it has left."""
    return {
        "id": waiver.id,
        "control": waiver.control,
        "address": waiver.address,
        "tenant": waiver.tenant,
        "environment": waiver.environment,
        "owner": waiver.owner,
        "reason": waiver.reason,
        "ticket": waiver.ticket,
        "approver": waiver.approver,
        "created": waiver.created.isoformat(),
        "expires": waiver.expires.isoformat(),
        "days_left": waiver.days_left(today),
    }


def _encodable(text: str) -> str:
    """Return `text` with lone surrogates written out, which no UTF-8 holds; the fingerprint is the same."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _judgement(item: RecordedJudgement) -> Judgement:
    subject = Subject(item.environment, item.stack, item.artefact, item.address, item.path, item.line)
    return Judgement(item.control, item.check, subject, Verdict(item.verdict), item.found, item.waiver, item.is_warning)
