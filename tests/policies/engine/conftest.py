"""A small repository with two tenants, small checks on it, and their register."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies import gate
from policies.context import Context
from policies.gate import Request, run_gate
from policies.registry import Checks, forget, load_checks
from policies.result import GateResult
from policies.verdict import Verdict

TODAY = date(2026, 11, 23)
CONTEXT = Context(
    environment="prod",
    stack="annuity",
    today=TODAY,
    is_production=True,
    organisation="meridian",
    account_id="222222222222",
    region="us-east-1",
    tenants=("annuity", "claims"),
)
HEAD = """
from policies.check import ArtefactCheck, NotApplicable, PlanRule, Resource, ResourceCheck, Undecided, Warn
"""
ROTATION = (
    HEAD
    + '''
class Rotation(ResourceCheck):
    """Keys rotate."""
    control, check_id, title = "CSO_KMS_01", "CSO_KMS_01", "Keys rotate"
    types = ("aws_kms_key",)

    def judge(self, resource):
        if resource.get("enable_key_rotation") is not True:
            yield "enable_key_rotation is not true"

check = Rotation()
'''
)
OWNER = (
    HEAD
    + '''
class Owner(ArtefactCheck):
    """Specs name an owner."""
    control, check_id, title = "CSO_GOV_02", "CSO_GOV_02", "Specs name an owner"
    artefact = "spec"

    def judge(self, artefact):
        if not artefact.document.get("owner"):
            yield "owner is absent", 1

check = Owner()
'''
)

WriteChecks = Callable[[dict[str, str]], Path]
Load = Callable[..., Checks]


@pytest.fixture
def write_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WriteChecks]:
    """Return a function that writes `{service/name: code}` as a package of checks and returns its folder."""
    home = tmp_path / "home"
    monkeypatch.syspath_prepend(home)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def write(files: dict[str, str]) -> Path:
        folder = home / "small_checks"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").touch()
        for name, code in files.items():
            path = folder / f"{name}.py"
            path.parent.mkdir(exist_ok=True)
            (path.parent / "__init__.py").touch()
            path.write_text(code)
        return folder

    yield write
    forget("small_checks")


@pytest.fixture
def load(write_checks: WriteChecks) -> Load:
    """Return a function that writes checks and loads them."""

    def load(files: dict[str, str] | None = None, *, without: str = "") -> Checks:
        folder = write_checks({"kms/rotation": ROTATION} if files is None else files)
        forget("small_checks")
        importlib.invalidate_caches()
        if without:
            (folder / without).unlink()
        return load_checks(folder, "small_checks")

    return load


def control(id: str, **changes: Any) -> dict[str, Any]:
    """Return a control of the register as YAML holds it."""
    return {
        "id": id,
        "requirement": "It is so.",
        "rationale": "Otherwise it is not.",
        "severity": "high",
        "owner": "cloud-security@meridian.example",
        "clauses": ["FSBP KMS.4"],
        "artefacts": ["plan"],
        "checks": [id],
        "remediation": "Make it so.",
        **changes,
    }


def write_register(path: Path, *controls: dict[str, Any]) -> Path:
    path.write_text(yaml.safe_dump({"controls": list(controls)}, sort_keys=False))
    return path


REGISTERED = (control("CSO_KMS_01"), control("CSO_GOV_02", artefacts=["spec"]))


@pytest.fixture
def repository(tmp_path: Path, load: Load, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root with the environments dev and prod, two tenants and the platform; the gate has two checks."""
    root = tmp_path / "root"
    for tenant in ("annuity", "claims"):
        put(root / f"tenants/{tenant}/tenant.yaml", f"tenant: {tenant}\nowner: {tenant}@meridian.example\n")
        put(root / f"spark_jobs/{tenant}/job.py", "")
    for environment, account in (("dev", "111111111111"), ("prod", "222222222222")):
        spec = {"environment": environment, "organisation": "meridian", "account_id": account, "region": "us-east-1"}
        put(root / f"environments/{environment}/environment.yaml", yaml.safe_dump(spec))
        for stack in ("platform", "annuity", "claims"):
            put(root / f"environments/{environment}/rendered/{stack}/terraform/main.tf", "")
            if stack != "platform":
                put(root / f"environments/{environment}/rendered/{stack}/dag/daily.py", "")
            files = ["terraform/main.tf"] + ["dag/daily.py"] * (stack != "platform")
            manifest = json.dumps({"outputs": dict.fromkeys(files, "")})
            put(root / f"environments/{environment}/rendered/{stack}/MANIFEST.json", manifest)
    put(root / "waivers.yaml", "waivers: []\n")
    write_register(root / "controls.yaml", *REGISTERED)
    checks = load({"kms/rotation": ROTATION, "governance/owner": OWNER})
    monkeypatch.setattr(gate, "load_checks", lambda: checks)
    monkeypatch.setattr("policies.run.tools", lambda: {"policies": "sha256:these"})  # nobody edits them meanwhile
    return root


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


PAIRS = [(environment, stack) for environment in ("dev", "prod") for stack in ("platform", "annuity", "claims")]
"""Every stack of the repository."""


def plan(rotates: bool | None = True) -> bytes:
    """Return a plan of one key; None is known after the apply."""
    key = {"address": "aws_kms_key.this", "mode": "managed", "type": "aws_kms_key", "name": "this"}
    unknown = {"enable_key_rotation": True} if rotates is None else {}
    document = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [{**key, "values": {"enable_key_rotation": rotates}}]}},
        "resource_changes": [{**key, "change": {"actions": ["create"], "after_unknown": unknown}}],
        "configuration": {
            "root_module": {
                "resources": [
                    {
                        **{**key, "address": "aws_kms_key.this"},
                        "expressions": {"enable_key_rotation": {"references": ["local.rotates"]}},
                    }
                ]
            }
        },
    }
    return json.dumps(document).encode()


Run = Callable[..., GateResult]
"""Runs the gate over the repository, plans left out unless given."""


@pytest.fixture
def run(repository: Path) -> Run:
    """Return a function that runs the gate over the repository, plans left out unless given."""

    def run(**changes: Any) -> GateResult:
        request = Request(repository, TODAY, register=repository / "controls.yaml", waivers=repository / "waivers.yaml")
        return run_gate(replace(request, **changes))

    return run


def verdicts(result: GateResult, control: str) -> dict[str, Verdict]:
    return {
        f"{item.subject.environment}/{item.subject.stack}": item.verdict
        for item in result.judgements
        if item.control == control
    }
