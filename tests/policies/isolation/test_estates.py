"""Clean estates raise no alarm however many tenants there are, and prove in the time that the product promises."""

from __future__ import annotations

import json
import time

import pytest

from policies.errors import ArtefactUnreadable
from policies.isolation import Proof, prove
from policies.isolation.check import judge
from policies.values import Unknown
from policies.verdict import Verdict
from tests.policies.isolation.estate import Estate, changed

NAMES = [f"t{number:05d}" for number in range(1000)]


def proof_and_seconds(estate: Estate) -> tuple[Proof, float]:
    plans = estate.plans()
    started = time.process_time()
    return prove(plans), time.process_time() - started


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_a_hundred_tenants_in_a_second(environment: str) -> None:
    estate = Estate(["annuity", "fixed-income", "x", *NAMES[:97]], environment)
    proof, seconds = min((proof_and_seconds(estate) for _ in range(2)), key=lambda pair: pair[1])
    print(f"\n{environment}: 100 tenants, {proof.questions:,} questions, {seconds:.2f} s CPU")
    assert proof.holds, [*map(str, proof.breaches[:3]), *map(str, proof.undecided[:3])]
    assert len(proof.tenants) == 100
    assert seconds < 1


def test_a_thousand_tenants_in_twenty_seconds() -> None:
    proof, seconds = proof_and_seconds(Estate(NAMES))
    print(f"\n1,000 tenants, {proof.questions:,} questions, {seconds:.2f} s CPU")
    assert proof.holds
    assert proof.principals == 4000
    assert seconds < 20


def test_one_leak_among_many_tenants() -> None:
    estate = Estate(NAMES[900:])
    estate.add_statement(
        "t00950",
        "module.tenant.aws_iam_policy.boundary",
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::meridian-prod-t0099?-raw/*"},
    )
    estate.allow("t00950", {"Action": "s3:*", "Resource": "*"})
    proof = prove(estate.plans())
    assert {breach.tenant for breach in proof.breaches} == {"t00950"}
    assert {breach.owner for breach in proof.breaches} == {f"t0099{digit}" for digit in range(10)}


def test_a_name_that_begins_another_leaks_where_a_pattern_ends_too_early() -> None:
    """The generator refuses such names; the proof sees the leak by itself."""
    for names, is_leaking in ((("acme", "acme-eu"), True), (("acme", "zeta-eu"), False)):
        estate = Estate(names)
        estate.drop_boundaries("acme")
        estate.allow("acme", {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::meridian-prod-acme*"})
        proof = prove(estate.plans())
        assert bool(proof.breaches) == is_leaking
    assert prove(Estate(["acme", "acme-eu"]).plans()).holds, "the platform's own patterns end where the name ends"


def test_one_tenant_has_nobody_to_reach() -> None:
    proof = prove(Estate(["annuity"]).plans())
    assert proof.holds
    assert proof.resources > 30


def test_plans_of_two_environments_or_without_the_platform_are_refused() -> None:
    plans = Estate(["alpha"]).plans()
    for wrong in (plans[1:], [*plans, plans[1]], [*plans, *Estate(["beta"], "dev").plans()[1:]]):
        with pytest.raises(ArtefactUnreadable, match="isolation cannot be proved"):
            prove(wrong)


def test_a_tenant_whose_plan_is_missing_leaves_it_undecided() -> None:
    proof = prove(Estate(["alpha", "beta"]).plans()[:2])
    assert [problem.stack for problem in proof.undecided] == ["beta"]


def test_verdicts() -> None:
    clean = list(judge(Estate(["alpha", "beta"]).plans()))
    assert {(each.subject.stack, each.verdict) for each in clean} == {
        ("alpha", Verdict.PASSED),
        ("beta", Verdict.PASSED),
        ("platform", Verdict.PASSED),
    }


def test_verdicts_on_a_breach() -> None:
    change = {"unbounded": ["alpha"], "allow": {"Action": "s3:GetObject", "Resource": "*"}}
    found = list(judge(changed(["alpha", "beta"], change).plans()))
    failed = [each for each in found if each.verdict is Verdict.FAILED]
    assert {each.subject.stack for each in failed} == {"alpha"}
    assert failed[0].subject.address == 'module.tenant.aws_iam_role.this["conform"]'
    assert "s3:GetObject arn:aws:s3:::meridian-prod-beta-" in failed[0].found
    assert "aws_iam_role_policy.further, statement 1 allows s3:GetObject" in failed[0].found
    assert {each.subject.stack for each in found if each.verdict is Verdict.PASSED} == {"beta", "platform"}


def test_nothing_passes_while_something_is_undecided() -> None:
    change = {"add": {"beta": {"aws_dynamodb_table.x": {"type": "aws_dynamodb_table"}}}}
    verdicts = list(judge(changed(["alpha", "beta"], change).plans()))
    assert {each.verdict for each in verdicts} == {Verdict.NO_VERDICT}
    assert {each.subject.stack for each in verdicts} == {"alpha", "beta", "platform"}


def test_plans_that_do_not_belong_together_get_no_verdict() -> None:
    verdicts = list(judge(Estate(["alpha"]).plans()[1:]))
    assert [each.verdict for each in verdicts] == [Verdict.NO_VERDICT]


def test_keys_that_do_not_exist_yet_are_told_apart() -> None:
    """The reader names them by their address, which is the same in every tenant's stack."""
    estate = Estate(["alpha", "beta"])
    prefix = "arn:aws:kms:us-east-1:222222222222:key/"
    for tenant in estate.tenants:
        key = estate.stacks[tenant]["module.lake.module.key.aws_kms_key.this"]["values"]
        text = json.dumps(estate.stacks[tenant]).replace(key["key_id"], "module.lake.module.key.aws_kms_key.this")
        estate.stacks[tenant] = json.loads(text)
    proof = prove(estate.plans())
    assert proof.holds, [*map(str, proof.breaches), *map(str, proof.undecided)]
    everyone = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"}
    estate.add_statement("beta", "module.lake.module.key.aws_kms_key.this", everyone)
    found = prove(estate.plans()).breaches
    assert {breach.resource for breach in found} == {f"{prefix}beta.module.lake.module.key.aws_kms_key.this"}


def test_what_is_known_only_by_reference_is_found() -> None:
    """A first plan: names of roles, policies and buckets are references to what is made in the same run."""
    estate = Estate(["alpha", "beta"])
    role, policy = 'module.tenant.aws_iam_role.this["conform"]', "module.tenant.aws_iam_policy.boundary"
    references = {
        'module.tenant.aws_iam_role_policy.data["conform"]': {"role": f"{role}.name"},
        role: {"permissions_boundary": f"{policy}.arn"},
        'module.lake.module.bucket["raw"].aws_s3_bucket_policy.this': {
            "bucket": 'module.lake.module.bucket["raw"].aws_s3_bucket.this.id'
        },
    }
    for address, values in references.items():
        unknown = {key: Unknown(frozenset({source})) for key, source in values.items()}
        estate.stacks["alpha"][address]["values"].update(unknown)
    proof = prove(estate.plans())
    assert proof.holds, [*map(str, proof.breaches), *map(str, proof.undecided)]
    estate.allow("alpha", {"Action": "s3:*", "Resource": "*"})
    assert prove(estate.plans()).holds, "the boundary that is known by reference holds"
