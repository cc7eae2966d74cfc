"""The report for Jenkins, JUnit XML: a suite for each stack, a case for each control on each thing that was judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as Xml

from policies.report.findings import place, thing
from policies.report.printable import printable
from policies.result import GateResult
from policies.verdict import Judgement, Subject, Verdict

WORST_FIRST = (Verdict.NO_VERDICT, Verdict.FAILED, Verdict.WAIVED, Verdict.PASSED, Verdict.NOT_APPLICABLE)
ELEMENTS = {
    Verdict.NO_VERDICT: "error",
    Verdict.FAILED: "failure",
    Verdict.WAIVED: "skipped",
    Verdict.NOT_APPLICABLE: "skipped",
}
Case = tuple[str, Subject]


def render(result: GateResult) -> str:
    """Return the document; text that XML cannot hold is written out."""
    suites: dict[str, dict[Case, list[Judgement]]] = defaultdict(lambda: defaultdict(list))
    for judgement in result.judgements:
        suites[place(judgement.subject)][judgement.control, thing(judgement.subject)].append(judgement)
    root = Xml.Element("testsuites", name="sluice gate")
    for name in sorted(suites):
        _suite(root, name, suites[name], result)
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    Xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _suite(root: Xml.Element, name: str, cases: Mapping[Case, list[Judgement]], result: GateResult) -> None:
    suite = Xml.SubElement(root, "testsuite", name=printable(name), timestamp=f"{result.today}T00:00:00")
    for (control, subject), judgements in cases.items():
        title = f"{subject.artefact} {subject.address}"
        case = Xml.SubElement(suite, "testcase", classname=control, name=printable(title), time="0")
        _outcome(case, control, judgements, result)
    counts = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    suite.set("tests", str(len(cases)))
    for key, element in counts.items():
        suite.set(key, str(len(suite.findall(f"testcase/{element}"))))


def _outcome(case: Xml.Element, control: str, judgements: Sequence[Judgement], result: GateResult) -> None:
    """Add what the worst of several checks of the control said; all that said the same stand in the text."""
    worst = min((item.verdict for item in judgements), key=WORST_FIRST.index)
    if worst not in ELEMENTS:
        return
    of_it = [item for item in judgements if item.verdict is worst]
    waivers = {waiver.id: waiver for waiver in result.waivers}
    lines = [f"{item.check}: {item.found}" for item in of_it]
    lines += [f"waiver {item.waiver}: {waivers[item.waiver].reason}" for item in of_it if item.waiver]
    entry = result.register[control]
    outcome = Xml.SubElement(case, ELEMENTS[worst], message=printable(f"{worst.value}: {of_it[0].found}"))
    if worst in (Verdict.FAILED, Verdict.NO_VERDICT):
        outcome.set("type", f"{entry.severity}")
        lines += [f"requires: {entry.requirement}", f"fix: {entry.remediation}"]
    outcome.text = "\n".join(map(printable, lines))
