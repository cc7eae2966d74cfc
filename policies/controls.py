"""The CSO's register: what is required and why, apart from the code that checks it.

A register that is incomplete, ambiguous or out of step with the checks is broken, and a broken register judges nothing.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policies import strict_yaml
from policies.errors import RegisterBroken, UnknownControl

SEVERITIES = ("critical", "high", "medium", "low")
ID = re.compile(r"CSO_[A-Z0-9]+_[0-9]{2}")
REQUIRED = ("id", "requirement", "rationale", "severity", "owner", "clauses", "artefacts", "checks", "remediation")
OPTIONAL = ("not_automated",)
OWNER = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class Control:
    """One requirement.

    Attributes:
        id: `CSO_EMR_03`.
        severity: one of SEVERITIES.
        owner: mail address of who answers for the control.
        clauses: framework clauses, `FSBP EMR.3`.
        artefacts: kinds that can break it, `plan` or a kind of `policies.artefacts`.
        checks: ids of the checks that judge it.
        not_automated: why no check judges it; empty when checks do.
        line: in the register's file, from 1.
    """

    id: str
    requirement: str
    rationale: str
    severity: str
    owner: str
    clauses: tuple[str, ...]
    artefacts: tuple[str, ...]
    checks: tuple[str, ...]
    remediation: str
    not_automated: str = ""
    line: int = 0


@dataclass(frozen=True)
class Register:
    """Every control by id, in the file's order."""

    controls: Mapping[str, Control]
    path: Path = field(default=Path("policies/controls.yaml"))

    def __iter__(self) -> Iterator[Control]:
        return iter(self.controls.values())

    def __len__(self) -> int:
        return len(self.controls)

    def __contains__(self, control: object) -> bool:
        return control in self.controls

    def __getitem__(self, control: str) -> Control:
        """Return the control `control`.

        Raises:
            UnknownControl: the register does not hold it.
        """
        found = self.controls.get(control)
        if found is None:
            near = difflib.get_close_matches(control.upper().replace("-", "_"), self.controls, n=1)
            raise UnknownControl(
                f"{control!r} is no control of the register",
                expected=f"one of the {len(self.controls)} ids in {self.path.name}",
                why="a misspelt control that judges nothing would look like one that passed",
                fix=f"did you mean {near[0]}?" if near else "",
            )
        return found


def load_register(path: Path) -> Register:
    """Read the register.

    Raises:
        RegisterBroken: the file is not strict YAML; a control lacks a key, has one too many, an empty or TODO text, or
            an id that stands twice. All mistakes are named at once.
    """
    document = strict_yaml.read(path, lines=True)
    problems: list[str] = []
    items = document.get("controls")
    if set(document) - {strict_yaml.LINE} != {"controls"} or not isinstance(items, list) or not items:
        raise RegisterBroken(f"{path}: expected the one key `controls` with a list of controls")
    controls: dict[str, Control] = {}
    for item in items:
        control = _control(item, problems)
        if control is not None and control.id in controls:
            problems.append(
                f"line {control.line}: {control.id} stands twice, first on line {controls[control.id].line}"
            )
        elif control is not None:
            controls[control.id] = control
    if problems:
        raise RegisterBroken("\n".join([f"{path}: {len(problems)} mistakes", *(f"  {text}" for text in problems)]))
    return Register(controls, path)


def _control(item: Any, problems: list[str]) -> Control | None:
    """Return the control that `item` describes, or None after adding to `problems` what is wrong with it."""
    if not isinstance(item, dict):
        problems.append(f"{item!r} is no control")
        return None
    values = dict(item)
    line = values.pop(strict_yaml.LINE)
    name = f"line {line}: {values.get('id', 'a control without id')}"
    found = [f"{name} lacks {key}" for key in REQUIRED if key not in values]
    found += [f"{name} has the unknown key {key!r}" for key in values if key not in (*REQUIRED, *OPTIONAL)]
    for key, value in values.items():
        found += [f"{name}: {key} {problem}" for problem in _mistakes(key, value)]
    if not found and bool(values["checks"]) == bool(values.get("not_automated")):
        found.append(f"{name} needs checks, or a not_automated that says why it has none, and not both")
    if not found and values["checks"] and not values["artefacts"]:
        found.append(f"{name} has checks but names no artefacts")
    problems += found
    if found:
        return None
    lists = {key: tuple(values[key]) for key in ("clauses", "artefacts", "checks")}
    return Control(**{**values, **lists}, line=line)


def _mistakes(key: str, value: Any) -> Iterator[str]:
    return _list_mistakes(key, value) if key in ("clauses", "artefacts", "checks") else _text_mistakes(key, value)


def _list_mistakes(key: str, value: Any) -> Iterator[str]:
    if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
        yield f"is {value!r}, not a list of texts"
    elif len(set(value)) != len(value):
        yield "names something twice"
    elif any("TODO" in text for text in value):
        yield "is still TODO"
    elif key == "clauses" and not value:
        yield "is empty"


def _text_mistakes(key: str, value: Any) -> Iterator[str]:
    if not isinstance(value, str) or not value.strip():
        yield f"is {value!r}, not a text"
    elif "TODO" in value:
        yield "is still TODO"
    elif key == "id" and not ID.fullmatch(value):
        yield "is not of the form CSO_AREA_01"
    elif key == "severity" and value not in SEVERITIES:
        yield f"is {value!r}, not one of {', '.join(SEVERITIES)}"
    elif key == "owner" and not OWNER.fullmatch(value):
        yield f"is {value!r}, not a mail address"
