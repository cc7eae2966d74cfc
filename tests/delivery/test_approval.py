"""Tricks against approvals, and plans that were made again and mean the same.

Each trick changes one thing between what was approved and what is applied; none may pass. The plan is a real one.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner

from delivery import approval
from delivery.approval import Approval, ApprovalRefused, Deploy
from delivery.envelope import SignatureRefused, seal
from delivery.ledger import Record
from delivery.plan_digest import PlanUnreadable, StateVersion, plan_digest

PLAN = json.loads((Path(__file__).parent / "plans" / "two_changes.json").read_text())
STACK = "prod/annuity"
STATE = StateVersion("5f2c6d1e-lineage", 41)
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
AUTHORS = ("Ann Author <ann@meridian.example>",)
APPROVERS = ("bob@meridian.example", "carol@meridian.example", "ann@meridian.example")
JENKINS, STRANGER = CryptoSigner.generate_ed25519(), CryptoSigner.generate_ed25519()

GIVEN = Approval(
    environment="prod",
    release="a" * 64,
    plans={STACK: plan_digest(STACK, PLAN, STATE)},
    authors=AUTHORS,
    approver="bob@meridian.example",
    approved_at="2026-11-23T07:00:00+00:00",
    expires_at="2026-11-23T11:00:00+00:00",
)


class Attempt:
    """One deploy with one approval; tricks change a part of it."""

    def __init__(self) -> None:
        self.given = GIVEN
        self.plan: dict[str, Any] = copy.deepcopy(PLAN)
        self.stack, self.state, self.environment, self.release = STACK, STATE, "prod", GIVEN.release
        self.more_plans: dict[str, str] = {}
        self.authors, self.now, self.history, self.signer = AUTHORS, NOW, list[Record](), JENKINS
        self.edit_envelope: Callable[[dict[str, Any]], object] = lambda envelope: None

    def run(self) -> Approval:
        envelope = approval.sealed(self.given, self.signer)
        self.edit_envelope(envelope)
        plans = {self.stack: plan_digest(self.stack, self.plan, self.state), **self.more_plans}
        return approval.check(
            envelope,
            Deploy(self.environment, self.release, plans, self.authors),
            trusted=[JENKINS.public_key],
            approvers=APPROVERS,
            history=self.history,
            now=self.now,
        )


def change(attempt: Attempt, index: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = attempt.plan["resource_changes"][index]
    return found


def give(**parts: Any) -> Callable[[Attempt], object]:
    return set_(given=replace(GIVEN, **parts))


def set_(**parts: Any) -> Callable[[Attempt], object]:
    return lambda attempt: vars(attempt).update(parts)


def record(plans: dict[str, str], event: str = "deployed", approval_used: str = "") -> list[Record]:
    return [Record(event, "a" * 64, "jenkins/6", "2026-11-22T08:00:00+00:00", plans, "bob", approval_used)]


USED = approval.approval_digest(approval.sealed(GIVEN, JENKINS))


TRICKS: dict[str, Callable[[Attempt], object]] = {
    "a value of the plan is another one": lambda a: change(a)["change"]["after"].update(input="other"),
    "a value before is another one": lambda a: change(a, 1)["change"]["before"].update(input="other"),
    "a value is known only after the apply": lambda a: change(a)["change"]["after_unknown"].update(input=True),
    "an update became a replacement": lambda a: change(a, 1)["change"].update(actions=["delete", "create"]),
    "an update became a deletion": lambda a: change(a, 1)["change"].update(actions=["delete"]),
    "a change was added": lambda a: a.plan["resource_changes"].append({**change(a), "address": "terraform_data.more"}),
    "a change was left out": lambda a: a.plan["resource_changes"].pop(),
    "a change is of another resource": lambda a: change(a).update(address="terraform_data.other"),
    "a change is of another provider": lambda a: change(a).update(provider_name="example/other"),
    "a resource was moved": lambda a: change(a, 1).update(previous_address="terraform_data.old"),
    "a deposed object instead": lambda a: change(a, 1).update(deposed="0a1b2c3d"),
    "something is imported": lambda a: change(a)["change"].update(importing={"id": "x"}),
    "an output changes": lambda a: a.plan.update(output_changes={"arn": {"actions": ["create"], "after": "x"}}),
    "another version of Terraform": lambda a: a.plan.update(terraform_version="1.12.0"),
    "the state has moved on": set_(state=StateVersion(STATE.lineage, STATE.serial + 1)),
    "the state was restored": set_(state=StateVersion(STATE.lineage, STATE.serial - 1)),
    "another state": set_(state=StateVersion("other-lineage", STATE.serial)),
    "the plan of another environment": set_(stack="dev/annuity"),
    "the plan of another tenant": set_(stack="prod/claims"),
    "a second stack changes": set_(more_plans={"prod/claims": "c" * 64}),
    "an approved stack has no plan": give(plans={**GIVEN.plans, "prod/claims": "c" * 64}),
    "no plan is named": give(plans={}),
    "the digest in other letters": give(plans={STACK: GIVEN.plans[STACK].upper()}),
    "only the beginning of the digest": give(plans={STACK: GIVEN.plans[STACK][:16]}),
    "another environment": set_(environment="dev"),
    "an approval for another environment": give(environment="dev"),
    "another release": set_(release="b" * 64),
    "an approval for another release": give(release="b" * 64),
    "the author approves": give(approver="ann@meridian.example"),
    "the author in other letters": give(approver="  ANN@Meridian.example "),
    "the author with a display name": give(approver="Bob <ann@meridian.example>"),
    "an author who is not named in the approval": lambda a: [
        set_(authors=("bob@meridian.example",))(a),
        give(authors=())(a),
    ],
    "nobody is the author": set_(authors=()),
    "an approver who may not": give(approver="mallory@meridian.example"),
    "nobody approves": give(approver=""),
    "expired": set_(now=NOW + timedelta(hours=3)),
    "expires at this very moment": set_(now=datetime(2026, 11, 23, 11, 0, tzinfo=UTC)),
    "given in the future": set_(now=NOW - timedelta(hours=2)),
    "valid for ever": give(expires_at="2036-11-23T11:00:00+00:00"),
    "expires before it was given, in another zone": give(expires_at="2026-11-23T08:30:00+02:00"),
    "times without a zone": give(approved_at="2026-11-23T07:00:00", expires_at="2026-11-23T11:00:00"),
    "no times": give(approved_at="", expires_at=""),
    "used before": set_(history=record(dict(GIVEN.plans))),
    "used before by a deploy that failed": set_(history=record(dict(GIVEN.plans), "failed", USED)),
    "used before by a deploy that was killed": set_(history=record(dict(GIVEN.plans), "started", USED)),
    "used before, and sealed anew": set_(
        history=record({}, "failed", approval.approval_digest(approval.sealed(GIVEN, STRANGER)))
    ),
    "its plan was what a decommission did": set_(history=record(dict(GIVEN.plans), "decommissioned")),
    "used before, many records ago": set_(history=[*record(dict(GIVEN.plans)), *record({}) * 30]),
}

FORGERIES: dict[str, Callable[[Attempt], object]] = {
    "sealed by a stranger": set_(signer=STRANGER),
    "the seal of another approval": set_(
        edit_envelope=lambda e: e.update(payload=approval.sealed(replace(GIVEN, release="b" * 64), JENKINS)["payload"])
    ),
    "no seal": set_(edit_envelope=lambda e: e.update(signatures=[])),
    "sealed as something else": set_(
        edit_envelope=lambda e: e.update(seal({"environment": "prod"}, "application/vnd.in-toto+json", JENKINS))
    ),
    "a sealed statement that is no approval": set_(
        edit_envelope=lambda e: e.update(seal({"environment": "prod"}, approval.PAYLOAD_TYPE, JENKINS))
    ),
    "plans that are no mapping": set_(
        edit_envelope=lambda e: e.update(seal({**vars(GIVEN), "plans": ["x"]}, approval.PAYLOAD_TYPE, JENKINS))
    ),
}


def test_the_approval_as_given_is_accepted() -> None:
    assert Attempt().run() == GIVEN


@pytest.mark.parametrize("trick", TRICKS)
def test_no_trick_passes(trick: str) -> None:
    attempt = Attempt()
    TRICKS[trick](attempt)
    with pytest.raises(ApprovalRefused) as refused:
        attempt.run()
    assert refused.value.reasons


@pytest.mark.parametrize("forgery", FORGERIES)
def test_no_forgery_passes(forgery: str) -> None:
    attempt = Attempt()
    FORGERIES[forgery](attempt)
    with pytest.raises(SignatureRefused):
        attempt.run()


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(lambda plan: plan.update(errored=True), id="failed"),
        pytest.param(lambda plan: plan.update(complete=False), id="partial"),
        pytest.param(lambda plan: plan.pop("resource_changes"), id="no changes"),
        pytest.param(lambda plan: plan.pop("terraform_version"), id="no version"),
        pytest.param(lambda plan: plan["resource_changes"][0].pop("change"), id="change without content"),
        pytest.param(lambda plan: plan.update(resource_changes=[1]), id="foreign"),
    ],
)
def test_a_plan_that_is_not_whole_has_no_digest(broken: Callable[[dict[str, Any]], object]) -> None:
    plan = copy.deepcopy(PLAN)
    broken(plan)
    with pytest.raises(PlanUnreadable):
        plan_digest(STACK, plan, STATE)


def made_again(choice: random.Random) -> dict[str, Any]:
    """Return the plan as another run of Terraform would write it: other time, other order, what a refresh saw."""
    plan = copy.deepcopy(PLAN)
    plan["timestamp"] = f"2026-11-23T07:{choice.randrange(60):02}:00Z"
    choice.shuffle(plan["resource_changes"])
    plan["relevant_attributes"] = choice.sample(plan.get("relevant_attributes", []), k=0)
    if choice.random() < 0.5:
        plan["resource_drift"] = [copy.deepcopy(choice.choice(plan["resource_changes"]))]
    for item in plan["resource_changes"]:
        if choice.random() < 0.5:
            item["action_reason"] = "replace_because_tainted"
        item["change"] = dict(choice.sample(list(item["change"].items()), len(item["change"])))
    return dict(choice.sample(list(plan.items()), len(plan)))


def test_two_hundred_plans_made_again_are_covered() -> None:
    choice = random.Random(4)  # noqa: S311 -- the same plans each time
    for _ in range(200):
        attempt = Attempt()
        attempt.plan = made_again(choice)
        assert attempt.run() == GIVEN


def test_every_reason_is_told_at_once() -> None:
    attempt = Attempt()
    for trick in ("another release", "expired", "the state has moved on"):
        TRICKS[trick](attempt)
    with pytest.raises(ApprovalRefused) as refused:
        attempt.run()
    assert len(refused.value.reasons) == 3


def test_there_are_tricks_enough() -> None:
    assert len(TRICKS) + len(FORGERIES) >= 30


def test_what_a_failed_deploy_left_undone_can_be_approved_again() -> None:
    attempt = Attempt()
    attempt.history = record(dict(GIVEN.plans), "failed", USED)
    attempt.given = replace(GIVEN, approved_at="2026-11-23T07:30:00+00:00")
    assert attempt.run().approver == GIVEN.approver


@pytest.mark.parametrize("envelope", [None, {}, {"payload": 1}, {"payload": "no base64"}])
def test_no_envelope_has_no_digest(envelope: Any) -> None:
    with pytest.raises(SignatureRefused, match="no DSSE envelope"):
        approval.approval_digest(envelope)
