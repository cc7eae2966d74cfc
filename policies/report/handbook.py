"""CONTROLS.md: what every control asks for, why, where it is checked, and a good and a bad example of it.

Generated from the register, the checks and their cases, so that it cannot say what the gate does not do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from policies.artefacts.kinds import KINDS
from policies.controls import Control, Register
from policies.errors import ChecksBroken
from policies.registry import Checks
from policies.report import check_facts, clauses
from policies.report.built_in import BUILT_IN
from policies.report.check_facts import CheckFacts
from policies.report.markup import code, documentation

AREAS = {
    "EMR": "EMR clusters",
    "S3": "Buckets",
    "KMS": "Keys",
    "IAM": "Identities",
    "GLU": "Glue catalog",
    "RED": "Redshift",
    "RDS": "Authority database",
    "AIR": "Airflow",
    "NET": "Network",
    "GOV": "Governance",
    "ISO": "Isolation of tenants",
    "CFN": "CloudFormation",
    "JEN": "Jenkins",
    "SPOT": "Spot capacity",
    "SDC": "StreamSets",
    "SPK": "Spark jobs",
    "SEC": "Secrets",
}
WHERE = {**KINDS, "plan": "the plan of every stack", "waivers": "policies/waivers.yaml"}
CLAUSES = "Clauses"
CLAUSES_INTRODUCTION = """\
Which controls answer which clause of which framework. An answer is about data pipelines and covers what its checks
look at, not the whole of the clause. The two laws are listed whole: where no control answers, nothing here does."""
CHECKOV = "Checkov's own command"
CHECKOV_INTRODUCTION = """\
`checkov --external-checks-dir policies/checks` runs the checks that are Checkov check classes, on Terraform's code,
plans and CloudFormation. It passes over what has no verdict. Rules over a whole plan (what stands, or is missing,
beside a resource) and everything that is no Terraform are `sluice gate`'s alone."""
TYPES = 10
"""Resource types named of one check; tags, say, are asked of hundreds."""


def collect(checks: Checks, register: Register, root: Path) -> dict[str, CheckFacts]:
    """Return `{check id: facts}` of every loaded check and of those built in that the register names."""
    named = {check for control in register for check in control.checks}
    built_in = {id: facts for id, facts in BUILT_IN.items() if id in named}
    return {id: check_facts.of(check, root) for id, check in checks.all.items()} | built_in


def render(register: Register, facts: Mapping[str, CheckFacts]) -> str:
    """Return the whole page.

    Args:
        facts: `{check id: what is known of the check}`, of every check in the register.

    Raises:
        ChecksBroken: the register names a check that `facts` does not hold.
    """
    missing = [check for control in register for check in control.checks if check not in facts]
    if missing:
        raise ChecksBroken(f"the register names checks that are not there: {', '.join(missing)}")
    return "\n".join(_page(register, facts)) + "\n"


def area(control: Control) -> str:
    """Return the title of the area that a control belongs to, from the middle of its id."""
    name = control.id.split("_")[1]
    return AREAS.get(name, name)


def _page(register: Register, facts: Mapping[str, CheckFacts]) -> Iterator[str]:
    by_area = [(name, list(group)) for name, group in groupby(sorted(register, key=_order), key=area)]
    manual = sum(not control.checks for control in register)
    yield "# Controls"
    yield ""
    yield "Written by `sluice control --write-handbook` from `policies/controls.yaml`, the checks in `policies/checks`"
    yield "and their cases in `tests/policies/cases`. Edit those, then write it anew; a test fails when it is stale."
    yield ""
    yield f"{len(register)} controls, {manual} of them not automated, and {len(facts)} checks. A verdict is passed,"
    yield "failed, waived, not applicable or **no verdict**; no verdict is never a pass and cannot be waived."
    yield ""
    yield "## Contents"
    yield ""
    for name, controls in by_area:
        yield f"- [{name}](#{_anchor(name)})"
        yield from (f"  - [{item.id}](#{item.id.lower()}) {documentation(item.requirement)}" for item in controls)
    yield f"- [{CHECKOV}](#{_anchor(CHECKOV)})"
    yield f"- [{CLAUSES}](#{_anchor(CLAUSES)})"
    for name, controls in by_area:
        yield from ("", f"## {name}")
        for control in controls:
            yield from _control(control, [facts[check] for check in control.checks])
    yield from ("", f"## {CHECKOV}", "", CHECKOV_INTRODUCTION, "")
    yield from _by_checkov(register, facts)
    yield from ("", f"## {CLAUSES}", "", CLAUSES_INTRODUCTION)
    yield from _clauses(register)


def _order(control: Control) -> tuple[int, str]:
    names = list(AREAS.values())
    return names.index(area(control)) if area(control) in names else len(names), control.id


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-").replace("'", "")


def _by_checkov(register: Register, facts: Mapping[str, CheckFacts]) -> Iterator[str]:
    """Yield which controls Checkov's command judges by all of their checks, by some and by none."""
    found: dict[str, list[str]] = {"whole": [], "in part": [], "not at all": []}
    for control in register:
        run = [check for check in control.checks if facts[check].is_checkovs]
        extent = "not at all" if not run else "whole" if len(run) == len(control.checks) else "in part"
        found[extent].append(f"[{control.id}](#{control.id.lower()})")
    yield from ("| judged there | controls |", "| --- | --- |")
    yield from (f"| {extent} ({len(links)}) | {', '.join(links) or '-'} |" for extent, links in found.items())


def _control(control: Control, checks: Sequence[CheckFacts]) -> Iterator[str]:
    yield from ("", f"### {control.id}", "")
    yield f"**{documentation(control.requirement)}**"
    yield from ("", documentation(control.rationale), "")
    yield f"- Severity: {control.severity}; owner: {code(control.owner)}"
    yield f"- Clauses: {documentation(', '.join(control.clauses))}"
    yield f"- Fix: {documentation(control.remediation)}"
    if not checks:
        yield f"- **Not automated**: {documentation(control.not_automated)}"
        return
    yield "- Checked:"
    for check in checks:
        yield from _check(check)
    example = next((check for check in checks if check.good), next((check for check in checks if check.bad), None))
    if example:
        if example.no_good:
            yield from ("", f"No good example: {documentation(example.no_good)}.")
        else:
            yield from _example("Good", example, example.good)
        yield from _example("Bad", example, example.bad)


def _check(check: CheckFacts) -> Iterator[str]:
    yield f"  - {code(check.check_id)} {documentation(check.title)}"
    yield f"    - in {code(check.artefact)}: {', '.join(_some(check.types)) or code(WHERE[check.artefact])}"
    if check.template_types:
        yield f"    - in {code('cloudformation')}: {', '.join(_some(check.template_types))}"
    if check.requirement:
        yield f"    - requires: {documentation(check.requirement)}"
    yield f"    - unknown is treated as: {documentation(check.unknown)}"
    if check.source:
        yield f"    - source: {documentation(check.source)}"
    if check.cases_path:
        yield f"    - examples: [{code(check.cases_path)}]({check.cases_path})"


def _some(types: Sequence[str]) -> list[str]:
    more = [f"and {len(types) - TYPES} other types"] if len(types) > TYPES else []
    return [*map(code, types[:TYPES]), *more]


def _example(label: str, check: CheckFacts, text: str) -> Iterator[str]:
    yield from ("", f"<details><summary>{label} example of {check.check_id}</summary>", "")
    fence = "````" if "```" in text else "```"
    yield from (f"{fence}yaml", text.rstrip("\n"), fence, "", "</details>")


def _clauses(register: Register) -> Iterator[str]:
    found, about = clauses.index(register), clauses.sections()
    for framework, keys in groupby(found, key=lambda key: key[0]):
        yield from ("", f"### {clauses.title(framework)}", "", "| clause | controls |", "| --- | --- |")
        for key in keys:
            name = f"{key[1]} {about[key]}" if key in about else key[1]
            yield f"| {documentation(name)} | {_answers(found[key])} |"


def _answers(controls: Sequence[Control]) -> str:
    if not controls:
        return "**not automated**: no control of the register"
    links = [f"[{item.id}](#{item.id.lower()}){'' if item.checks else ' (not automated)'}" for item in controls]
    return f"{'' if any(item.checks for item in controls) else '**not automated**: '}{', '.join(links)}"
