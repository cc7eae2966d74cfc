"""The account's template: who may do what, what AWS's limits are, and that the gate and cfn-lint are asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from delivery.bootstrap.account import AccountRefused, ValuesMissing, account_of
from delivery.cloudformation.judging import lint
from delivery.cloudformation.proposals import BODY_LIMIT, TemplateRefused
from generator.model import EnvironmentSpec
from generator.names import Names
from generator.spec import load_environment
from policies.artefacts.places import ACCOUNT
from policies.check import Resource
from policies.plan import Plan

ROOT = Path(__file__).parents[3]
JENKINS = "arn:aws:iam::123456789012:role/sluice-jenkins"
POLICY_LIMIT, INLINE_LIMIT = 6_144, 10_240
"""Characters without white space; source: IAM User Guide, "IAM and AWS STS quotas"."""


@pytest.fixture(scope="module")
def spec() -> EnvironmentSpec:
    return load_environment(ROOT, "prod")


@pytest.fixture(scope="module")
def plan(spec: EnvironmentSpec) -> Plan:
    return account_of(ROOT, spec).template().as_plan()


def named(plan: Plan, type: str, name: str) -> Resource:
    return next(item for item in plan.of_type(type) if item.name == name)


def size(document: Mapping[str, Any]) -> int:
    return len("".join(json.dumps(document).split()))


def allowed(plan: Plan, role: str) -> Iterator[tuple[str, str]]:
    """Yield (action, resource) of what a role's own inline policies allow."""
    for policy in plan.of_type("aws_iam_role_policy"):
        if policy.get("role") == role:
            for statement in policy.policy("policy").allows:
                yield from ((action, resource) for action in statement.actions for resource in statement.resources)


def test_cfn_lint_and_the_gate_find_nothing(spec: EnvironmentSpec) -> None:
    lint(ROOT, [ACCOUNT], spec.region)
    for environment in ("dev", "prod"):
        assert account_of(ROOT, load_environment(ROOT, environment)).judge() > 150


def test_it_fits_into_what_aws_takes(spec: EnvironmentSpec, plan: Plan) -> None:
    assert len((ROOT / ACCOUNT).read_bytes()) < BODY_LIMIT
    for policy in plan.of_type("aws_iam_policy"):
        assert size(policy.document("policy").values) < POLICY_LIMIT, policy.name
    for policy in plan.of_type("aws_iam_role_policy"):
        assert size(policy.document("policy").values) < INLINE_LIMIT, policy.name


def test_buckets_are_called_as_the_generator_calls_them(spec: EnvironmentSpec, plan: Plan) -> None:
    made = {bucket.get("bucket") for bucket in plan.of_type("aws_s3_bucket")}
    assert made == {Names(spec).bucket(entity) for entity in ("tfstate", "ledger", "releases")}
    assert {alias.get("name") for alias in plan.of_type("aws_kms_alias")} == {
        "alias/meridian-prod-delivery",
        "alias/meridian-release",
        "alias/meridian-approval",
    }


@pytest.mark.parametrize("stage", ["plan", "release", "deploy", "approve"])
def test_each_role_trusts_one_role_of_jenkins(plan: Plan, stage: str) -> None:
    role = next(item for item in plan.of_type("aws_iam_role") if item.get("name") == f"sluice-{stage}")
    (statement,) = role.policy("assume_role_policy").statements
    assert statement.principals == {"AWS": (f"{JENKINS}-{stage}",)}
    conditions = statement.conditions["StringEquals"]
    assert conditions["aws:principaltag/sluice-stage"] == (stage,)
    assert conditions["aws:principalorgid"] == ("o-meridian0001",)


@pytest.mark.parametrize(("key", "signer"), [("ReleaseKey", "sluice-release"), ("ApprovalKey", "sluice-approve")])
def test_one_role_alone_signs_with_a_key(plan: Plan, key: str, signer: str) -> None:
    found = named(plan, "aws_kms_key", key)
    assert (found.get("key_usage"), found.get("customer_master_key_spec")) == ("SIGN_VERIFY", "ECC_NIST_P256")
    signing = [statement for statement in found.policy("policy").allows if statement.covers_action("kms:Sign")]
    assert [statement.principals for statement in signing] == [{"AWS": (f"arn:aws:iam::222222222222:role/{signer}",)}]


def test_who_approves_writes_approvals_and_nothing_else(plan: Plan) -> None:
    writes = {pair for pair in allowed(plan, "sluice-approve") if not pair[0].startswith(("s3:get", "s3:list"))}
    assert writes == {("s3:putobject", "arn:aws:s3:::meridian-prod-platform-ledger/approvals/*")}


def test_who_plans_changes_nothing(plan: Plan) -> None:
    reading = ("get", "list", "describe", "batchdescribe", "detect", "view")
    writes = {pair for pair in allowed(plan, "sluice-plan") if not pair[0].partition(":")[2].startswith(reading)}
    catalog = ("kms:decrypt", "arn:aws:kms:us-east-1:222222222222:key/*")  # through Glue, by its alias
    assert writes == {catalog}


def test_the_ledger_is_locked_and_takes_records_only_where_none_stands(plan: Plan) -> None:
    lock = named(plan, "aws_s3_bucket_object_lock_configuration", "Ledger")
    retention = lock.block("rule").block("default_retention")
    assert (retention.get("mode"), retention.get("days")) == ("GOVERNANCE", 1827)
    denials = {item.sid: item for item in named(plan, "aws_s3_bucket_policy", "LedgerPolicy").policy("policy").denies}
    bucket = "arn:aws:s3:::meridian-prod-platform-ledger"
    assert denials["DenyOverwriting"].resources == (f"{bucket}/ledger/*", f"{bucket}/kept/*")
    assert denials["DenyOverwriting"].conditions == {"Null": {"s3:if-none-match": ("true",)}}
    assert denials["DenyTakingBack"].covers_action("s3:DeleteObjectVersion")
    assert not denials["DenyTakingBack"].conditions


def test_what_runs_pipelines_may_do_so(plan: Plan) -> None:
    statement = next(
        item
        for item in named(plan, "aws_iam_policy", "DeployServices").policy("policy").allows
        if item.sid == "RunningPipelines"
    )
    arn = "arn:aws:airflow:us-east-1:222222222222:role/meridian-prod-platform-airflow/Admin"
    assert (statement.actions, statement.resources) == (("airflow:invokerestapi",), (arn,))


@pytest.mark.parametrize(
    ("old", "new", "check"),
    [
        ("EnableKeyRotation: true", "EnableKeyRotation: false", "CSO_KMS_01"),
        ("BlockPublicPolicy: true", "BlockPublicPolicy: false", "CSO_S3_01"),
        ("-delivery-boundary\n      AssumeRole", "-platform-boundary\n      AssumeRole", "CSO_IAM_02"),
        ('{AWS: !Sub "${JenkinsRoleArn}-deploy"}', '{AWS: "*"}', "CSO_IAM_07_PLATFORM"),
        (
            "- Sid: NoRoleWithoutABoundary\n            Effect: Deny",
            "- Sid: X\n            Effect: Allow",
            "CSO_IAM_06_FENCE",
        ),
        ("DeletionPolicy: Retain", "DeletionPolicy: Delete", "CSO_CFN_03"),
        ("Description: First part", "Description: AKIAQWERTYUIOPASDFGH first part", "CSO_SEC_01"),
    ],
)
def test_one_thing_wrong_stops_it(tmp_path: Path, spec: EnvironmentSpec, old: str, new: str, check: str) -> None:
    text = (ROOT / ACCOUNT).read_text()
    assert old in text
    (tmp_path / ACCOUNT).parent.mkdir(parents=True)
    (tmp_path / ACCOUNT).write_text(text.replace(old, new, 1))
    (tmp_path / "environments").symlink_to(ROOT / "environments")
    with pytest.raises(AccountRefused) as caught:
        account_of(tmp_path, spec).judge()
    assert check in {item.check for item in caught.value.judgements}


def test_a_value_that_nobody_knows_has_no_verdict(tmp_path: Path, spec: EnvironmentSpec) -> None:
    (tmp_path / "environments/prod").mkdir(parents=True)
    for path in (ACCOUNT, "environments/prod/environment.yaml"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text((ROOT / path).read_text())
    (tmp_path / "environments/prod/bootstrap.json").write_text('{"Owner": "x@meridian.example"}')
    with pytest.raises(AccountRefused) as caught:
        account_of(tmp_path, spec).judge()
    assert caught.value.exit_code == 4
    (tmp_path / "environments/prod/bootstrap.json").write_text('{"Colour": "blue"}')
    with pytest.raises(TemplateRefused, match="Colour"):
        account_of(tmp_path, spec).wanted()


def test_whom_an_account_trusts_stands_in_git(tmp_path: Path, spec: EnvironmentSpec) -> None:
    with pytest.raises(ValuesMissing, match="--jenkins-role"):
        account_of(tmp_path, spec)
    new = account_of(tmp_path, spec, JENKINS)
    assert json.loads(new.values) == {"JenkinsRoleArn": JENKINS, "Owner": spec.alerts_email}
    with pytest.raises(ValuesMissing, match="it changes in Git"):
        account_of(ROOT, spec, f"{JENKINS}2")
    assert account_of(ROOT, spec, JENKINS).values == (ROOT / "environments/prod/bootstrap.json").read_text()
