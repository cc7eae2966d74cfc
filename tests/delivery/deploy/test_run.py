"""Whole deploys: real plans and applies of small roots, from the first to one that finds nothing to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from delivery.deploy.execution import PlatformFailed
from delivery.deploy.permission import ApprovalNeeded
from delivery.deploy.verification import VerificationFailed
from delivery.ledger import Record
from tests.delivery.conftest import BUCKET
from tests.delivery.deploy.conftest import APPROVER, BROKEN_TF, World

pytestmark = pytest.mark.terraform


def state(world: World, environment: str, stack: str) -> str:
    """What the first resource of a stack holds, as its state says."""
    organisation = world.place(environment).spec.organisation
    body = world.s3.get_object(Bucket=BUCKET, Key=f"{organisation}/{environment}/{stack}")["Body"].read()
    found: str = json.loads(body)["resources"][-1]["instances"][0]["attributes"]["input"]["value"]
    return found


def test_without_approvers_it_goes_straight_through_and_a_second_time_does_nothing(world: World) -> None:
    digest = world.publish(world.build(), "dev")
    assert world.deploy("dev", digest).state == "verified"
    assert world.events("dev") == ["started", "deployed", "verified"]
    assert [line for line in world.watcher.said if line.startswith(("apply", "dev/annuity"))] == [
        "dev/annuity waits for the platform",
        "apply dev/platform",
        "dev/annuity 1 to create",
        "apply dev/annuity",
    ]
    assert world.judged == [["dev/platform"], ["dev/annuity", "dev/platform"]]
    assert world.smoked == [["annuity"]]
    assert state(world, "dev", "annuity") == "one in one"
    deployed = world.place("dev").ledger.history()[1]
    assert sorted(deployed.plans) == ["dev/annuity", "dev/platform"]

    assert world.deploy("dev", digest).state == "unchanged"
    assert world.events("dev") == ["started", "deployed", "verified"]
    assert (world.judged, world.smoked) == ([], [])

    assert world.deploy("dev", digest, everything=True).state == "verified"
    assert world.smoked == [["annuity"]]
    assert world.events("dev")[3:] == ["verified"]


def test_production_waits_for_each_approval_and_applies_what_was_approved(world: World) -> None:
    """The first deploy asks twice, since tenants are planned on their platform; a state that moved asks again."""
    digest = world.pinned()
    outcome = world.deploy(plan_only=True)
    assert (outcome.state, outcome.request) == ("planned", world.request().digest)
    assert world.events() == []
    assert world.request().deploy.authors == ("dev@meridian.example",)
    with pytest.raises(ApprovalNeeded, match="1 plan waits for approval: prod/platform"):
        world.deploy()
    assert world.events() == []

    world.approve()
    with pytest.raises(ApprovalNeeded, match="1 plan waits for approval: prod/annuity") as remains:
        world.deploy()
    assert remains.value.exit_code == 1
    assert world.events() == ["started"]

    world.approve()
    assert world.deploy().state == "verified"
    assert world.events() == ["started", "started", "deployed", "verified"]
    first, second, deployed, _ = world.place("prod").ledger.history()
    assert deployed.plans == {**first.plans, **second.plans}
    assert (deployed.approved_by, deployed.approval) == (APPROVER, second.approval)
    assert first.approval != second.approval
    assert deployed.release == digest

    world.version("two")
    world.commit("two")
    world.pinned()
    with pytest.raises(ApprovalNeeded, match="2 plans wait for approval: prod/platform, prod/annuity"):
        world.deploy()
    world.approve()
    move(world, "platform")
    with pytest.raises(ApprovalNeeded) as refused:
        world.deploy()
    changed = "prod/platform: the plan is another one now: its state, its inputs or Terraform has changed"
    assert refused.value.reasons == (changed,)
    assert world.events()[4:] == []

    world.approve()
    assert world.deploy().state == "verified"
    assert world.events()[4:] == ["started", "deployed", "verified"]
    assert state(world, "prod", "annuity") == "two in one"


def test_what_would_change_nothing_is_not_asked_for_and_withdraws_what_was(world: World) -> None:
    mark = world.root / ".sluice/deploy/dev/unchanged"
    digest = world.publish(world.build(), "dev")
    assert world.deploy("dev", digest, plan_only=True).state == "planned"
    assert not mark.exists()
    world.deploy("dev", digest)
    assert world.deploy("dev", digest, plan_only=True).state == "unchanged"
    assert mark.is_file()

    (world.root / "spark_jobs/annuity/note.py").write_text("")
    world.commit("nothing that Terraform knows")
    other = world.publish(world.build(), "dev")
    assert other != digest
    assert world.deploy("dev", other, plan_only=True).state == "unneeded"
    assert mark.is_file()
    world.place("dev").ledger.append(
        Record("failed", other, "somebody", "2026-11-23T00:00:00+00:00"), world.place("dev").ledger.history()
    )
    assert world.deploy("dev", other, plan_only=True).state == "planned"
    assert not mark.exists()


def move(world: World, stack: str) -> None:
    """Write the state of a stack as somebody else's apply would have left it: the same, one serial later."""
    key = f"{world.place('prod').spec.organisation}/prod/{stack}"
    document = json.loads(world.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
    document["serial"] += 1
    world.s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(document).encode())


def test_a_platform_that_fails_keeps_tenants_as_they_are(world: World) -> None:
    digest = world.publish(world.build(), "dev")
    world.deploy("dev", digest)
    world.version("two", "dev")
    platform = world.root / "environments/dev/rendered/platform/terraform"
    kept = {path: path.read_text() for path in platform.iterdir()}
    (platform / "main.tf").write_text(BROKEN_TF)
    (platform / "terraform.tfvars.json").write_text("{}")
    world.commit("broken")
    with pytest.raises(PlatformFailed, match=r"not tried, because the platform failed: dev/annuity") as failed:
        world.deploy("dev", world.publish(world.build(), "dev"))
    assert failed.value.exit_code == 3
    assert world.events("dev")[3:] == ["started", "failed"]
    assert "local-exec" in world.place("dev").ledger.history()[-1].note
    assert state(world, "dev", "annuity") == "one in one"

    for path, text in kept.items():
        path.write_text(text)
    world.version("two", "dev")
    world.commit("mended")
    assert world.deploy("dev", world.publish(world.build(), "dev")).state == "verified"
    assert world.events("dev")[5:] == ["started", "deployed", "verified"]
    assert state(world, "dev", "annuity") == "two in one"


def test_what_was_interrupted_is_told_and_finished(world: World) -> None:
    digest = world.publish(world.build(), "dev")
    world.deploy("dev", digest)
    ledger = world.place("dev").ledger
    plans = {"dev/platform": "1" * 64}
    ledger.append(Record("started", digest, "jenkins/8", "2026-11-20T06:00:00+00:00", plans), ledger.history())
    assert world.deploy("dev", digest).state == "verified"
    assert any(
        "by jenkins/8 began at 2026-11-20T06:00:00+00:00 and has not ended" in line for line in world.watcher.said
    )
    assert world.events("dev")[3:] == ["started", "deployed", "verified"]
    assert ledger.history()[4].plans == plans


def test_a_failed_verification_is_written_down_and_tried_again(world: World) -> None:
    digest = world.publish(world.build(), "dev")
    world.state = "failed"
    with pytest.raises(VerificationFailed, match="annuity_daily smoke__1: failed: why") as failed:
        world.deploy("dev", digest)
    assert failed.value.exit_code == 1
    assert world.events("dev") == ["started", "deployed", "failed"]
    world.state = "success"
    assert world.deploy("dev", digest).state == "verified"
    assert world.smoked == [["annuity"]]
    assert world.events("dev") == ["started", "deployed", "failed", "verified"]


def test_an_edited_unpacked_tree_is_put_right_before_it_is_planned(world: World) -> None:
    digest = world.publish(world.build(), "dev")
    tree = world.root / ".sluice/releases" / digest / "tree"
    stray = tree / "environments/dev/rendered/platform/terraform/stray.tf"
    stray.parent.mkdir(parents=True)
    stray.write_text('resource "terraform_data" "stray" {}\n')
    (tree / "spark_jobs").symlink_to(Path("/etc"))
    world.deploy("dev", digest, plan_only=True)
    assert not stray.exists()
    assert not (tree / "spark_jobs").is_symlink()
    assert "dev/platform 1 to create" in world.watcher.said
