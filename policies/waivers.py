"""Waivers: approved, dated exceptions to a control, and what makes one worthless.

A waiver with any fault covers nothing and is itself a finding of CSO_GOV_01, which no waiver can cover. What has no
verdict cannot be waived: nobody can accept a risk that was not looked at.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from policies import globs, strict_yaml
from policies.controls import Register
from policies.errors import RegisterBroken
from policies.verdict import Judgement, Subject, Verdict

CONTROL = "CSO_GOV_01"
CHECK = "CSO_GOV_01_WAIVERS"
TITLE = "Waivers are approved by another person, reasoned, dated, narrow and in use"
ARTEFACT = "waivers"
FILE = "policies/waivers.yaml"
MOST_DAYS = 90
FIELDS = (
    "id",
    "control",
    "address",
    "tenant",
    "environment",
    "owner",
    "reason",
    "ticket",
    "approver",
    "created",
    "expires",
)
MAIL = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
SAYS_NOTHING = frozenset({"", "-", "?", "n/a", "na", "none", "tbd", "todo", "x"})


@dataclass(frozen=True)
class Waiver:
    """One exception, as waivers.yaml holds it.

    Attributes:
        control: id in the register.
        address: glob over the addresses of what is waived, `*` any text, `?` one character.
        tenant, environment: exactly those of what is waived; `platform` is the platform's stack, empty text is what
            belongs to none (a Jenkinsfile).
        owner, approver: mail addresses; the approver is another person.
        expires: the first day on which it no longer holds.
        line: of waivers.yaml, from 1.
    """

    id: str
    control: str
    address: str
    tenant: str
    environment: str
    owner: str
    reason: str
    ticket: str
    approver: str
    created: date
    expires: date
    line: int = 0

    def days_left(self, today: date) -> int:
        """Return on how many more days it holds, today included; 0 and less when it has expired."""
        return (self.expires - today).days

    def covers(self, judgement: Judgement) -> bool:
        """Tell whether the waiver speaks about what was judged, whatever the verdict."""
        subject = judgement.subject
        return (
            judgement.control == self.control
            and (subject.environment, subject.stack) == (self.environment, self.tenant)
            and globs.matches(self.address, subject.address)
        )


@dataclass(frozen=True)
class Waivers:
    """Every waiver that is written down.

    Attributes:
        declared: in the file's order.
        faults: `{position in declared: what is wrong with the waiver by itself}`; only faulty ones are in it.
        today: the day they were judged on.
    """

    declared: tuple[Waiver, ...]
    faults: Mapping[int, tuple[str, ...]]
    today: date


@dataclass(frozen=True)
class Applied:
    """What waivers made of the judgements.

    Attributes:
        judgements: as given, in their order; FAILED that a waiver covers is WAIVED.
        about_waivers: one FAILED of CSO_GOV_01 for each fault, one PASSED for each waiver without.
        in_force: waivers that waive something now.
    """

    judgements: tuple[Judgement, ...]
    about_waivers: tuple[Judgement, ...]
    in_force: tuple[Waiver, ...]


def load_waivers(
    path: Path, register: Register, today: date, *, tenants: Collection[str], environments: Collection[str]
) -> Waivers:
    """Read the waivers and judge each by itself.

    Args:
        register: the whole register, also when only some controls are judged.
        tenants, environments: every one that exists, also when only some are judged.

    Raises:
        RegisterBroken: the file is no strict YAML, or a waiver lacks a field, has one too many or of another type.
    """
    document = strict_yaml.read(path, lines=True)
    items = document.get("waivers")
    if set(document) - {strict_yaml.LINE} != {"waivers"} or not isinstance(items, list):
        raise RegisterBroken(f"{path}: expected the one key `waivers` with a list", fix="write `waivers: []` for none")
    mistakes = [text for item in items for text in _malformed(item)]
    if mistakes:
        raise RegisterBroken("\n".join([f"{path}: {len(mistakes)} mistakes", *(f"  {text}" for text in mistakes)]))
    declared = tuple(_waiver(item) for item in items)
    known = {"control": set(register.controls), "tenant": {*tenants, ""}, "environment": {*environments, ""}}
    faults = {}
    for position, waiver in enumerate(declared):
        found = (*_duplicates(position, declared), *_unknown(waiver, known), *_faults(waiver, today))
        if found:
            faults[position] = found
    return Waivers(declared, faults, today)


def apply(
    judgements: Sequence[Judgement], waivers: Waivers, is_in_scope: Callable[[Waiver], bool] = lambda waiver: True
) -> Applied:
    """Waive what waivers cover, and judge the waivers.

    Args:
        is_in_scope: tells whether everything that a waiver speaks about was judged in this run. Of others it cannot
            be told whether they are in use; what is wrong with them by themselves is told in every run.
    """
    if not waivers.declared:
        return Applied(tuple(judgements), (), ())
    by_control: dict[str, list[int]] = defaultdict(list)
    for index, judgement in enumerate(judgements):
        by_control[judgement.control].append(index)
    result = list(judgements)
    about: list[Judgement] = []
    in_force: list[Waiver] = []
    for position, waiver in enumerate(waivers.declared):
        covered = [index for index in by_control[waiver.control] if waiver.covers(judgements[index])]
        in_scope = is_in_scope(waiver)
        faults = waivers.faults.get(position, ())
        if not faults and not in_scope and not covered:
            continue
        faults = faults or tuple(_use_faults(waiver, [result[index] for index in covered], in_scope))
        about += _judgements(waiver, faults)
        failing = [index for index in covered if result[index].verdict is Verdict.FAILED]
        if failing and not faults:
            in_force.append(waiver)
            for index in failing:
                result[index] = replace(result[index], verdict=Verdict.WAIVED, waiver=waiver.id)
    return Applied(tuple(result), tuple(about), tuple(in_force))


def _use_faults(waiver: Waiver, covered: Iterable[Judgement], is_in_scope: bool) -> Iterator[str]:
    """Yield what is wrong with a waiver that covers these.

    Some need no waiver; or a glob stands for one address, and would cover what nobody approved; or nothing fails.
    """
    verdicts: dict[tuple[str, str], set[Verdict]] = defaultdict(set)
    taken = set()
    for judgement in covered:  # a thing needs its waiver when one of several checks fails on it, in whatever line
        verdicts[judgement.subject.artefact, judgement.subject.address].add(judgement.verdict)
        taken |= {judgement.waiver} - {""}
    passed = [
        address
        for (_, address), found in verdicts.items()
        if Verdict.PASSED in found and found <= {Verdict.PASSED, Verdict.NOT_APPLICABLE}
    ]
    if passed:
        yield f"it is over-broad: its address matches {len(passed)} that passed and need no waiver, as {passed[0]!r}"
    stopped = [address for (_, address), found in verdicts.items() if found & {Verdict.FAILED, Verdict.NO_VERDICT}]
    if is_in_scope and not passed and len(set(stopped)) == 1 and not globs.is_literal(waiver.address):
        yield f"it is over-broad: a glob for one address would cover what comes later; write {stopped[0]!r}"
    if is_in_scope and not stopped:
        already = f"; {', '.join(sorted(taken))} waives it already" if taken else ""
        yield f"it is unused: nothing that it matches fails{already}"


def _judgements(waiver: Waiver, faults: Iterable[str]) -> list[Judgement]:
    subject = Subject(
        environment=waiver.environment,
        stack=waiver.tenant,
        artefact=ARTEFACT,
        address=f"{FILE}#{waiver.id}",
        path=FILE,
        line=waiver.line,
    )
    found = [Judgement(CONTROL, CHECK, subject, Verdict.FAILED, f"waiver {waiver.id!r}: {fault}") for fault in faults]
    return found or [Judgement(CONTROL, CHECK, subject, Verdict.PASSED)]


def _duplicates(position: int, declared: Sequence[Waiver]) -> Iterator[str]:
    same = [other.line for at, other in enumerate(declared) if other.id == declared[position].id and at != position]
    if same:
        yield f"its id stands also on line {', '.join(map(str, same))}"


def _unknown(waiver: Waiver, known: dict[str, set[str]]) -> Iterator[str]:
    for field, names in known.items():
        value = getattr(waiver, field)
        if value not in names:
            yield f"its {field} {value!r} does not exist"


def _faults(waiver: Waiver, today: date) -> Iterator[str]:
    """Yield what is wrong with one waiver on `today`, whatever was judged."""
    for field in ("id", "address", "reason", "ticket"):
        if getattr(waiver, field).strip().casefold() in SAYS_NOTHING:
            yield f"its {field} says nothing: {getattr(waiver, field)!r}"
    for field in ("owner", "approver"):
        if not MAIL.fullmatch(getattr(waiver, field).strip()):
            yield f"its {field} {getattr(waiver, field)!r} is no mail address"
    if _person(waiver.owner) == _person(waiver.approver):
        yield f"it is self-approved: owner and approver are both {_person(waiver.owner)!r}"
    if waiver.created > today:
        yield f"it was created on {waiver.created}, which is yet to come"
    days = (waiver.expires - waiver.created).days
    if days > MOST_DAYS:
        yield f"it is to hold for {days} days; {MOST_DAYS} are the most"
    if waiver.days_left(today) <= 0:
        yield f"it expired on {waiver.expires}"


def _person(mail: str) -> str:
    """Return the mailbox behind an address: case and `+tag` do not make another person."""
    name, _, domain = mail.strip().casefold().partition("@")
    return f"{name.partition('+')[0]}@{domain}"


def _malformed(item: Any) -> Iterator[str]:
    if not isinstance(item, dict):
        yield f"{item!r} is no waiver"
        return
    name = f"line {item[strict_yaml.LINE]}: waiver {item.get('id', 'without id')!r}"
    given = item.keys() - {strict_yaml.LINE}
    for field in FIELDS:
        if field not in given:
            yield f"{name} lacks {field}"
        elif field in ("created", "expires"):
            if not isinstance(item[field], date) or isinstance(item[field], datetime):
                yield f"{name}: {field} is {item[field]!r}, not a date like 2026-11-23"
        elif not isinstance(item[field], str) and not (item[field] is None and field in ("reason", "ticket")):
            yield f"{name}: {field} is {item[field]!r}, not a text"
    for field in sorted(map(str, given - set(FIELDS))):
        yield f"{name} has the unknown field {field!r}"


def _waiver(item: dict[str, Any]) -> Waiver:
    values: dict[str, Any] = {field: item[field] or "" for field in FIELDS}
    return Waiver(**values, line=item[strict_yaml.LINE])
