"""Every check on a template: a sound one passes beside its tenant's plan, and what is wrong is found by its control."""

from __future__ import annotations

import pytest

from policies.check import Resource
from policies.judge_template import judge_template
from policies.plan import Plan
from policies.registry import Checks, load_checks
from policies.verdict import Verdict
from tests.policies.cloudformation.test_template import CONTEXT, GOOD, template

BOUNDARY = "arn:aws:iam::222222222222:policy/meridian-prod-annuity-boundary"


@pytest.fixture(scope="module")
def checks() -> Checks:
    return load_checks()


def beside() -> Plan:
    """Return what of the tenant's own plan the template names."""
    boundary = {"arn": BOUNDARY, "name": "meridian-prod-annuity-boundary", "path": "/", "policy": "{}"}
    resource = Resource("module.tenant.aws_iam_policy.boundary", "aws_iam_policy", boundary, CONTEXT, "boundary")
    return Plan(CONTEXT, [resource], {"retention_days": 2555})


def found(text: str, checks: Checks) -> set[str]:
    """Return the controls that do not let a template through."""
    judgements = list(judge_template(template(text), checks, beside()))
    assert len(judgements) > 30
    return {item.control for item in judgements if item.verdict in (Verdict.FAILED, Verdict.NO_VERDICT)}


def test_a_sound_template_passes(checks: Checks) -> None:
    assert found(GOOD, checks) == set()


@pytest.mark.parametrize(
    ("old", "new", "control"),
    [
        ("EnableKeyRotation: true", "EnableKeyRotation: false", "CSO_KMS_01"),
        ("EnableKeyRotation: true", "EnableKeyRotation: !If [Small, false, true]", "CSO_KMS_01"),
        ("BlockPublicPolicy: true", "BlockPublicPolicy: false", "CSO_S3_01"),
        ("KMSMasterKeyID: !GetAtt Key.Arn", "KMSMasterKeyID: !ImportValue key", "CSO_S3_03"),
        ("SSEAlgorithm: aws:kms", "SSEAlgorithm: AES256", "CSO_S3_03"),
        ("VersioningConfiguration: {Status: Enabled}", "VersioningConfiguration: {Status: Suspended}", "CSO_S3_04"),
        ("ObjectOwnership: BucketOwnerEnforced", "ObjectOwnership: ObjectWriter", "CSO_S3_05"),
        ("Bucket: !Ref Rejected", "Bucket: another", "CSO_S3_02"),
        ('{Bool: {aws:SecureTransport: "false"}}', '{Bool: {aws:SecureTransport: "true"}}', "CSO_S3_02"),
        ("Path: /tenant/annuity/", "Path: /", "CSO_IAM_02"),
        ("Action: s3:GetObject,", 'Action: "*",', "CSO_IAM_01"),
        ("- {Key: owner, Value: annuity-data@meridian.example}", "- {Key: colour, Value: blue}", "CSO_GOV_01"),
    ],
)
def test_one_thing_wrong_is_found_by_its_control(old: str, new: str, control: str, checks: Checks) -> None:
    assert old in GOOD
    assert control in found(GOOD.replace(old, new, 1), checks)


def test_a_resource_without_tags_is_a_finding_that_says_so(checks: Checks) -> None:
    written = "Tags:"
    judgements = judge_template(template(GOOD.replace(written, "Metadata:", 1)), checks, beside())
    (item,) = [item for item in judgements if item.verdict is Verdict.FAILED and item.control == "CSO_GOV_01"]
    assert item.found.startswith("the template gives it no Tags: cost-centre,")


def test_findings_say_where(checks: Checks) -> None:
    text = GOOD.replace("EnableKeyRotation: true", "EnableKeyRotation: false")
    judgement = next(
        item for item in judge_template(template(text), checks, beside()) if item.verdict is Verdict.FAILED
    )
    subject = judgement.subject
    assert (subject.artefact, subject.environment, subject.stack) == ("cloudformation", "prod", "annuity")
    assert subject.address == "tenants/annuity/cloudformation/store.yaml#Key"
    assert text.splitlines()[subject.line - 1] == "  Key:"


def test_what_is_no_template_is_left_to_its_own_controls(checks: Checks) -> None:
    assert list(judge_template(template("["), checks)) == []
