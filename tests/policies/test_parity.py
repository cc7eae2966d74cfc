"""Our direct evaluation says what Checkov's own runner says of the same check classes, wherever Checkov says anything.

The corpus is every case of every check on a resource, all in one plan, and each check runs on every case of its types.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies.check import NotApplicable, ResourceCheck, Undecided, Unknown, Warn
from policies.plan.read import read_plan
from tests.policies import case_files as cases

ROOT = Path(__file__).parents[2]
Verdicts = dict[tuple[str, str], str]
"""{(check id, address): PASSED or FAILED}; what has no verdict is left out, as Checkov leaves it out."""

NO_VERDICT = "no verdict"
KNOWN = Path(__file__).with_name("parity.yaml")


def listed() -> dict[tuple[str, str], str]:
    """Return `{(check id, case): "Checkov's verdict / the gate's"}` of every known difference, each with its reason."""
    rows = yaml.safe_load(KNOWN.read_text())
    assert all(row["why"].strip() for row in rows), f"{KNOWN.name}: a difference without its reason"
    return {(row["check"], row["case"]): f"{row['checkov']} / {row['gate']}" for row in rows}


def place(key: str, case: cases.Case, number: int) -> str:
    """Return the address of a case's resource."""
    return f"{case.type}.{key.replace('/', '_')}_{number}"


def case_names() -> dict[str, str]:
    """Return `{address: service/file section/name}` of every case in the corpus."""
    return {
        place(key, case, number): f"{key} {case.section}/{case.name}"
        for key in cases.check_modules()
        for number, case in enumerate(cases.load(key).cases)
    }


def corpus() -> dict[str, Any]:
    """Return a plan with one resource for each case of each check on resources."""
    resources: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    for key, check in sorted(cases.check_modules().items()):
        if isinstance(check, ResourceCheck):
            for number, case in enumerate(cases.load(key).cases):
                if not case.type.startswith("data."):
                    address = place(key, case, number)
                    values, unknown = _split(cases.dumped(case.content["values"]))
                    name = address.partition(".")[2]
                    head = {"address": address, "mode": "managed", "type": case.type, "name": name}
                    change = {"actions": ["create"], "before": None, "after": values, "after_unknown": unknown}
                    resources.append({**head, "values": values})
                    changes.append({**head, "change": change})
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": resources}},
        "resource_changes": changes,
        "configuration": {"root_module": {}},
    }


def _split(value: Any) -> tuple[Any, Any]:
    """Return (what a plan's `values` hold, what its `after_unknown` holds) of a case's value."""
    if isinstance(value, Unknown):
        return None, True
    if isinstance(value, Mapping):
        parts = {key: _split(item) for key, item in value.items()}
        known = {key: part[0] for key, part in parts.items() if part[1] is not True}
        return known, {key: part[1] for key, part in parts.items() if part[1] not in (False, {}, [])}
    if isinstance(value, list):
        items = [_split(item) for item in value]
        return [item[0] for item in items], [item[1] for item in items] if any(item[1] for item in items) else False
    return value, False


def by_checkov(path: Path) -> Verdicts:
    """Return what Checkov's command says of the plan at `path` by our checks alone."""
    context = cases.context({})
    named = {
        "ENVIRONMENT": context.environment,
        "STACK": context.stack,
        "TODAY": context.today.isoformat(),
        "ORGANISATION": context.organisation,
        "ACCOUNT": context.account_id,
        "REGION": context.region,
    }
    command = [str(Path(sys.executable).with_name("checkov")), "-f", str(path), "--framework", "terraform_plan"]
    command += [
        "--external-checks-dir",
        str(ROOT / "policies/checks"),
        "--check",
        "CSO_*",
        "--skip-download",
        "-o",
        "json",
    ]
    variables = {f"SLUICE_GATE_{key}": value for key, value in named.items()}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **variables, "PYTHONPATH": str(ROOT), "EVAL_TF_PLAN_AFTER_UNKNOWN": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr[-3000:]
    results = json.loads(done.stdout)["results"]
    records = [*results["passed_checks"], *results["failed_checks"]]
    return {(item["check_id"], item["resource"]): item["check_result"]["result"] for item in records}


def directly(data: bytes) -> Verdicts:
    """Return what the same check classes say when they are asked by the gate's reader of plans."""
    checks = [check for check in cases.check_modules().values() if isinstance(check, ResourceCheck)]
    found: Verdicts = {}
    for resource in read_plan(data, cases.context({})).resources.values():
        for check in checks:
            if resource.type in check.types:
                try:
                    problems = [problem for problem in check.judge(resource) if not isinstance(problem, Warn)]
                except (Undecided, NotApplicable):
                    continue
                found[check.check_id, resource.address] = "FAILED" if problems else "PASSED"
    return found


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Verdicts, Verdicts]:
    data = json.dumps(corpus()).encode()
    path = tmp_path_factory.mktemp("parity") / "plan.json"
    path.write_bytes(data)
    return by_checkov(path), directly(data)


def test_checkov_and_the_gate_agree_but_for_what_is_listed(
    verdicts: tuple[Verdicts, Verdicts], capsys: pytest.CaptureFixture[str]
) -> None:
    checkov, ours = verdicts
    names = case_names()
    differing = {
        (check, names[address]): f"{said} / {gate}"
        for (check, address), said in checkov.items()
        if (gate := ours.get((check, address), NO_VERDICT)) != said
    }
    with capsys.disabled():
        print(f"\nparity: {len(checkov)} verdicts of Checkov's runner, {len(differing)} differ, listed in {KNOWN.name}")
    assert differing == listed()
    assert len(checkov) >= 1000


def test_what_checkov_leaves_out_passes_nowhere_by_accident(verdicts: tuple[Verdicts, Verdicts]) -> None:
    """A failure of ours that Checkov's runner does not report is one that its command would let through."""
    checkov, ours = verdicts
    only_ours = {key for key, said in ours.items() if said == "FAILED" and key not in checkov}
    assert only_ours == set()
