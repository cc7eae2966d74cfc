"""Killed at every step of a deploy: each next run passes the step at which the last one died, until one ends.

One release is deployed by runs that die one step later each time. What a run finds is what its predecessors left.
"""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from delivery.deploy.standing_plans import opened, standing_plans_of
from generator.spec import load_environment
from tests.delivery.conftest import BUCKET, client
from tests.delivery.kill_matrix.conftest import World, locks
from tests.delivery.kill_matrix.killer import Kill

pytestmark = pytest.mark.terraform

BEFORE_THE_START = (
    Kill("pathlib", "Path.write_bytes", "torn", "release.tar.partial"),
    Kill("delivery.release.store", "bundle.read"),
    Kill("pathlib", "Path.write_bytes", "torn", "/tree/", nth=3),
    Kill("delivery.deploy.candidate", "bundle.unpack", "after"),
    Kill("delivery.deploy.batch", "plan", "after"),
    Kill("sluice.commands.deploy", "_Steps.gate", "after"),
    Kill("delivery.deploy.journal", "Journal.started"),
)
AFTER_THE_START = (
    Kill("delivery.deploy.journal", "Journal.started", "after"),
    Kill("delivery.deploy.execution", "apply", "after", "platform"),
    Kill("delivery.deploy.execution", "apply", "after", "annuity"),
    Kill("delivery.deploy.journal", "Journal.deployed"),
)
AFTER_THE_END = (
    Kill("delivery.deploy.journal", "Journal.deployed", "after"),
    Kill("sluice.commands.deploy", "_Steps.smoke"),
    Kill("sluice.commands.deploy", "_Steps.smoke", "after"),
    Kill("delivery.deploy.journal", "Journal.verified"),
    Kill("delivery.deploy.journal", "Journal.verified", "after"),
)
KEEPING = (
    Kill("delivery.deploy.execution", "Keeping.applied", text="name='platform'"),
    Kill("delivery.deploy.execution", "Keeping.applied", "after", "name='annuity'"),
    Kill("delivery.deploy.standing_plans", "StandingPlans.keep_list"),
    Kill("delivery.deploy.standing_plans", "StandingPlans.keep_list", "after"),
)
MIDDLE = Kill("sluice.progress", "TerraformRows.__call__", text="'type': 'provision_start'")
DEPLOY = ("deploy", "--env", "dev", "--release", "built")


@pytest.fixture(scope="module")
def release(world: World) -> str:
    return world.publish()


@pytest.mark.parametrize("kill", BEFORE_THE_START, ids=str)
def test_nothing_is_recorded_before_anything_changes(world: World, release: str, kill: Kill) -> None:
    world.killed(kill, *DEPLOY)
    assert world.history("dev") == []


@pytest.mark.parametrize("kill", AFTER_THE_START, ids=str)
def test_what_has_begun_has_no_end_yet(world: World, release: str, kill: Kill) -> None:
    world.killed(kill, *DEPLOY)
    assert set(world.events("dev")) == {"started"}
    assert {record.release for record in world.history("dev")} == {release}


@pytest.mark.parametrize("kill", AFTER_THE_END, ids=str)
def test_the_end_is_written_once(world: World, release: str, kill: Kill) -> None:
    world.killed(kill, *DEPLOY)
    assert world.events("dev").count("deployed") == 1


def test_the_run_that_nobody_kills_ends_it(world: World, release: str) -> None:
    said = world.ends(*DEPLOY)
    assert f"release {release[:16]}" in said
    events = world.events("dev")
    assert (events.count("deployed"), events.count("verified")) == (1, 1)
    (deployed,) = [record for record in world.history("dev") if record.event == "deployed"]
    assert set(deployed.plans) == {"dev/platform", "dev/annuity"}
    assert not locks(world)
    assert "runs this release already" in world.ends(*DEPLOY)


def test_killed_with_its_terraform_in_the_middle_of_an_apply(world: World, release: str) -> None:
    world.change("two", seconds=1)
    second = world.publish()
    world.killed(replace(MIDDLE, with_children=True), *DEPLOY)
    (lock,) = locks(world)
    assert lock.endswith("dev/platform.tfstate.tflock")

    said = world.ends(*DEPLOY, code=3)
    (command,) = [line.partition("sluice recover ")[2] for line in said.splitlines() if "--unlock" in line]
    assert "--unlock would break this lock" in world.ends("recover", *command.split(), "--dry-run", code=1)
    assert locks(world) == [lock]
    world.ends("recover", "--env", "dev", "--stack", "platform", "--unlock", "another", code=2)
    assert locks(world) == [lock]

    said = world.ends("recover", *command.split(), code=1)
    assert f"the deploy of release {second[:16]} that jenkins began" in said
    assert "dev/platform: nothing is left behind" in said
    assert not locks(world)
    world.ends(*DEPLOY)
    assert [record.release for record in world.history("dev") if record.event == "deployed"] == [release, second]


def test_killed_alone_in_the_middle_of_an_apply(world: World, release: str) -> None:
    """Terraform goes on by itself, as it was told, and records what it makes: there is nothing to recover."""
    world.change("three", seconds=1)
    third = world.publish()
    world.killed(MIDDLE, *DEPLOY)
    deadline = time.monotonic() + 60
    while locks(world):
        assert time.monotonic() < deadline, "Terraform has not ended"
        time.sleep(0.2)
    key = f"{world.root.parent.name}/dev/platform.tfstate"
    assert b'"three"' in client(world.variables).get_object(Bucket=BUCKET, Key=key)["Body"].read()

    assert world.ends("recover", "--env", "dev", code=1).count("nothing is left behind") == 2
    world.ends(*DEPLOY)
    assert [record.release for record in world.history("dev") if record.event == "deployed"][2:] == [third]


@pytest.fixture(scope="module")
def fourth(world: World, release: str) -> str:
    world.change("four")
    return world.publish()


@pytest.mark.parametrize("kill", KEEPING, ids=str)
def test_killed_before_or_after_plans_are_kept(world: World, fourth: str, kill: Kill) -> None:
    world.killed(kill, *DEPLOY)
    assert world.events("dev")[-1] == "started"


def test_what_is_kept_in_the_end_is_what_was_applied(world: World, fourth: str) -> None:
    assert "stacks are not planned" not in world.ends(*DEPLOY)
    deployed = [record for record in world.history("dev") if record.event == "deployed"][-1]
    assert deployed.release == fourth
    plans = standing_plans_of(world.root, load_environment(world.root, "dev"), world.variables)
    listed = plans.get_list(deployed.standing)
    assert listed is not None
    assert sorted(listed) == ["dev/annuity", "dev/platform"]
    for item in listed.values():
        body = plans.get(item.plan)
        assert body is not None
        assert b'"four"' in opened(body)
    world.change("five", stacks=("annuity",))
    world.publish()
    assert "1 of 2 stacks are not planned" in world.ends(*DEPLOY)
