"""Whatever happens inside a check becomes a verdict, and nothing that goes wrong becomes a pass."""

from __future__ import annotations

from typing import Any

import pytest

from policies.artefacts.documents import JobFlow, TenantSpec
from policies.check import Resource, Unknown
from policies.judge import judge_artefacts, judge_plan
from policies.plan import Plan
from policies.verdict import Judgement, Verdict
from tests.policies.engine.conftest import CONTEXT, HEAD, OWNER, Load

CHECK = (
    HEAD
    + '''
class Key(ResourceCheck):
    """It is."""
    control, check_id, title = "CSO_KMS_01", "CSO_KMS_01", "It is"
    types = ("aws_kms_key",)

    def judge(self, resource):
        BODY

check = Key()
'''
)
RULE = (
    HEAD
    + '''
class Rule(PlanRule):
    """It is."""
    control, check_id, title = "CSO_KMS_02", "CSO_KMS_02", "It is"
    types = ("aws_kms_key",)

    def judge(self, resource, plan):
        if len(plan.resources) > 1:
            yield f"{len(plan.resources)} resources"

    def judge_plan(self, plan):
        if not plan.of_type("aws_kms_key"):
            yield "there is no key"

check = Rule()
'''
)


def plan(values: dict[str, Any] | None = None, type: str = "aws_kms_key") -> Plan:
    return Plan(CONTEXT, [Resource("aws_kms_key.a", type, values or {}, CONTEXT)], {})


def judged(load: Load, body: str, values: dict[str, Any] | None = None) -> list[Judgement]:
    return list(judge_plan(plan(values), load({"kms/key": CHECK.replace("BODY", body)})))


@pytest.mark.parametrize(
    ("body", "verdict", "found"),
    [
        ("yield from ()", Verdict.PASSED, ""),
        ("return []", Verdict.PASSED, ""),
        ('yield "a is absent"', Verdict.FAILED, "a is absent"),
        ('yield "a"; yield "b"; yield "a"', Verdict.FAILED, "a; b"),
        ('raise NotApplicable("no data"); yield', Verdict.NOT_APPLICABLE, "no data"),
        ('raise Undecided("a is unknown"); yield', Verdict.NO_VERDICT, "a is unknown"),
        ("resource.values['a']; yield", Verdict.NO_VERDICT, "CSO_KMS_01 broke: KeyError: 'a'"),
        ("assert False; yield", Verdict.NO_VERDICT, "CSO_KMS_01 broke: AssertionError: "),
        ("return None", Verdict.NO_VERDICT, "CSO_KMS_01 broke: TypeError: 'NoneType' object is not iterable"),
        ("yield None", Verdict.NO_VERDICT, "CSO_KMS_01 broke: TypeError: it yielded None, which says nothing"),
        ("yield ''", Verdict.NO_VERDICT, "CSO_KMS_01 broke: TypeError: it yielded '', which says nothing"),
        ("yield True", Verdict.NO_VERDICT, "CSO_KMS_01 broke: TypeError: it yielded True, which says nothing"),
        ("return self.judge(resource)", Verdict.NO_VERDICT, "CSO_KMS_01 broke: RecursionError"),
    ],
)
def test_what_a_check_does_and_its_verdict(load: Load, body: str, verdict: Verdict, found: str) -> None:
    (judgement,) = judged(load, body)
    assert judgement.verdict is verdict
    assert judgement.found.startswith(found)
    assert (judgement.control, judgement.subject.address) == ("CSO_KMS_01", "aws_kms_key.a")


def test_a_warning_passes_and_says_so(load: Load) -> None:
    (judgement,) = judged(load, 'yield Warn("ends on 2027-01-01")')
    assert (judgement.verdict, judgement.is_warning) == (Verdict.PASSED, True)
    assert judgement.found == "ends on 2027-01-01"


@pytest.mark.parametrize("end", ['raise Undecided("rest unknown")', 'raise NotApplicable("rest")', "1 / 0"])
def test_what_was_found_before_the_end_is_not_lost(load: Load, end: str) -> None:
    judgements = judged(load, f'yield "a is absent"; {end}')
    assert [item.verdict for item in judgements] == [Verdict.NO_VERDICT, Verdict.FAILED]


def test_a_warning_before_the_end_is_no_pass(load: Load) -> None:
    (judgement,) = judged(load, 'yield Warn("soon"); raise Undecided("rest unknown")')
    assert judgement.verdict is Verdict.NO_VERDICT


@pytest.mark.parametrize(
    "values", [{"policy": Unknown()}, {"policy": "{"}, {"policy": '{"a": 1, "a": 2}'}, {"policy": "[]"}, {"policy": 7}]
)
def test_unknown_and_undecodable_values_have_no_verdict(load: Load, values: dict[str, Any]) -> None:
    (judgement,) = judged(load, 'resource.policy("policy"); yield from ()', values)
    assert judgement.verdict is Verdict.NO_VERDICT


def test_rules_judge_a_resource_among_its_plan_and_the_plan(load: Load) -> None:
    checks = load({"kms/rule": RULE})
    judgements = list(judge_plan(plan(), checks))
    assert [(item.subject.address, item.verdict) for item in judgements] == [
        ("aws_kms_key.a", Verdict.PASSED),
        ("plan", Verdict.PASSED),
    ]
    (missing,) = judge_plan(plan(type="aws_s3_bucket"), checks)
    assert (missing.verdict, missing.found) == (Verdict.FAILED, "there is no key")


def test_only_what_did_not_pass_is_located(load: Load) -> None:
    checks = load({"kms/key": CHECK.replace("BODY", 'yield "a is absent"')})
    (judgement,) = judge_plan(plan(), checks, lambda address: (f"modules/{address}.tf", 3))
    assert (judgement.subject.path, judgement.subject.line) == ("modules/aws_kms_key.a.tf", 3)
    (passed,) = judge_plan(plan(), load({"kms/key": RULE.split("    def judge_plan")[0] + "\ncheck = Rule()"}), _refuse)
    assert passed.verdict is Verdict.PASSED


def _refuse(address: str) -> tuple[str, int]:
    raise AssertionError(address)


@pytest.mark.parametrize(
    ("text", "verdict", "line"),
    [
        ("owner: a@b.example", Verdict.PASSED, 0),
        ("tenant: annuity", Verdict.FAILED, 1),
        ("owner: [", Verdict.NO_VERDICT, 0),
        ("- a", Verdict.NO_VERDICT, 0),
    ],
)
def test_artefacts(load: Load, text: str, verdict: Verdict, line: int) -> None:
    spec = TenantSpec("tenants/annuity/tenant.yaml", text, CONTEXT)
    (judgement,) = judge_artefacts([spec], load({"governance/owner": OWNER}))
    assert (judgement.verdict, judgement.subject.line) == (verdict, line)
    assert (judgement.subject.artefact, judgement.subject.path) == ("spec", "tenants/annuity/tenant.yaml")


def test_artefacts_of_other_kinds_are_not_judged(load: Load) -> None:
    assert not list(judge_artefacts([JobFlow("job_flow.json", "{}", CONTEXT)], load({"governance/owner": OWNER})))
