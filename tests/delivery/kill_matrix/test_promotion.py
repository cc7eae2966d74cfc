"""Killed while a release is promoted, approved, deployed to production, and while dev is rolled back."""

from __future__ import annotations

import pytest

from delivery.pin import Pin
from delivery.release.store import store_of
from generator.spec import load_environment
from tests.delivery.kill_matrix.conftest import World, locks
from tests.delivery.kill_matrix.killer import Kill

pytestmark = pytest.mark.terraform

PROMOTION = (
    Kill("delivery.release.store", "ReleaseStore._put", text="release.tar.gz"),
    Kill("delivery.release.store", "ReleaseStore._put", "after", "release.tar.gz"),
    Kill("delivery.promotion", "write_pin"),
    Kill("pathlib", "Path.write_text", "torn", "environments/prod/release"),
    Kill("delivery.promotion", "write_pin", "after"),
    Kill("sluice.commands.promote", "commit_pin", "after"),
    Kill("sluice.commands.promote", "push_pin", "after"),
)
REQUEST = (
    Kill("delivery.deploy.permission", "_write", text="request.json"),
    Kill("delivery.approval_store", "ApprovalStore.ask"),
)
APPROVAL = (
    Kill("delivery.approval_store", "ApprovalStore.put"),
    Kill("delivery.approval_store", "ApprovalStore.put", "after"),
)
ROLLBACK = (
    Kill("pathlib", "Path.write_text", "torn", "environments/dev/release"),
    Kill("delivery.promotion", "write_pin", "after"),
    Kill("sluice.commands.promote", "commit_pin", "after"),
)
PROMOTE = ("promote", "--from", "dev", "--to", "prod", "--commit", "--push")
DEPLOY_PROD = ("deploy", "--env", "prod")
ROLL_BACK = ("rollback", "--env", "dev", "--commit", "--push")


@pytest.fixture(scope="module")
def release(world: World) -> str:
    """One that dev runs and has verified."""
    digest = world.publish()
    world.ends("deploy", "--env", "dev", "--release", "built")
    return digest


@pytest.mark.parametrize("kill", PROMOTION, ids=str)
def test_promote(world: World, release: str, kill: Kill) -> None:
    world.killed(kill, *PROMOTE)
    assert world.pin("prod") in (Pin(), Pin(release))
    if world.pin("prod").release:
        assert store_of(load_environment(world.root, "prod"), world.variables).has(release), "pinned before it is there"


def test_the_promotion_that_nobody_kills(world: World, release: str) -> None:
    world.ends(*PROMOTE)
    assert world.pin("prod") == Pin(release)
    commits = world.git("log", "--format=%s", "origin/main", "--", "environments/prod/release.yaml").splitlines()
    assert commits == [f"Promote release {release[:16]} from dev to prod"]
    assert world.git("rev-parse", "HEAD") == world.git("rev-parse", "origin/main")
    assert not world.git("status", "--porcelain")


@pytest.mark.parametrize("kill", REQUEST, ids=str)
def test_request(world: World, release: str, kill: Kill) -> None:
    world.killed(kill, *DEPLOY_PROD, "--plan-only")
    assert world.history("prod") == []


@pytest.mark.parametrize("kill", APPROVAL, ids=str)
def test_approve(world: World, release: str, kill: Kill) -> None:
    if kill.when == "before":
        world.ends(*DEPLOY_PROD, "--plan-only")
    world.killed(kill, *world.approve)


def test_an_approval_that_a_killed_deploy_has_used_is_asked_for_again(world: World, release: str) -> None:
    world.killed(Kill("delivery.deploy.journal", "Journal.started"), *DEPLOY_PROD)
    assert world.history("prod") == []
    world.killed(Kill("delivery.deploy.journal", "Journal.started", "after"), *DEPLOY_PROD)
    assert world.events("prod") == ["started"]

    said = world.ends(*DEPLOY_PROD, code=1)
    assert "sluice approve --env prod" in said
    assert world.events("prod") == ["started"]
    world.ends(*world.approve)
    world.ends(*DEPLOY_PROD)
    assert world.events("prod") == ["started", "started", "deployed", "verified"]
    approvals = [record.approval for record in world.history("prod") if record.event == "started"]
    assert len(set(approvals)) == 2
    assert not locks(world)


@pytest.fixture(scope="module")
def second(world: World, release: str) -> str:
    """The release that dev runs and verified after `release`."""
    world.change("two")
    world.git("push", "--quiet", "origin", "HEAD:main")
    digest = world.publish()
    world.ends("deploy", "--env", "dev", "--release", "built")
    return digest


@pytest.mark.parametrize("kill", ROLLBACK, ids=str)
def test_rollback(world: World, release: str, second: str, kill: Kill) -> None:
    world.killed(kill, *ROLL_BACK)
    assert world.pin("dev") in (Pin(follows="main"), Pin(release))


def test_the_rollback_that_nobody_kills(world: World, release: str, second: str) -> None:
    world.ends(*ROLL_BACK)
    assert world.pin("dev") == Pin(release)
    world.ends("deploy", "--env", "dev")
    deployed = [record.release for record in world.history("dev") if record.event == "deployed"]
    assert deployed == [release, second, release]
    assert world.events("dev")[-1] == "verified"
