"""Checkov's own command with our checks: it loads them all, and fails what is wrong in HCL, plan and template.

It runs once, over all three, and in one process: its parallel runners wait for each other when a report is large.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from policies.check import ResourceCheck
from policies.registry import load_checks

ROOT = Path(__file__).parents[2]
CHECKS = ROOT / "policies" / "checks"
WEAK = ("CKV_AWS_171", "CKV_AWS_349", "CKV_AWS_350", "CKV_AWS_351")
"""Built-in checks of EMR's encryption that pass, or say nothing about, what is not encrypted."""

BLIND = ("CKV_AWS_242", "CKV_AWS_243", "CKV_AWS_244")
"""Built-in checks of Airflow's logs: they ask for three of the five, and for no key. None is about a serverless
warehouse's network."""

NOT_ENCRYPTED = {
    "EncryptionConfiguration": {
        "EnableAtRestEncryption": False,
        "EnableInTransitEncryption": False,
        "AtRestEncryptionConfiguration": {"S3EncryptionConfiguration": {"EncryptionMode": "SSE-KMS"}},
    }
}
LOG = [{"enabled": True, "log_level": "INFO"}]
OPEN_AIRFLOW = {
    "webserver_access_mode": "PRIVATE_ONLY",
    "logging_configuration": [{"scheduler_logs": LOG, "webserver_logs": LOG, "worker_logs": LOG}],
}
PUBLIC_WAREHOUSE = {"publicly_accessible": True, "workgroup_name": "all", "namespace_name": "all"}
HCL = """
resource "aws_kms_key" "bad" {
  enable_key_rotation = false
}
"""
TEMPLATE = f"""
Resources:
  Key: {{Type: AWS::KMS::Key, Properties: {{EnableKeyRotation: false}}}}
  Rotated: {{Type: AWS::KMS::Key, Properties: {{EnableKeyRotation: true}}}}
  Perhaps: {{Type: AWS::KMS::Key, Properties: {{EnableKeyRotation: !If [Small, false, true]}}}}
  Emr: {{Type: AWS::EMR::SecurityConfiguration, Properties: {{SecurityConfiguration: {json.dumps(NOT_ENCRYPTED)}}}}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties: {{SecurityGroupIngress: [{{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}}]}}
"""


@dataclass(frozen=True)
class Run:
    """What one run of the command said: `{(framework, check id, resource): PASSED or FAILED}`, and its log."""

    results: dict[tuple[str, str, str], str]
    log: str

    def of(self, check: str, resource: str, framework: str = "terraform_plan") -> str | None:
        return self.results.get((framework, check, resource))


def resource_checks() -> list[ResourceCheck]:
    return [check for check in load_checks().all.values() if isinstance(check, ResourceCheck)]


def plan() -> dict[str, Any]:
    """Return a plan with one empty resource of every type that a check judges, and EMR's unencrypted configuration."""
    values: dict[str, dict[str, Any]] = {
        f"{type}.empty": {} for check in resource_checks() for type in check.types if not type.startswith("data.")
    }
    values["aws_emr_security_configuration.bad"] = {"configuration": json.dumps(NOT_ENCRYPTED)}
    values["aws_mwaa_environment.bad"] = OPEN_AIRFLOW
    values["aws_redshiftserverless_workgroup.bad"] = PUBLIC_WAREHOUSE
    values["aws_kms_key.good"] = {"enable_key_rotation": True}
    common = [
        {"address": address, "mode": "managed", "type": address.split(".")[0], "name": address.split(".")[1]}
        for address in values
    ]
    return {
        "format_version": "1.2",
        "terraform_version": "1.10.0",
        "planned_values": {
            "root_module": {"resources": [{**item, "values": values[item["address"]]} for item in common]}
        },
        "resource_changes": [
            {
                **item,
                "change": {
                    "actions": ["create"],
                    "before": None,
                    "after": values[item["address"]],
                    "after_unknown": {},
                },
            }
            for item in common
        ],
        "configuration": {"root_module": {}},
    }


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("checkov")
    for module in ("key", "bucket"):
        shutil.copytree(
            ROOT / "modules" / module, folder / module, ignore=shutil.ignore_patterns("tests", ".terraform*")
        )
    (folder / "bad.tf").write_text(HCL)
    (folder / "plan.json").write_text(json.dumps(plan()))
    (folder / "template.yaml").write_text(TEMPLATE)
    found = subprocess.run(
        [
            *(Path(sys.executable).with_name("checkov"), "--external-checks-dir", CHECKS, "-d", folder),
            *("--framework", "terraform", "terraform_plan", "cloudformation", "--skip-download"),
            *("--check", ",".join(("CSO_*", *WEAK, *BLIND)), "-o", "json"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "LOG_LEVEL": "DEBUG", "CHECKOV_PARALLELIZATION_TYPE": "none"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert found.returncode == 1, found.stderr[-3000:]
    return Run(dict(_results(json.loads(found.stdout))), found.stderr)


def _results(reports: list[dict[str, Any]]) -> Iterator[tuple[tuple[str, str, str], str]]:
    for report in reports:
        for kind in ("passed_checks", "failed_checks"):
            for record in report["results"][kind]:
                key = (report["check_type"], record["check_id"], record["resource"])
                yield key, record["check_result"]["result"]


def test_every_check_file_is_loaded(run: Run) -> None:
    files = {path.stem for path in CHECKS.glob("*/*.py") if path.name != "__init__.py"}
    assert set(re.findall(r"Importing external check '(\w+)'", run.log)) == files
    assert "Cannot load external check" not in run.log


def test_every_plan_check_runs(run: Run) -> None:
    titles = {check.title for check in resource_checks()}
    assert titles
    assert {title for title in titles if f"Running check: {title} on file /plan.json" not in run.log} == set()


def test_no_check_breaks(run: Run) -> None:
    assert "Failed to run check" not in run.log


def test_hcl(run: Run) -> None:
    assert run.of("CSO_KMS_01", "aws_kms_key.bad", "terraform") == "FAILED"
    assert run.of("CSO_KMS_01", "aws_kms_key.this", "terraform") == "PASSED"


def test_plan(run: Run) -> None:
    assert run.of("CSO_KMS_01", "aws_kms_key.empty") == "FAILED"
    assert run.of("CSO_KMS_01", "aws_kms_key.good") == "PASSED"


def test_ours_are_stricter_than_the_built_in_ones(run: Run) -> None:
    bad = "aws_emr_security_configuration.bad"
    assert run.of("CKV_AWS_171", bad) == "PASSED", "mended: then it need not be told apart any more"
    assert not {check for check in WEAK[1:] if run.of(check, bad) == "FAILED"}, "mended: then they are worth running"
    for ours in ("CSO_EMR_03", "CSO_EMR_04", "CSO_EMR_06", "CSO_EMR_07"):
        assert run.of(ours, bad) == "FAILED", ours


def test_what_passes_every_built_in_check_of_its_kind_fails_ours(run: Run) -> None:
    airflow, warehouse = "aws_mwaa_environment.bad", "aws_redshiftserverless_workgroup.bad"
    assert {run.of(check, airflow) for check in BLIND} == {"PASSED"}
    assert run.of("CSO_AIR_01", airflow) == "FAILED"
    assert run.of("CSO_RED_01", warehouse) == "FAILED"


def test_cloudformation(run: Run) -> None:
    expected = {
        ("CSO_KMS_01", "AWS::KMS::Key.Key"): "FAILED",
        ("CSO_KMS_01", "AWS::KMS::Key.Rotated"): "PASSED",
        ("CSO_KMS_01", "AWS::KMS::Key.Perhaps"): None,  # unknown, which the command drops: only the gate says so
        ("CSO_EMR_03", "AWS::EMR::SecurityConfiguration.Emr"): "FAILED",
        ("CSO_EMR_15_INGRESS", "AWS::EC2::SecurityGroup.Group"): "FAILED",
    }
    assert {key: run.of(*key, "cloudformation") for key in expected} == expected
