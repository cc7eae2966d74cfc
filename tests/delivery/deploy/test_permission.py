"""Who may let what be applied: asked of an approval as a deploy finds it, and of the person who gives one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner

from delivery.approval import ApprovalRefused, Deploy, approval_digest
from delivery.approval_store import NothingRequested, Request
from delivery.approving import approve
from delivery.deploy.permission import ApprovalNeeded, Permission, permission
from delivery.deploy.place import Hands
from delivery.envelope import KeyUnusable, SignatureRefused
from delivery.git import UnknownRevision, people_between
from delivery.ledger import Record
from tests.delivery.deploy.conftest import APPROVER, AUTHOR, World

ASKED = Deploy(
    "prod", "a" * 64, {"prod/platform": "1" * 64, "prod/annuity": "2" * 64}, (AUTHOR, "dev@meridian.example")
)
HISTORY = [Record("deployed", "b" * 64, "jenkins/8", "2026-11-20T06:00:00+00:00", {"prod/platform": "0" * 64})]


@pytest.fixture
def asked(shared: World) -> Iterator[World]:
    """A world in which exactly ASKED waits, and nothing was approved yet."""
    store = shared.place("prod").approvals
    store.ask(Request(ASKED))
    yield shared
    for key in store._newest_first(store._prefix):
        shared.s3.delete_object(Bucket=store._bucket, Key=key)


def found(world: World, deploy: Deploy = ASKED, history: list[Record] | None = None) -> Permission:
    """What a deploy finds that would apply `deploy` now."""
    place = world.place("prod")
    hands = Hands(world._gate, world._smoke, world.watcher, print, "jenkins/9", now=lambda: world.now)
    return permission(place, Request(deploy), HISTORY if history is None else history, hands)


def test_what_was_approved_is_permitted(asked: World) -> None:
    asked.approve()
    assert found(asked).approver == APPROVER
    assert found(asked).plans == ASKED.plans


def test_without_an_approval_it_says_what_to_do(asked: World) -> None:
    with pytest.raises(ApprovalNeeded) as refused:
        found(asked)
    assert refused.value.reasons == ()
    assert "sluice approve --env prod --by PERSON --key KEY" in refused.value.fix


ago = timedelta(hours=30)
GIVEN: dict[str, tuple[Callable[[World], Any], str]] = {
    "by an author": (lambda w: w.approve(approver=AUTHOR), "is an author of the change"),
    "by an author who names no authors": (
        lambda w: w.approve(approver=AUTHOR, authors=("somebody@meridian.example",)),
        "is an author of the change",
    ),
    "by an author in other letters": (
        lambda w: w.approve(approver=f"Rita <{AUTHOR.upper()}>"),
        "is an author of the change",
    ),
    "by somebody who may not": (lambda w: w.approve(approver="eve@meridian.example"), "may not approve for prod"),
    "too long ago": (
        lambda w: w.approve(approved_at=(w.now - ago).isoformat(), expires_at=(w.now - ago / 2).isoformat()),
        "it expired at",
    ),
    "for too long": (lambda w: w.approve(expires_at=(w.now + 2 * ago).isoformat()), "it is valid for"),
    "for another environment": (lambda w: w.approve(environment="dev"), "it is for environment 'dev'"),
    "for another release": (lambda w: w.approve(release="c" * 64), "it is for release cccccccc"),
    "of one plan": (
        lambda w: w.approve(plans={"prod/platform": "1" * 64}),
        "prod/annuity would change, and was not approved",
    ),
    "of another plan": (
        lambda w: w.approve(plans={**ASKED.plans, "prod/annuity": "3" * 64}),
        "prod/annuity: the plan is another one now",
    ),
    "by a stranger's key": (lambda w: w.approve(signer=CryptoSigner.generate_ed25519()), "no trusted key"),
    "by the key of releases": (lambda w: w.approve(signer=w.release_key), "no trusted key"),
}


@pytest.mark.parametrize("case", GIVEN)
def test_an_approval_that_does_not_do_is_told(asked: World, case: str) -> None:
    give, reason = GIVEN[case]
    give(asked)
    with pytest.raises(ApprovalNeeded) as refused:
        found(asked)
    assert any(reason in text for text in refused.value.reasons), refused.value.reasons


def test_an_approval_is_used_once(asked: World) -> None:
    asked.approve()
    envelope = asked.place("prod").approvals.envelopes(ASKED)[0]
    used = replace(HISTORY[0], event="failed", plans=ASKED.plans, approval=approval_digest(envelope))
    with pytest.raises(ApprovalNeeded, match="used by an earlier deploy"):
        found(asked, history=[used])
    asked.now += timedelta(minutes=1)
    asked.approve()
    assert found(asked, history=[used]).approver == APPROVER


def test_plans_that_were_applied_cannot_be_applied_again(asked: World) -> None:
    asked.approve()
    with pytest.raises(ApprovalNeeded, match="prod/annuity: this plan was applied before"):
        found(asked, history=[replace(HISTORY[0], plans=ASKED.plans)])


def test_an_approval_of_other_plans_says_in_what_they_differ(asked: World) -> None:
    asked.approve()
    other = replace(ASKED, plans={**ASKED.plans, "prod/platform": "4" * 64})
    with pytest.raises(ApprovalNeeded, match="prod/platform: the plan is another one now"):
        found(asked, other)


def test_a_change_of_nobody_is_approved_by_nobody(asked: World) -> None:
    deploy = replace(ASKED, authors=())
    asked.place("prod").approvals.ask(Request(deploy))
    asked.approve()
    with pytest.raises(ApprovalNeeded, match="nobody is known as the author"):
        found(asked, deploy)


def test_without_a_trusted_key_nothing_is_permitted(asked: World) -> None:
    asked.approve()
    path = asked.root / "environments/prod/trusted/approval.json"
    kept = path.read_text()
    path.unlink()
    with pytest.raises(KeyUnusable):
        found(asked)
    path.write_text(kept)


def give(world: World, person: str = APPROVER, signer: CryptoSigner | None = None, **options: Any) -> Any:
    place = world.place("prod")
    return approve(world.root, place.spec, place.approvals, person, lambda: signer or world.approval_key, **options)


def test_whoever_approves_hears_at_once_what_no_deploy_would_take(asked: World) -> None:
    with pytest.raises(ApprovalRefused, match="is an author of the change"):
        give(asked, AUTHOR)
    with pytest.raises(ApprovalRefused, match="may not approve"):
        give(asked, "eve@meridian.example")
    with pytest.raises(SignatureRefused):
        give(asked, signer=asked.release_key)
    assert asked.place("prod").approvals.envelopes(ASKED) == []


def test_an_approval_holds_for_as_long_as_the_environment_says(asked: World) -> None:
    given = give(asked, dry_run=True)
    assert asked.place("prod").approvals.envelopes(ASKED) == []
    assert given.expires_at > given.approved_at
    assert give(asked, read=Request(ASKED).digest[:12]).plans == ASKED.plans
    assert found(asked).approver == APPROVER


def test_what_was_read_is_what_is_approved(asked: World) -> None:
    with pytest.raises(NothingRequested, match="plans were made again"):
        give(asked, read="0" * 64)
    note = asked.root / ".sluice/deploy/prod/request.json"
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text('{"digest": "%s"}' % ("0" * 64))
    with pytest.raises(NothingRequested, match="plans were made again"):
        give(asked)
    note.unlink()


def test_nothing_waits_where_nobody_has_asked(shared: World) -> None:
    with pytest.raises(NothingRequested, match="nothing waits"):
        shared.place("dev").approvals.request()


def test_authors_are_all_who_had_a_hand_in_it(world: World, tmp_path: Path) -> None:
    first = world.git("rev-parse", "HEAD")
    world.commit("two\n\nCo-authored-by: Cora <cora@meridian.example>", "ann@meridian.example")
    second = world.commit("three", "ben@meridian.example")
    everybody = ("Cora <cora@meridian.example>", "ann@meridian.example", "ben@meridian.example")
    assert people_between(world.root, first, second) == everybody
    assert people_between(world.root, second, first) == everybody
    assert people_between(world.root, second, second) == ("ben@meridian.example",)
    assert people_between(world.root, "", second) == tuple(sorted({*everybody, "dev@meridian.example"}))
    (world.root / ".mailmap").write_text("Ann <other@meridian.example> <ann@meridian.example>\n")
    assert {"ann@meridian.example", "other@meridian.example"} <= set(people_between(world.root, first, second))
    with pytest.raises(UnknownRevision, match="is no revision"):
        people_between(world.root, "f" * 40, second)
    world.git("clone", "--quiet", "--depth", "1", f"file://{world.root}", str(tmp_path / "shallow"))
    with pytest.raises(UnknownRevision, match="is cut off"):
        people_between(tmp_path / "shallow", "", second)
