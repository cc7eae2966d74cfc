"""Plans that are seen beside those that are judged: for isolation they count, and for nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from policies.errors import ArtefactUnreadable
from policies.verdict import Verdict
from tests.policies.engine.conftest import PAIRS, REGISTERED, Run, control, plan, verdicts, write_register

CLAIMS = ("prod", "claims")
PROD = {pair: plan() for pair in PAIRS if pair[0] == "prod"}
OTHERS = {pair: text for pair, text in PROD.items() if pair != CLAIMS}
ASKED = {"environments": ("prod",), "tenants": ("claims",), "plans": {CLAIMS: plan()}}


@pytest.fixture(autouse=True)
def isolation_is_registered(repository: Path) -> None:
    write_register(repository / "controls.yaml", *REGISTERED, control("CSO_ISO_01"))


def test_isolation_is_judged_over_all_of_them_and_the_rest_over_what_was_asked_for(run: Run) -> None:
    result = run(**ASKED, beside=OTHERS)
    assert verdicts(result, "CSO_ISO_01") == {f"prod/{stack}": Verdict.PASSED for _, stack in PROD}
    assert verdicts(result, "CSO_KMS_01") == {"prod/claims": Verdict.PASSED}
    assert [key for key in result.digests if key.startswith("plan ")] == ["plan prod/claims"]
    assert not any("CSO_ISO_01 was not judged" in note for note in result.notes)


def test_a_plan_beside_that_breaks_a_control_is_no_finding_of_this_run(run: Run) -> None:
    broken = {**OTHERS, ("prod", "annuity"): plan(False)}
    assert run(**ASKED, beside=broken).exit_code == 0


def test_a_plan_beside_that_cannot_be_read_stops_it(run: Run) -> None:
    with pytest.raises(ArtefactUnreadable):
        run(**ASKED, beside={**OTHERS, ("prod", "annuity"): b"{"})
    with pytest.raises(ArtefactUnreadable):
        run(**ASKED, beside={**OTHERS, ("prod", "annuity"): b""})


@pytest.mark.parametrize(
    ("beside", "reason"),
    [
        ({pair: text for pair, text in OTHERS.items() if pair[1] != "annuity"}, "prod/annuity"),
        ({**OTHERS, ("dev", "annuity"): plan()}, "dev/annuity"),
        (PROD, "some are judged too"),
    ],
)
def test_plans_that_do_not_make_up_the_environment_stop_it(
    run: Run, beside: dict[tuple[str, str], bytes], reason: str
) -> None:
    with pytest.raises(ArtefactUnreadable, match=reason):
        run(**ASKED, beside=beside)


TEMPLATE = """
Resources:
  Reader:
    Type: AWS::IAM::Role
    Properties:
      RoleName: meridian-prod-claims-reader
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}
      Policies:
        - PolicyName: read
          PolicyDocument:
            Version: 2012-10-17
            Statement: {Effect: Allow, Action: s3:GetObject, Resource: "arn:aws:s3:::meridian-prod-platform-*"}
"""


def templated(repository: Path, text: str) -> None:
    path = repository / "tenants/claims/cloudformation/store.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text)


@pytest.mark.parametrize("asked", [{"plans": PROD}, {**ASKED, "beside": OTHERS}])
def test_what_a_template_makes_reaches_others_too(run: Run, repository: Path, asked: dict[str, Any]) -> None:
    templated(repository, TEMPLATE)
    result = run(**{"environments": ("prod",), **asked})
    found = [item for item in result.judgements if item.control == "CSO_ISO_01" and item.verdict is Verdict.FAILED]
    assert {item.subject.stack for item in found} == {"claims"}
    assert {item.subject.address for item in found} == {"module.cloudformation-store.aws_iam_role.Reader"}


def test_a_template_that_cannot_be_read_leaves_isolation_undecided(run: Run, repository: Path) -> None:
    templated(repository, "Resources: {Reader: {Type: [AWS::IAM::Role]}}")
    result = run(environments=("prod",), plans=PROD)
    assert set(verdicts(result, "CSO_ISO_01").values()) == {Verdict.NO_VERDICT}
    assert result.exit_code == 4
