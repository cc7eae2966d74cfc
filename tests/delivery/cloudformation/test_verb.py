"""`sluice cloudformation` as it is typed, in this repository, whose tenants have no template: stacks go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result

from delivery.cloudformation.rollout import CloudRefused
from sluice.commands import drift as drift_verb
from sluice.commands.cloudformation import cloudformation
from tests.delivery.cloudformation.conftest import QUEUE, TOPIC

ROOT = Path(__file__).parents[3]
STACK = "meridian-dev-annuity-old"


@pytest.fixture
def account(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """CloudFormation's client in dev's account, with a stack whose template is gone."""
    variables = {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    for name, value in {**variables, "AWS_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(ROOT)
    role = "arn:aws:iam::111111111111:role/sluice-deploy"
    session = boto3.client("sts", endpoint_url=endpoint, region_name="us-east-1").assume_role(
        RoleArn=role, RoleSessionName="test"
    )["Credentials"]
    client = boto3.client(
        "cloudformation",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )
    tags = {"env": "dev", "tenant": "annuity", "sluice-template": "old"}
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    client.create_stack(StackName=STACK, TemplateBody=QUEUE, Tags=listed)
    yield client
    client.delete_stack(StackName=STACK)


def run(*arguments: str, **more: Any) -> Result:
    return CliRunner().invoke(cloudformation, arguments, **more)


def exists(account: Any) -> bool:
    return STACK in {stack["StackName"] for stack in account.describe_stacks()["Stacks"]}


def test_a_stack_that_lost_its_template(account: Any, tmp_path: Path) -> None:
    shown = run("plan", "--env", "dev", "--json", "--out", str(tmp_path))
    assert shown.exit_code == 0, shown.output
    found = json.loads(shown.stdout)[f"dev/{STACK}"]
    assert (found["kind"], [item["address"] for item in found["destructive"]]) == ("delete", ["Queue"])
    assert json.loads((tmp_path / "cloudformation-dev.json").read_text()) == json.loads(shown.stdout)

    refused = run("apply", "--env", "dev", "--yes")
    assert getattr(refused.exception, "exit_code", None) == 1
    assert f"--approve {found['digest']}" in str(refused.exception)
    assert exists(account)

    assert run("apply", "--env", "dev", "--approve", found["digest"], "--dry-run").exit_code == 0
    declined = run("apply", "--env", "dev", "--approve", found["digest"], input="n\n")
    assert "as you said" in str(declined.exception)
    assert exists(account)

    done = run("apply", "--env", "dev", "--approve", found["digest"], "--yes", "--json")
    assert done.exit_code == 0, done.output
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events if event["event"] != "step"] == [
        "planned",
        "applying",
        "applied",
        "cloudformation",
    ]
    assert (events[0]["stack"], events[0]["digest"], events[0]["destructive"]) == (f"dev/{STACK}", found["digest"], 1)
    assert (events[-1]["state"], events[-1]["plans"]) == ("applied", {f"dev/{STACK}": found["digest"]})
    assert not exists(account)
    assert "no CloudFormation templates" in run("plan", "--env", "dev").output


def test_machines_are_not_asked(account: Any) -> None:
    refused = run("apply", "--env", "dev", "--json")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--json asks nobody" in refused.stderr
    told = [json.loads(line) for line in run("apply", "--env", "dev", "--json", "--dry-run").stdout.splitlines()]
    assert [event["event"] for event in told] == ["planned", "cloudformation"]
    assert (told[-1]["state"], list(told[-1]["plans"])) == ("planned", [f"dev/{STACK}"])
    assert exists(account)


def test_reading_alone_says_the_same(account: Any) -> None:
    shown = run("plan", "--env", "dev", "--read-only", "--tenant", "annuity")
    assert shown.exit_code == 0, shown.output
    assert "LETS GO OF DATA  remove   Queue" in shown.output
    assert "digest" not in shown.output


def test_a_tenant_that_git_has_no_more_must_be_named(account: Any) -> None:
    name = "meridian-dev-claims-left"
    tags = {"env": "dev", "tenant": "claims", "sluice-template": "left"}
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    account.create_stack(StackName=name, TemplateBody=TOPIC, Tags=listed)
    assert name not in run("plan", "--env", "dev").output
    assert f"{name}: stack is deleted, its template is gone" in run("plan", "--env", "dev", "--tenant", "claims").output
    assert run("apply", "--env", "dev", "--tenant", "claims", "--yes").exit_code == 0
    assert name not in {stack["StackName"] for stack in account.describe_stacks()["Stacks"]}


def test_who_may_approve_is_not_chosen_by_an_option(account: Any, tmp_path: Path) -> None:
    (tmp_path / "approval.json").write_text("{}")
    result = run("apply", "--env", "dev", "--approval", str(tmp_path / "approval.json"), "--yes")
    assert result.exit_code == 2
    assert "names no approvers" in result.output


def test_drift_looks_at_these_stacks_too(account: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Terraform's plans are left out here: what they add is in test_drift and test_drift_deployed."""
    monkeypatch.setattr(drift_verb, "plan_all", lambda *given, **options: {})
    shown = CliRunner().invoke(drift_verb.drift, ["--env", "dev", "--out", str(tmp_path)])
    assert shown.exit_code == 1, shown.output
    assert f"dev/{STACK}: 1 drift\n  not yet deployed       Queue" in shown.stdout
    assert "mend it:  sluice cloudformation apply --env dev" in shown.stderr
    assert f"dev/{STACK}" in json.loads((tmp_path / "cloudformation.json").read_text())

    monkeypatch.setattr(drift_verb, "drifted", _refused)
    blind = CliRunner().invoke(drift_verb.drift, ["--env", "dev", "--out", str(tmp_path)])
    assert getattr(blind.exception, "exit_code", None) == 3, "what nobody could compare is never peace"


def _refused(*given: Any, **options: Any) -> Any:
    raise CloudRefused("dev: CloudFormation refused a call", why="not authorized", fix="")
