"""Case files of the checks: how they are read, and what a check says about one case.

One YAML file a check, `cases/<service>/<check file>.yaml`, with the sections of `SECTIONS`. `!unknown` stands for a
value known only after the apply; `!json {…}` for a document that stands as text; `prevents: {address: bool}` for what
the code says of prevent_destroy.
"""

from __future__ import annotations

import copy
import importlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from policies.artefacts.base import Artefact
from policies.check import ArtefactCheck, Context, NotApplicable, PlanRule, Resource, ResourceCheck, Undecided, Unknown
from policies.check import Warn as Warning_
from policies.plan import Plan
from policies.verdict import Verdict

HERE = Path(__file__).parent
CHECKS = HERE.parents[1] / "policies" / "checks"
SECTIONS = ("passing", "failing", "absent", "unknown", "undecodable")
OPTIONAL = ("not_applicable",)
TODAY = date(2026, 11, 23)

Check = ResourceCheck | PlanRule | ArtefactCheck


class Loader(yaml.CSafeLoader):
    """YAML with the two tags of case files."""


class Text(dict[str, Any]):
    """A document that the case's resource holds as JSON text; mutation reaches inside it."""


def _mapping(loader: Any, node: yaml.Node) -> dict[str, Any]:
    assert isinstance(node, yaml.MappingNode), "!json stands before a mapping"
    return {str(key): value for key, value in loader.construct_mapping(node, deep=True).items()}


Loader.add_constructor("!unknown", lambda loader, node: Unknown())
Loader.add_constructor("!json", lambda loader, node: Text(_mapping(loader, node)))


@dataclass(frozen=True)
class Case:
    """One thing to judge, as its file says it."""

    section: str
    name: str
    content: Mapping[str, Any]
    type: str = ""
    context: Context = field(default_factory=lambda: context({}))


@dataclass(frozen=True)
class CaseFile:
    """All cases of one check."""

    path: Path
    check: Check
    cases: tuple[Case, ...]
    does_not_occur: Mapping[str, str]
    survivors: Mapping[str, str]

    def of(self, section: str) -> list[Case]:
        return [case for case in self.cases if case.section == section]


def context(overrides: Mapping[str, Any]) -> Context:
    """Return the context in which cases are judged: the annuity tenant in production, today 2026-11-23."""
    defaults: dict[str, Any] = {
        "environment": "prod",
        "stack": "annuity",
        "today": TODAY,
        "is_production": True,
        "organisation": "meridian",
        "account_id": "222222222222",
        "region": "us-east-1",
        "tenants": ("annuity", "claims"),
    }
    merged = {**defaults, **overrides}
    return Context(**{**merged, "tenants": tuple(merged["tenants"])})


@cache
def check_modules() -> dict[str, Check]:
    """Return `{service/file name: check}` of every check file."""
    found: dict[str, Check] = {}
    for path in sorted(CHECKS.glob("*/*.py")):
        if path.stem != "__init__":
            module = importlib.import_module(f"policies.checks.{path.parent.name}.{path.stem}")
            found[f"{path.parent.name}/{path.stem}"] = module.check
    return found


@cache
def load(key: str) -> CaseFile:
    """Return the case file of the check `service/file name`."""
    path = HERE / "cases" / f"{key}.yaml"
    data = yaml.load(path.read_text(), Loader)  # noqa: S506 -- a CSafeLoader with two tags of our own
    unknown = data.keys() - {*SECTIONS, *OPTIONAL, "type", "context", "does_not_occur", "survivors"}
    assert not unknown, f"{path}: unknown sections {sorted(unknown)}"
    cases = tuple(
        Case(
            section,
            name,
            content,
            content.get("type", data.get("type", "")),
            context({**data.get("context", {}), **content.get("context", {})}),
        )
        for section in (*SECTIONS, *OPTIONAL)
        for name, content in (data.get(section) or {}).items()
    )
    return CaseFile(path, check_modules()[key], cases, data.get("does_not_occur") or {}, data.get("survivors") or {})


def judge(check: Check, case: Case) -> tuple[Verdict, list[str]]:
    """Return the verdict of `check` on `case`, and what it found or why there is none."""
    try:
        problems = [problem[0] if isinstance(problem, tuple) else problem for problem in _problems(check, case)]
    except NotApplicable as reason:
        return Verdict.NOT_APPLICABLE, [str(reason)]
    except Undecided as reason:
        return Verdict.NO_VERDICT, [str(reason)]
    failures = [problem for problem in problems if not isinstance(problem, Warning_)]
    return (Verdict.FAILED if failures else Verdict.PASSED), problems


def _problems(check: Check, case: Case) -> Iterator[Any]:
    content = case.content
    if isinstance(check, ArtefactCheck):
        yield from check.judge(artefact(check.artefact, case))
    elif isinstance(check, PlanRule):
        plan = Plan(
            case.context,
            [
                Resource(address, item["type"], dumped(item["values"]), case.context)
                for address, item in content["plan"].items()
            ],
            content.get("variables", {}),
        )
        plan.refuses_to_destroy = content.get("prevents", {}).get
        if "address" in content:
            yield from check.judge(plan.resources[content["address"]], plan)
        else:
            yield from check.judge_plan(plan)
    else:
        yield from check.judge(Resource("module.case.this", case.type, dumped(content["values"]), case.context))


def dumped(values: Any) -> Any:
    """Return `values` with every `!json` document as the text that a plan holds."""
    if isinstance(values, Text):
        if _holds_unknown(values):  # as the plan reader gives a document whose leaves are known only after the apply
            return copy.deepcopy(dict(values))
        return json.dumps(dumped(dict(values)))
    if isinstance(values, Mapping):
        return {key: dumped(value) for key, value in values.items()}
    if isinstance(values, list):
        return [dumped(value) for value in values]
    return values


def _holds_unknown(values: Any) -> bool:
    if isinstance(values, Mapping):
        return any(_holds_unknown(value) for value in values.values())
    if isinstance(values, list):
        return any(_holds_unknown(value) for value in values)
    return isinstance(values, Unknown)


def artefact(kind: str, case: Case) -> Artefact:
    """Return the artefact that a case describes by `text`, or by `document` for JSON and YAML kinds."""
    classes = artefact_classes()
    content = case.content
    text = content["text"] if "text" in content else json.dumps(dumped(content["document"]))  # JSON is YAML too
    return classes[kind](path=content.get("path", f"cases/{case.name}"), text=text, context=case.context)


@cache
def artefact_classes() -> dict[str, type[Artefact]]:
    """Return `{kind: class}` of every artefact class in `policies.artefacts`."""
    for path in sorted((CHECKS.parent / "artefacts").glob("*.py")):
        importlib.import_module(f"policies.artefacts.{path.stem}")
    found: dict[str, type[Artefact]] = {}
    queue = [Artefact]
    while queue:
        for subclass in queue.pop().__subclasses__():
            queue.append(subclass)
            if "kind" in vars(subclass):
                found[subclass.kind] = subclass
    return found
