"""`sluice decommission` on the command line: what it asks for, what it refuses without asking a cloud, what it says."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from delivery.decommission.decision import Decision
from delivery.decommission.kept import Kept
from delivery.decommission.terraform_steps import DestroyPlan
from delivery.plan import Change, Plan
from delivery.workspace import StackId
from sluice import cli
from sluice.commands.decommission import decommission, describe

verb = import_module("sluice.commands.decommission")  # the package's attribute of this name is the command
REPOSITORY = Path(__file__).parents[2]
STACK = StackId("prod", "claims")


def test_help_has_an_example() -> None:
    shown = CliRunner().invoke(decommission, ["--help"])
    assert shown.exit_code == 0
    assert "Example: sluice decommission claims --env prod" in " ".join(shown.output.split())


@pytest.mark.parametrize("given", [[], ["--by", "ann@example.com"], ["--ticket", "DATA-1"]])
def test_who_and_why_are_needed(capsys: pytest.CaptureFixture[str], given: list[str]) -> None:
    assert cli.run(["decommission", "claims", "--env", "prod", *given]) == 2
    assert "--by and --ticket are needed" in capsys.readouterr().err


def test_a_script_is_asked_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    order = ["decommission", "claims", "--env", "dev", "--by", "ann@meridian.example", "--ticket", "DATA-1", "--json"]
    assert cli.run(order) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "--json asks nobody, and dev names no approvers: give --yes or --dry-run too" in said.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "prod/claims: sluice decommission claims --env prod\n"),
        (["--json"], '"event": "decommission"'),
    ],
)
def test_who_waits_is_listed_for_people_and_scripts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    _waiting(monkeypatch, ["claims"])
    assert cli.run(["decommission", "--list", "--env", "prod", *options]) == 1
    told = capsys.readouterr().out
    assert said in told
    assert not options or json.loads(told)["stack"] == "prod/claims"


def test_that_nobody_waits_is_said_to_people(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _waiting(monkeypatch, [])
    assert cli.run(["decommission", "--list", "--env", "prod"]) == 0
    assert capsys.readouterr().out == "prod: no tenant waits for its decommission\n"
    assert cli.run(["decommission", "--list", "--env", "prod", "--json"]) == 0
    assert capsys.readouterr().out == ""


def _waiting(monkeypatch: pytest.MonkeyPatch, names: list[str]) -> None:
    """Let the ledger say that these tenants wait."""
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setattr(verb.aws, "client", lambda *_: None)
    monkeypatch.setattr(verb, "standing_stacks", lambda *_: [])
    monkeypatch.setattr(verb, "ledger_of", lambda *_: SimpleNamespace(history=list))
    monkeypatch.setattr(verb, "waiting", lambda *_: names)


def test_a_list_is_of_all_tenants(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["decommission", "--list", "--env", "prod", "--", "claims"]) == 2
    assert "leave TENANT out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("tenant", "said"),
    [("annuity", "tenants/annuity and environments/prod/rendered/annuity still there"), ("platform", "is no tenant")],
)
def test_what_git_holds_is_refused_before_any_cloud_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tenant: str, said: str
) -> None:
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert cli.run(["decommission", tenant, "--env", "prod", "--dry-run"]) == 1
    assert said in capsys.readouterr().err


def test_what_would_be_done_is_said_data_first() -> None:
    addresses = [("aws_s3_bucket.landing", "aws_s3_bucket"), ("aws_iam_role.job", "aws_iam_role")]
    changes = tuple(Change(address, type_, "delete") for address, type_ in addresses)
    landing = Kept("arn:aws:s3:::landing", "retention of 365 days", "2027-11-23", "aws_s3_bucket.landing")
    decision = Decision(
        STACK,
        DestroyPlan(Plan(STACK, Path(), changes, "0"), {}, "d"),
        kept=(landing,),
        leaving=("aws_s3_bucket.landing",),
        emptied=("raw",),
        removed=(Kept("arn:aws:s3:::curated", "legal hold"),),
        digest="e",
    )
    assert describe(decision) == (
        "prod/claims: 1 resources destroyed, 1 kept\n"
        "  keep          arn:aws:s3:::landing\n"
        "                retention of 365 days; may be destroyed from 2027-11-23\n"
        "  DESTROY DATA  s3://raw\n"
        "  DESTROY DATA  arn:aws:s3:::curated, kept until now\n"
        "  destroy       aws_iam_role.job"
    )
