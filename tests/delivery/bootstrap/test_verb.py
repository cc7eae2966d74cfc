"""`sluice bootstrap` against moto, which takes the real template: made, made again, refused, left alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result

from delivery.cloudformation.judging import lint
from policies.artefacts.places import ACCOUNT
from sandbox.aws.services.cloudformation import cloudformation as service
from sandbox.aws.stack_keys import stack_keys
from sluice.commands.bootstrap import bootstrap
from tests.delivery.moto_endpoint import moto_endpoint

ROOT = Path(__file__).parents[3]
JENKINS = "arn:aws:iam::123456789012:role/sluice-jenkins"
STACK = "meridian-dev-platform-bootstrap"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    service.install()
    stack_keys()
    with moto_endpoint() as address:
        yield address


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, endpoint: str) -> Path:
    """A repository with one environment and the account's template; the process stands in it."""
    for path in (ACCOUNT, "environments/dev/environment.yaml"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text((ROOT / path).read_text())
    variables = {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    for name, value in {**variables, "AWS_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def linted() -> set[str]:
    """Texts that cfn-lint has found right."""
    return set()


@pytest.fixture(autouse=True)
def linted_once(linted: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Show each text to cfn-lint once: it takes seconds to start."""

    def once(root: Path, paths: list[str], region: str) -> None:
        text = "".join((root / path).read_text() for path in paths)
        if text not in linted:
            lint(root, paths, region)
            linted.add(text)

    monkeypatch.setattr("sluice.commands.bootstrap.lint", once)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(bootstrap, ["--env", "dev", *arguments])


def account(service_name: Any, endpoint: str) -> Any:
    """A client that acts in dev's account."""
    keys: dict[str, Any] = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    sts = boto3.client("sts", endpoint_url=endpoint, region_name="us-east-1", **keys)
    role = "arn:aws:iam::111111111111:role/OrganizationAccountAccessRole"
    session = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return boto3.client(
        service_name,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )


def test_an_account_from_nothing(repository: Path, endpoint: str) -> None:
    shown = run("--jenkins-role", JENKINS, "--dry-run")
    assert shown.exit_code == 0, shown.output
    assert "new stack: 20 to add" in shown.output
    assert not (repository / "environments/dev/bootstrap.json").exists()
    assert account("cloudformation", endpoint).describe_stacks()["Stacks"] == []

    made = run("--jenkins-role", JENKINS, "--yes")
    assert made.exit_code == 0, made.output
    assert json.loads((repository / "environments/dev/bootstrap.json").read_text())["JenkinsRoleArn"] == JENKINS
    (stack,) = account("cloudformation", endpoint).describe_stacks()["Stacks"]
    assert (stack["StackName"], stack["StackStatus"]) == (STACK, "CREATE_COMPLETE")
    assert stack["EnableTerminationProtection"] is True
    assert "sluice-template" not in {tag["Key"] for tag in stack["Tags"]}
    names = {item["Name"] for item in account("s3", endpoint).list_buckets()["Buckets"]}
    assert names == {f"meridian-dev-platform-{entity}" for entity in ("tfstate", "ledger", "releases")}
    role = account("iam", endpoint).get_role(RoleName="sluice-deploy")["Role"]
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"AWS": f"{JENKINS}-deploy"}
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith("policy/meridian-dev-delivery-boundary")
    key = account("kms", endpoint).describe_key(KeyId="alias/meridian-approval")["KeyMetadata"]
    assert (key["KeySpec"], key["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")

    again = run("--yes")
    assert again.exit_code == 0, again.output
    assert f"dev/{STACK}: no changes" in again.output

    values = json.loads((repository / "environments/dev/bootstrap.json").read_text())
    (repository / "environments/dev/bootstrap.json").write_text(json.dumps({**values, "LedgerLockDays": 2000}))
    changed = run("--yes", "--json")
    assert changed.exit_code == 0, changed.output
    events = [json.loads(line) for line in changed.stdout.splitlines()]
    assert [event["event"] for event in events if event["event"] != "step"] == [
        "judging",
        "gated",
        "planning",
        "planned",
        "applying",
        "applied",
        "bootstrap",
    ]
    assert {event["stack"] for event in events[:-1]} == {f"dev/{STACK}"}
    assert events[-1]["state"] == "applied"
    assert events[-1]["plans"] == {f"dev/{STACK}": events[3]["digest"]}
    assert "sluice release key --env dev" in events[-1]["text"]
    (stack,) = account("cloudformation", endpoint).describe_stacks()["Stacks"]
    assert stack["StackStatus"] == "UPDATE_COMPLETE"


def test_machines_are_not_asked(repository: Path) -> None:
    refused = run("--jenkins-role", JENKINS, "--json")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--json asks nobody" in refused.stderr


def test_a_bucket_that_would_go_stops_it(repository: Path, endpoint: str) -> None:
    text = (repository / ACCOUNT).read_text()
    start, end = text.index("\n  Releases:"), text.index("\nOutputs:")
    (repository / ACCOUNT).write_text(text[:start] + text[end:])
    result = run("--jenkins-role", JENKINS, "--yes")
    assert result.exception is not None
    assert getattr(result.exception, "exit_code", None) == 1
    assert "remove Releases (AWS::S3::Bucket" in str(result.exception)
    assert "meridian-dev-platform-releases" in {
        item["Name"] for item in account("s3", endpoint).list_buckets()["Buckets"]
    }


def test_a_template_that_the_gate_refuses_touches_no_account(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # nobody answers there, and nobody is asked
    path = repository / ACCOUNT
    path.write_text(path.read_text().replace("BlockPublicPolicy: true", "BlockPublicPolicy: false"))
    result = run("--jenkins-role", JENKINS, "--yes")
    assert "CSO_S3_01" in str(result.exception)
    assert not (repository / "environments/dev/bootstrap.json").exists()


def test_own_credentials_must_be_the_administrators(repository: Path) -> None:
    result = run("--jenkins-role", JENKINS, "--own-credentials", "--yes")
    assert getattr(result.exception, "exit_code", None) == 2
    assert "OrganizationAccountAccessRole in account 111111111111" in str(result.exception)


@pytest.mark.parametrize(
    "arguments", [[], ["--env", "stage"], ["--account", "9"], ["--env", "dev", "--account", "222"]]
)
def test_an_environment_must_be_named(repository: Path, arguments: list[str]) -> None:
    assert CliRunner().invoke(bootstrap, arguments).exit_code == 2


def test_an_account_names_its_environment(repository: Path) -> None:
    result = CliRunner().invoke(bootstrap, ["--account", "111111111111", "--dry-run"])
    assert "environments/dev/bootstrap.json" in str(result.exception)
