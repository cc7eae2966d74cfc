"""What an auditor gets: complete, the same to the byte, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import pytest

from policies.controls import load_register
from policies.report import evidence, provenance
from policies.result import GateResult
from policies.verdict import Verdict
from tests.policies.report import sample
from tests.policies.report.sample import Golden


def rows(run: GateResult, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(evidence.documents(run, sample.TOOLS)[name])))


def states(run: GateResult, name: str, key: str) -> dict[str, str]:
    return {row[key]: row["state"] for row in rows(run, name)}


def test_files(golden: Golden) -> None:
    files = evidence.documents(sample.run(), sample.TOOLS)
    assert set(files) == {
        "README.md", "SHA256SUMS", "clauses.csv", "controls.csv", "subjects.csv", "verdicts.json"
    }  # fmt: skip
    for name in set(files) - {"README.md"}:
        golden(f"evidence/{name}", files[name])


def test_the_readme_names_every_file_and_verdict() -> None:
    files = evidence.documents(sample.run(), sample.TOOLS)
    for name in set(files) - {"README.md"}:
        assert f"`{name}`" in files["README.md"]
    for verdict in Verdict:
        assert f"`{verdict.value}`" in files["README.md"]


def test_two_folders_of_one_run_are_the_same(tmp_path: Path) -> None:
    for name in ("a", "b"):
        evidence.write(tmp_path / name, sample.run(), dict(reversed(sample.TOOLS.items())))
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    for line in (tmp_path / "a" / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((tmp_path / "a" / name).read_bytes()).hexdigest() == digest


def test_every_control_and_clause_is_there_with_its_state() -> None:
    assert states(sample.run(), "controls.csv", "control") == {
        "CSO_KMS_01": "failed",
        "CSO_S3_01": "failed",
        "CSO_EMR_10": "no verdict",
        "CSO_S3_11": "waived",
        "CSO_IAM_08": "not automated",
        "CSO_GOV_01": "failed",
    }
    found = states(sample.run(), "clauses.csv", "clause")
    assert set(found) == {clause.split()[-1] for control in sample.REGISTER for clause in control.clauses} - {
        "4(D)(2)(b)"
    } | {"668 4(D)(2)(b)"}
    assert (found["500.12"], found["500.16"], found["reliability"]) == ("not automated", "waived", "no verdict")


def test_nothing_judged_passes_nothing() -> None:
    for name, key in (("controls.csv", "control"), ("clauses.csv", "clause")):
        assert set(states(sample.run([], waivers=()), name, key).values()) == {"nothing to judge", "not automated"}


def test_a_clause_with_a_control_that_is_not_automated_is_not_simply_passed(tmp_path: Path) -> None:
    path = tmp_path / "controls.yaml"
    text = sample.REGISTER.path.read_text(encoding="utf-8").replace("NYDFS 500.12", "NYDFS 500.15")
    path.write_text(text, encoding="utf-8")
    passed = sample.planned("CSO_KMS_01", "prod/platform", "aws_kms_key.a", Verdict.PASSED)
    run = sample.run([passed], register=load_register(path))
    assert states(run, "clauses.csv", "clause")["500.15"] == "passed, in part not automated"


def test_what_only_a_plan_shows_is_not_passed_without_plans() -> None:
    passed = sample.planned("CSO_EMR_10", "prod/annuity", "job_flow.json", Verdict.PASSED)
    run = sample.run([passed], digests={"job_flow.json": "d" * 64}, waivers=())
    found = states(run, "controls.csv", "control")
    assert found["CSO_EMR_10"] == "passed, plans not judged"
    assert found["CSO_KMS_01"] == "nothing to judge, plans not judged"


def test_each_verdict_names_the_digest_of_what_was_judged() -> None:
    found = {row["address"]: row["judged_sha256"] for row in rows(sample.run(), "subjects.csv")}
    assert found["Jenkinsfile"] == "e" * 64
    assert found["environments/prod/rendered/annuity/dag/job_flow.json#ReleaseLabel"] == "d" * 64
    assert found["aws_s3_bucket.site"] == "b" * 64


def test_the_digest_of_a_control_is_over_its_lines() -> None:
    files = evidence.documents(sample.run(), sample.TOOLS)
    lines = [line for line in files["subjects.csv"].splitlines(keepends=True) if line.startswith("CSO_KMS_01,")]
    (row,) = [row for row in rows(sample.run(), "controls.csv") if row["control"] == "CSO_KMS_01"]
    assert row["verdicts_sha256"] == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert row["subjects"] == "3"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r", " =", "\n=", "\u00a0="])
def test_no_cell_is_a_formula(start: str) -> None:
    item = sample.planned("CSO_KMS_01", "prod/annuity", f"{start}cmd|' /C calc'!A0", Verdict.FAILED, f"{start}1")
    for row in rows(sample.run([item]), "subjects.csv"):
        for cell in row.values():
            assert not cell.strip().startswith(("=", "+", "-", "@"))
            assert "\t" not in cell
            assert "\r" not in cell


def test_hostile_text_stays_in_its_cell() -> None:
    files = evidence.documents(sample.hostile(), sample.TOOLS)
    for name in ("clauses.csv", "controls.csv", "subjects.csv"):
        table = list(csv.reader(io.StringIO(files[name])))
        assert {len(row) for row in table} == {len(table[0])}
    address = json.loads(files["verdicts.json"])["judgements"][0]["address"]
    assert address == sample.HOSTILE.replace("\ud800", "\\ud800")


@pytest.mark.parametrize("name", ["check.py", "controls.yaml", "iam_actions.json"])
def test_tools_are_named_with_the_digest_of_code_and_data(tmp_path: Path, name: str) -> None:
    assert {"policies", "python", "checkov"} <= set(provenance.tools())
    (tmp_path / name).write_text("1")
    first = provenance.code_digest(tmp_path)
    (tmp_path / name).write_text("2")
    assert provenance.code_digest(tmp_path) != first
