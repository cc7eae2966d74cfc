"""Every check there is, loaded whole or not at all: a check that silently is not there would pass everything."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from policies.artefacts.kinds import KINDS
from policies.check import ArtefactCheck, PlanRule, ResourceCheck
from policies.controls import ID, Control, Register
from policies.errors import ChecksBroken

Check = ResourceCheck | PlanRule | ArtefactCheck
PACKAGE = "policies.checks"
FOLDER = Path(__file__).with_name("checks")
PLAN = "plan"
BUILT_IN = {"CSO_GOV_01_WAIVERS": "waivers", "CSO_ISO_01": PLAN}
"""{id: artefact} of what the gate judges itself, over more than one artefact: the waivers, all plans together."""


@dataclass(frozen=True)
class Checks:
    """The loaded checks, by what they judge.

    Attributes:
        all: `{check id: check}`.
        of_resources: `{resource type: (check or rule, …)}`.
        of_plans: every PlanRule.
        of_artefacts: `{artefact kind: (check, …)}`.
    """

    all: Mapping[str, Check]
    of_resources: Mapping[str, tuple[ResourceCheck | PlanRule, ...]] = field(init=False)
    of_plans: tuple[PlanRule, ...] = field(init=False)
    of_artefacts: Mapping[str, tuple[ArtefactCheck, ...]] = field(init=False)

    def __post_init__(self) -> None:
        resources: dict[str, list[ResourceCheck | PlanRule]] = {}
        artefacts: dict[str, list[ArtefactCheck]] = {}
        for check in self.all.values():
            if isinstance(check, ArtefactCheck):
                artefacts.setdefault(check.artefact, []).append(check)
            else:
                for type in check.types:
                    resources.setdefault(type, []).append(check)
        object.__setattr__(self, "of_resources", {type: tuple(found) for type, found in resources.items()})
        object.__setattr__(self, "of_artefacts", {kind: tuple(found) for kind, found in artefacts.items()})
        object.__setattr__(self, "of_plans", tuple(item for item in self.all.values() if isinstance(item, PlanRule)))

    def __len__(self) -> int:
        return len(self.all)

    def of(self, controls: Register) -> Checks:
        """Return the checks of these controls only."""
        return Checks({id: check for id, check in self.all.items() if check.control in controls})


def load_checks(folder: Path = FOLDER, package: str = PACKAGE) -> Checks:
    """Import every check file below `folder`, the package `package`.

    Raises:
        ChecksBroken: a file does not load or holds no check, a folder is no package, an id or a file name stands
            twice, a check lacks a class attribute or judges nothing, or there is no check at all.
    """
    problems: list[str] = []
    names: dict[str, Path] = {}
    checks: dict[str, Check] = {}
    for path in _files(folder, problems):
        if path.stem in names:
            problems.append(f"{path}: {names[path.stem]} has the same name, and Checkov loads checks by it")
        names.setdefault(path.stem, path)
        check = _load(path, f"{package}.{path.parent.name}.{path.stem}", problems)
        if check is None:
            continue
        problems += [f"{path}: {problem}" for problem in _mistakes(check)]
        id = getattr(check, "check_id", "")
        if id in checks:
            problems.append(f"{path}: check id {id!r} stands twice, first in {inspect.getfile(type(checks[id]))}")
        checks.setdefault(id, check)
    if not checks and not problems:
        problems.append(f"{folder}: holds no check")
    if problems:
        raise ChecksBroken("\n".join(["the checks do not load", *(f"  {problem}" for problem in problems)]))
    return Checks(checks)


def _files(folder: Path, problems: list[str]) -> Iterator[Path]:
    """Yield the check files; note what stands beside them and would never be loaded."""
    for service in sorted(path for path in folder.iterdir() if path.name != "__pycache__"):
        if service.is_dir():
            files = sorted(path for path in service.iterdir() if path.name != "__pycache__")
            if not any(path.name == "__init__.py" for path in files):
                problems.append(f"{service}: has no __init__.py, so Checkov would pass over its checks")
            problems += [f"{path}: is no check file" for path in files if path.suffix != ".py" or path.is_dir()]
            yield from (path for path in files if path.suffix == ".py" and path.name != "__init__.py")
        elif service.name != "__init__.py":
            problems.append(f"{service}: stands in no service's folder")


def _load(path: Path, name: str, problems: list[str]) -> Check | None:
    try:
        module = importlib.import_module(name)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the gate must not go on without the check
        problems.append(f"{path}: does not load: {type(error).__name__}: {error}")
        return None
    check = getattr(module, "check", None)
    if not isinstance(check, ResourceCheck | PlanRule | ArtefactCheck):
        problems.append(f"{path}: assigns no check to `check`")
        return None
    problems += [f"{path}: {problem}" for problem in _strays(module, check)]
    return check


def _strays(module: ModuleType, check: Check) -> Iterator[str]:
    """Yield what the module holds that nobody would run: a second check, or a check from elsewhere."""
    if type(check).__module__ != module.__name__:
        yield "its `check` is of a class from another file"
    kinds = (ResourceCheck, PlanRule, ArtefactCheck)
    own = [item for item in vars(module).values() if inspect.isclass(item) and issubclass(item, kinds)]
    others = [item.__name__ for item in own if item.__module__ == module.__name__ and item is not type(check)]
    others = [name for name in others if not issubclass(type(check), vars(module)[name])]
    if others:
        yield f"{others[0]} is a second check; one control, one file"


def _mistakes(check: Check) -> Iterator[str]:
    """Yield what is wrong with a check's class attributes."""
    for attribute in ("control", "check_id", "title"):
        value = getattr(check, attribute, None)
        if not isinstance(value, str) or not value.strip():
            yield f"{type(check).__name__}.{attribute} is {value!r}, not a text"
            return
    if not ID.fullmatch(check.control):
        yield f"control {check.control!r} is not of the form CSO_AREA_01"
    if check.check_id != check.control and not check.check_id.startswith(f"{check.control}_"):
        yield f"check_id {check.check_id!r} does not begin with its control {check.control}"
    if not (type(check).__doc__ or "").strip():
        yield f"{type(check).__name__} has no docstring, which is what an auditor reads"
    if isinstance(check, ArtefactCheck):
        if getattr(check, "artefact", None) not in KINDS:
            yield f"artefact {getattr(check, 'artefact', None)!r} is none of {', '.join(KINDS)}"
        return
    types: Any = getattr(check, "types", None)
    if not isinstance(types, tuple) or not types or not all(isinstance(item, str) and item for item in types):
        yield f"types is {types!r}, not a tuple of resource types"


def verify(register: Register, checks: Checks) -> None:
    """Hold register and checks against each other.

    Raises:
        ChecksBroken: a control names a check that does not exist or belongs to another, a check belongs to no control
            or is not named by its own, or the kinds of artefacts that they judge differ.
    """
    problems = [problem for control in register for problem in _disagreements(control, checks)]
    for id, check in checks.all.items():
        if check.control not in register:
            problems.append(f"the check {id} belongs to {check.control}, which the register does not hold")
        elif id not in register[check.control].checks:
            problems.append(f"{check.control} does not name its check {id}")
    if problems:
        raise ChecksBroken(
            "\n".join(["checks and register do not agree", *(f"  {problem}" for problem in problems)]),
            fix=f"name each check in {register.path.name} under its control",
        )


def _disagreements(control: Control, checks: Checks) -> Iterator[str]:
    judged = set()
    for id in control.checks:
        check = checks.all.get(id)
        if check is not None:
            judged.add(check.artefact if isinstance(check, ArtefactCheck) else PLAN)
            if check.control != control.id:
                yield f"{control.id} names the check {id}, which belongs to {check.control}"
        elif id in BUILT_IN and id.startswith(control.id):
            judged.add(BUILT_IN[id])
        else:
            yield f"{control.id} names the check {id}, which does not exist"
    if judged != set(control.artefacts):
        named, found = ", ".join(control.artefacts) or "none", ", ".join(sorted(judged)) or "none"
        yield f"{control.id} names the artefacts {named}; its checks judge {found}"


def forget(package: str) -> None:
    """Drop the imported modules of `package`, so that changed files load anew. For tests."""
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[name]
