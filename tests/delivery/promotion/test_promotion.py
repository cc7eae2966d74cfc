"""Only what an environment runs and verified is promoted, and only what was verified here is rolled back to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner

from delivery import promotion
from delivery.envelope import SignatureRefused
from delivery.freeze import Frozen
from delivery.ledger import LedgerBroken
from delivery.pin import write_pin
from delivery.promotion import Move, NothingToRollBackTo, NotPinned, NotVerified, carry_out, propose_rollback
from delivery.release.store import NotPublished, ReleaseStore
from tests.delivery.promotion.conftest import World

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
Verified = Callable[..., str]


def propose(world: World, release: str = "", now: datetime = NOW) -> Move:
    return promotion.propose_promotion(world.root, world.place("dev"), world.place("prod"), release, now)


def promote(world: World, release: str = "") -> Move:
    move = propose(world, release)
    carry_out(world.root, move, world.place("dev"), world.place("prod").store)
    return move


def roll_back(world: World, release: str = "", now: datetime = NOW) -> Move:
    return propose_rollback(world.root, world.place("prod"), release, now)


def test_what_dev_runs_and_verified_is_copied_and_pinned(world: World, verified: Verified) -> None:
    digest = verified()
    move = promote(world)
    assert move.release == digest
    assert world.place("prod").store.has(digest)
    assert world.pin("prod") == f'release: "{digest}"\n'
    assert (move.provenance.commit, move.verified_in, move.verified.event) == ("c" * 40, "dev", "verified")


def test_doing_it_again_changes_nothing(world: World, verified: Verified) -> None:
    verified()
    promote(world)
    before = world.pin("prod")
    promote(world)
    assert world.pin("prod") == before


@pytest.mark.parametrize(
    "events",
    [
        pytest.param((), id="never deployed"),
        pytest.param(("started",), id="a deploy that was killed"),
        pytest.param(("started", "deployed"), id="not verified"),
        pytest.param(("started", "deployed", "failed"), id="verification failed"),
        pytest.param(("started", "deployed", "verified", "started"), id="deployed again, and not through"),
        pytest.param(("started", "deployed", "verified", "started", "failed"), id="deployed again, and failed"),
        pytest.param(("started", "deployed", "verified", "failed"), id="verified, and then not"),
        pytest.param(("started", "deployed", "verified", "started", "deployed"), id="deployed again, unverified"),
    ],
)
def test_a_release_that_did_not_prove_itself_is_refused(world: World, events: tuple[str, ...]) -> None:
    digest = world.publish(world.build())
    world.record("dev", *events, release=digest)
    for asked in ("", digest):
        with pytest.raises(NotVerified):
            propose(world, asked)
    assert world.pin("prod") == ""
    assert not world.place("prod").store.has(digest)


def test_a_release_that_dev_ran_before_is_refused(world: World, verified: Verified) -> None:
    old = verified(modules__a__main="1")
    verified(modules__a__main="2")
    with pytest.raises(NotVerified, match="is not what it runs and verified"):
        propose(world, old)


def test_while_dev_takes_another_nothing_is_promoted(world: World, verified: Verified) -> None:
    digest = verified()
    world.record("dev", "started", release="f" * 64)
    with pytest.raises(NotVerified, match="last: started ffffffffffffffff"):
        propose(world, digest)


def test_a_tenant_that_was_decommissioned_since_is_no_deploy(world: World, verified: Verified) -> None:
    digest = verified()
    world.record("dev", "decommissioned", release=digest)
    assert propose(world).release == digest


def test_a_release_that_nobody_trusted_signed_is_refused(world: World) -> None:
    digest = world.publish(world.build(), signer=CryptoSigner(Ed25519PrivateKey.generate()))
    world.record("dev", "deployed", "verified", release=digest)
    with pytest.raises(SignatureRefused):
        propose(world)


def test_production_trusts_its_own_keys_alone(world: World, verified: Verified) -> None:
    verified()
    (world.root / "environments/prod/trusted/release.json").unlink()
    with pytest.raises(Exception, match="holds no key release") as caught:
        propose(world)
    assert getattr(caught.value, "exit_code", None) == 2


def test_a_release_that_dev_no_longer_holds_is_refused(world: World) -> None:
    world.record("dev", "deployed", "verified", release="d" * 64)
    with pytest.raises(NotPublished):
        propose(world)


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_a_broken_ledger_stops_it(world: World, verified: Verified, environment: str) -> None:
    verified()
    verified("prod", modules__a__main="0")
    place = world.place(environment)
    place.ledger._client.delete_object(Bucket=place.ledger._bucket, Key=f"ledger/{environment}/00000001.json")
    with pytest.raises(LedgerBroken):
        propose(world)


def test_an_environment_that_follows_a_branch_and_the_same_environment_are_refused(
    world: World, verified: Verified
) -> None:
    verified("prod")
    with pytest.raises(NotPinned, match="follows a branch"):
        promotion.propose_promotion(world.root, world.place("prod"), world.place("dev"), "", NOW)
    with pytest.raises(NotPinned, match="another environment"):
        promotion.propose_promotion(world.root, world.place("prod"), world.place("prod"), "", NOW)


def freeze(world: World) -> None:
    path = world.root / "environments/prod/environment.yaml"
    window = "{begins: 2026-11-20T00:00:00Z, ends: 2026-11-21T00:00:00Z, reason: year end}"
    path.write_text(path.read_text().replace("  approval_hours: 4\n", f"  approval_hours: 4\n  freezes: [{window}]\n"))


def test_a_freeze_refuses_what_is_new_and_not_the_way_back(world: World, verified: Verified) -> None:
    freeze(world)
    verified(modules__a__main="3")
    with pytest.raises(Frozen, match="frozen until"):
        propose(world)
    first = verified("prod", modules__a__main="1")
    verified("prod", modules__a__main="2")
    assert roll_back(world).release == first


def test_the_difference_is_what_production_would_see(world: World, verified: Verified) -> None:
    old = world.publish(world.build(), "prod")
    world.record("prod", "started", "deployed", "verified", release=old)
    verified(
        environments__prod__rendered__annuity__terraform__new="1",
        environments__dev__rendered__annuity__terraform__new="1",
        spark_jobs__annuity__job="1",
        spark_jobs__trial__job="1",
        spark_jobs__runtime__io="1",
        tenants__annuity__contracts__a="1",
        modules__lake__main="1",
    )
    difference = propose(world).difference
    assert difference is not None
    assert {owner: [change.path for change in changes] for owner, changes in difference.files.items()} == {
        "modules": ["modules/lake/main"],
        "prod/annuity": [
            "environments/prod/rendered/annuity/terraform/new",
            "spark_jobs/annuity/job",
            "tenants/annuity/contracts/a",
        ],
        "spark_jobs": ["spark_jobs/runtime/io"],
    }


def test_stacks_that_come_and_go_are_the_environments_own(world: World, verified: Verified) -> None:
    old = world.build(environments__prod__rendered__gone__terraform__main="1")
    world.record("prod", "deployed", release=world.publish(old, "prod"))
    verified(
        environments__prod__rendered__fresh__terraform__main="1",
        environments__dev__rendered__other__terraform__main="1",
    )
    difference = propose(world).difference
    assert difference is not None
    assert (difference.new_stacks, difference.gone_stacks) == (("prod/fresh",), ("prod/gone",))


def test_the_difference_is_from_what_was_tried_last(world: World, verified: Verified) -> None:
    world.record("prod", "deployed", "verified", release=world.publish(world.build(), "prod"))
    tried = world.build(modules__lake__main="1")
    world.record("prod", "started", "failed", release=world.publish(tried, "prod"))
    verified(modules__lake__main="1")
    difference = propose(world).difference
    assert difference is not None
    assert difference.is_empty


def test_what_ran_and_is_no_longer_kept_makes_the_difference_unknown(world: World, verified: Verified) -> None:
    world.record("prod", "deployed", release="d" * 64)
    verified()
    assert propose(world).difference is None


def test_the_way_back_is_the_last_verified_other_than_what_runs(world: World, verified: Verified) -> None:
    oldest, old, now = (verified("prod", modules__a__main=text) for text in "123")
    move = roll_back(world)
    assert (move.release, move.runs and move.runs.release) == (old, now)
    carry_out(world.root, move, None, world.place("prod").store)
    assert world.pin("prod") == f'release: "{old}"\n'
    assert roll_back(world, oldest).release == oldest


@pytest.mark.parametrize("events", [("started",), ("started", "failed"), ("started", "deployed", "failed")])
def test_from_a_deploy_that_failed_it_goes_back_to_what_worked(
    world: World, verified: Verified, events: tuple[str, ...]
) -> None:
    works = verified("prod", modules__a__main="1")
    bad = world.publish(world.build(modules__a__main="2"), "prod")
    world.record("prod", *events, release=bad)
    assert roll_back(world).release == works


def test_without_another_verified_release_there_is_no_way_back(world: World, verified: Verified) -> None:
    with pytest.raises(NothingToRollBackTo):
        roll_back(world)
    verified("prod")
    with pytest.raises(NothingToRollBackTo):
        roll_back(world)


def test_what_was_verified_elsewhere_only_is_no_way_back(world: World, verified: Verified) -> None:
    digest = verified("dev")
    verified("prod", modules__a__main="1")
    with pytest.raises(NotVerified, match="never verified here"):
        roll_back(world, digest)


def test_a_digest_is_named_by_its_beginning_as_the_ledger_prints_it(world: World, verified: Verified) -> None:
    works = verified("prod", modules__a__main="1")
    verified("prod", modules__a__main="2")
    assert roll_back(world, works[:12]).release == works


def test_a_beginning_of_several_digests_names_none(world: World, verified: Verified) -> None:
    verified("prod", modules__a__main="1")
    world.record("prod", "verified", release="a" * 63 + "b")
    world.record("prod", "verified", release="a" * 63 + "c")
    with pytest.raises(NotVerified, match="2 releases begin so"):
        roll_back(world, "a")


class Killed(BaseException):
    """Stands for kill -9: nothing that catches exceptions runs."""


@pytest.mark.parametrize("step", ["copy of the bundle", "copy of the statement", "pin"])
def test_killed_at_any_step_the_pin_is_old_and_the_next_run_ends_the_same(
    world: World, verified: Verified, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    write_pin(world.root, "prod", "0" * 64)
    digest = verified()
    with monkeypatch.context() as patch:
        _kill_at(patch, step)
        with pytest.raises(Killed):
            promote(world)
    assert world.pin("prod") == f'release: "{"0" * 64}"\n'
    promote(world)
    assert world.pin("prod") == f'release: "{digest}"\n'
    assert world.place("prod").store.has(digest)


def _kill_at(patch: pytest.MonkeyPatch, step: str) -> None:
    def die(*_: Any, **__: Any) -> None:
        raise Killed

    if step == "pin":
        patch.setattr(Path, "replace", die_for_pins(die))
        return
    put, name = ReleaseStore._put, {"copy of the bundle": ".tar.gz", "copy of the statement": ".json"}[step]

    def stop(self: ReleaseStore, digest: str, key: str, *rest: Any, **named: Any) -> None:
        if key.endswith(name):
            die()
        put(self, digest, key, *rest, **named)

    patch.setattr(ReleaseStore, "_put", stop)


def die_for_pins(die: Callable[..., None]) -> Callable[[Path, Path], Path]:
    """Return a `Path.replace` that dies where a pin would be replaced."""
    replace = Path.replace

    def stop(self: Path, target: Path) -> Path:
        if Path(target).name == "release.yaml":
            die()
        return replace(self, target)

    return stop
