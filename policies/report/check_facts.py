"""What is to be told of a check: from its class, its docstring and the first good and bad case of its case file."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from policies.check import ArtefactCheck, PlanRule, ResourceCheck
from policies.data.cloudformation_types import types_of
from policies.errors import ChecksBroken

CASES = Path("tests/policies/cases")
LABELS = ("Requirement", "Compliant example", "Non-compliant example", "Unknown is treated as", "Source")
WIDTH = 110


@dataclass(frozen=True)
class CheckFacts:
    """One check as a reader sees it.

    Attributes:
        artefact: kind, `plan` for checks of Terraform.
        types: resource types; empty for other artefacts.
        template_types: the CloudFormation types that are judged with them.
        requirement, unknown, source: of the docstring.
        cases_path: from the repository's root; empty for what is checked without a case file.
        good, bad: YAML of the first passing and the first failing case; `good` is empty where none can be.
        no_good: why none can be.
        is_checkovs: Checkov's own command runs it, too.
    """

    check_id: str
    title: str
    artefact: str
    unknown: str
    types: tuple[str, ...] = ()
    template_types: tuple[str, ...] = ()
    requirement: str = ""
    source: str = ""
    cases_path: str = ""
    good: str = ""
    bad: str = ""
    no_good: str = ""
    is_checkovs: bool = False


def of(check: ResourceCheck | PlanRule | ArtefactCheck, root: Path) -> CheckFacts:
    """Return the facts of a check.

    Args:
        root: of the repository; examples are read from its tests.

    Raises:
        ChecksBroken: the docstring lacks a part, or the case file or one of its examples is missing.
    """
    file = Path(inspect.getfile(type(check)))
    cases = CASES / file.parent.name / f"{file.stem}.yaml"
    parts = docstring_parts(inspect.getdoc(type(check)) or "")
    lacking = [label for label in ("Requirement", "Unknown is treated as") if label not in parts]
    if lacking:
        raise ChecksBroken(f"{file.name}: its class's docstring lacks {lacking[0]!r}", fix=f"write `{lacking[0]}: …`")
    sections = _sections(root / cases)
    no_good = _reason(sections, "passing")
    types = () if isinstance(check, ArtefactCheck) else tuple(check.types)
    return CheckFacts(
        check_id=check.check_id,
        title=check.title,
        artefact=check.artefact if isinstance(check, ArtefactCheck) else "plan",
        unknown=parts["Unknown is treated as"],
        types=types,
        template_types=tuple(sorted({name for type in types for name in types_of(type)})),
        requirement=parts["Requirement"],
        source=parts.get("Source", ""),
        cases_path=cases.as_posix(),
        good="" if no_good else _first_case(root / cases, sections, "passing"),
        bad=_first_case(root / cases, sections, "failing"),
        no_good=no_good,
        is_checkovs=isinstance(check, ResourceCheck),
    )


def docstring_parts(text: str) -> dict[str, str]:
    """Return `{label: text}` of a check's docstring; a part goes on until the next label."""
    found = re.split(rf"^({'|'.join(LABELS)}):", text, flags=re.MULTILINE)
    pairs = zip(found[1::2], found[2::2], strict=True)
    return {label: " ".join(part.split()).removesuffix(".") for label, part in pairs}


def _sections(path: Path) -> dict[str, yaml.Node]:
    """Return `{section: its node}` of a case file.

    Case files are composed, not constructed: their tags `!unknown` and `!json` are for the tests.
    """
    try:
        document: Any = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, yaml.YAMLError) as error:
        raise ChecksBroken(f"{path}: no example can be read: {error}", why="CONTROLS.md shows one") from None
    return {key.value: value for key, value in document.value} if isinstance(document, yaml.MappingNode) else {}


def _reason(sections: dict[str, yaml.Node], section: str) -> str:
    """Return why a section has no case; empty where the file gives no reason."""
    reasons = sections.get("does_not_occur")
    found = {key.value: value for key, value in reasons.value} if isinstance(reasons, yaml.MappingNode) else {}
    return str(found[section].value) if section in found else ""


def _first_case(path: Path, sections: dict[str, yaml.Node], section: str) -> str:
    """Return the first case of a section as YAML, its name as the key."""
    cases = sections.get(section)
    if not isinstance(cases, yaml.MappingNode) or not cases.value:
        raise ChecksBroken(f"{path}: has no case under {section!r}", why="CONTROLS.md shows one")
    kept = [(key, node) for key, node in sections.items() if key in ("type", "context")]
    keys = [(yaml.ScalarNode("tag:yaml.org,2002:str", key), node) for key, node in kept]
    example = yaml.MappingNode("tag:yaml.org,2002:map", [*keys, cases.value[0]], flow_style=False)
    return str(yaml.serialize(example, width=WIDTH, allow_unicode=True)).replace("!unknown ''", "!unknown ")
