"""A deploy plans what differs, and judges all of it: one world, in which each test begins where the last one ended."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest

from delivery.deploy.standing_plans import Standings, opened
from delivery.ledger import Record, proof_of
from delivery.walk import StacksFailed
from tests.delivery.conftest import BUCKET
from tests.delivery.deploy.conftest import World, make_world

pytestmark = pytest.mark.terraform
TENANT_TF = """
variable "version_" { type = string }
resource "terraform_data" "this" { input = var.version_ }
"""
FAILING_TF = """
resource "terraform_data" "fails" {
  provisioner "local-exec" { command = "exit 3" }
}
"""
ALL = ["dev/alpha", "dev/annuity", "dev/beta", "dev/platform"]


@pytest.fixture(scope="module")
def world(s3: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> World:
    """Dev with two tenants more, which look nothing up of the platform as annuity does; deployed once."""
    made = make_world(s3, tmp_path_factory.mktemp("unplanned"))
    rendered = made.root / "environments/dev/rendered"
    for name in ("alpha", "beta"):
        folder = rendered / name / "terraform"
        folder.mkdir(parents=True)
        for path in (rendered / "platform/terraform").iterdir():
            (folder / path.name).write_text(path.read_text().replace("dev/platform", f"dev/{name}"))
        (folder / "main.tf").write_text(TENANT_TF)
        (made.root / "spark_jobs" / name).mkdir()
    deploy(made)
    return made


def deploy(world: World, *, everything: bool = False, plan_only: bool = False) -> list[str]:
    """Commit, release and deploy the checkout; return what was planned, each time that it was."""
    world.commit()
    world.deploy("dev", world.publish(world.build(), "dev"), plan_only=plan_only, everything=everything)
    return planned(world)


def planned(world: World) -> list[str]:
    return sorted(line.removeprefix("plan ") for line in world.watcher.said if line.startswith("plan "))


def change(world: World, stack: str, version: str) -> None:
    path = world.root / f"environments/dev/rendered/{stack}/terraform/terraform.tfvars.json"
    path.write_text(json.dumps({"version_": version}))


def last_deployed(world: World) -> Record:
    return [record for record in world.place("dev").ledger.history() if record.event == "deployed"][-1]


def last_verified(world: World) -> Record:
    return proof_of(world.place("dev").ledger.history())[0]


def standings(world: World) -> Standings:
    listed = world.place("dev").plans.get_list(last_deployed(world).standing)
    assert listed is not None
    return listed


def ledger_bucket(world: World) -> str:
    return f"{world.place('dev').spec.organisation}-dev-platform-ledger"


class Kept:
    """One object among the kept plans, to be tampered with."""

    def __init__(self, world: World, digest: str) -> None:
        self._s3, self._bucket, self._key = world.s3, ledger_bucket(world), f"kept/dev/{digest}.json.gz"

    def read(self) -> bytes:
        return self._s3.get_object(Bucket=self._bucket, Key=self._key)["Body"].read()

    def write(self, body: bytes) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=self._key, Body=body)

    def delete(self) -> None:
        self._s3.delete_object(Bucket=self._bucket, Key=self._key)


def test_the_first_deploy_plans_everything_and_keeps_what_was_applied(world: World) -> None:
    assert any("every stack is planned: no release was deployed here yet" in line for line in world.watcher.said)
    assert sorted(standings(world)) == ALL
    body = world.place("dev").plans.get(standings(world)["dev/alpha"].plan)
    assert body is not None
    resources = json.loads(opened(body))["planned_values"]["root_module"]["resources"]
    assert resources[0]["values"]["input"] == "one"
    assert world.smoked == [["alpha", "annuity", "beta"]]
    assert "every pipeline ran (no release was verified here yet)" in last_verified(world).note


def test_a_change_of_one_tenant_plans_that_tenant_and_all_are_judged_together(world: World) -> None:
    before = standings(world)
    change(world, "alpha", "two")
    assert deploy(world) == ["dev/alpha"]
    assert world.judged == [["dev/alpha"]]
    assert world.beside == [["dev/annuity", "dev/beta", "dev/platform"]]
    assert any("3 of 4 stacks are not planned" in line for line in world.watcher.said)
    now = standings(world)
    assert {name for name in ALL if before[name] != now[name]} == {"dev/alpha"}
    assert last_deployed(world).plans.keys() == {"dev/alpha"}
    assert world.smoked == [["alpha"]]
    first, _, second = [record for record in world.place("dev").ledger.history() if record.event != "started"][1:]
    assert second.note == (
        f"2 tenants are as record 3 (release {first.release[:16]}) verified them: alpha_daily smoke__1"
    )
    assert (first.rests_on, second.rests_on, first.probe_date) == (0, 3, second.probe_date)
    assert any("running 1 of 3 pipelines" in line and second.note[:40] in line for line in world.watcher.said)


def test_a_release_that_no_stack_is_made_from_plans_nothing_and_becomes_what_runs(world: World) -> None:
    before = standings(world)
    (world.root / "requirements").mkdir()
    (world.root / "requirements/tooling.txt").write_text("")
    assert deploy(world) == []
    assert world.judged == []
    assert world.events("dev")[-2:] == ["deployed", "verified"]
    assert world.smoked == []
    assert last_verified(world).note.endswith("verified them: no pipeline ran")
    assert standings(world) == before


def test_all_plans_everything(world: World) -> None:
    assert deploy(world, everything=True, plan_only=True) == ALL
    assert any("every stack is planned, as asked" in line for line in world.watcher.said)


def test_a_change_of_the_platform_plans_again_who_looks_it_up(world: World) -> None:
    change(world, "platform", "two")
    change(world, "beta", "two")
    assert deploy(world) == ["dev/annuity", "dev/beta", "dev/beta", "dev/platform"]
    assert world.judged == [["dev/beta", "dev/platform"], ["dev/annuity", "dev/beta", "dev/platform"]]
    assert world.beside == [["dev/alpha", "dev/annuity"], ["dev/alpha"]]
    assert world.smoked == [["alpha", "annuity", "beta"]], "each runs on the platform that was changed"


def write_state(world: World, stack: str) -> None:
    """Write a state as an apply by hand would: one serial later."""
    key = f"{world.place('dev').spec.organisation}/dev/{stack}"
    state = json.loads(world.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
    written = json.dumps({**state, "serial": state["serial"] + 1})
    world.s3.put_object(Bucket=BUCKET, Key=key, Body=written.encode())


def test_a_state_that_somebody_has_written_is_planned(world: World) -> None:
    write_state(world, "beta")
    change(world, "alpha", "three")
    assert deploy(world) == ["dev/alpha", "dev/beta"]
    assert deploy(world) == [], "it was planned, and is as its release says"


def test_a_platform_that_somebody_has_applied_may_have_changed_what_tenants_look_up(world: World) -> None:
    write_state(world, "platform")
    assert deploy(world, plan_only=True) == ALL
    assert any("the platform's state was written since" in line for line in world.watcher.said)
    change(world, "alpha", "written")
    assert deploy(world) == ALL


def test_what_a_failed_deploy_has_touched_is_planned_although_it_is_taken_back(world: World) -> None:
    broken = world.root / "environments/dev/rendered/beta/terraform/broken.tf"
    broken.write_text(FAILING_TF)
    with pytest.raises(StacksFailed):
        deploy(world)
    assert world.events("dev")[-1] == "failed"
    broken.unlink()
    assert deploy(world) == ["dev/beta"]
    assert world.events("dev")[-2:] == ["deployed", "verified"]
    assert world.smoked == [["beta"]]


@pytest.mark.parametrize("kind", ["gone", "another"])
def test_a_kept_plan_that_cannot_be_relied_on_is_made_anew(world: World, kind: str) -> None:
    place = Kept(world, standings(world)["dev/annuity"].plan)
    kept = place.read()
    if kind == "gone":
        place.delete()
    else:
        place.write(Kept(world, standings(world)["dev/alpha"].plan).read())
    change(world, "alpha", f"four {kind}")
    assert deploy(world) == ["dev/alpha", "dev/annuity"]
    assert world.judged == [["dev/alpha", "dev/annuity"]]
    place.write(kept)


def test_a_list_that_is_not_the_one_that_the_ledger_names_is_worth_nothing(world: World) -> None:
    forged = world.place("dev").plans.keep_list({**standings(world), "dev/alpha": standings(world)["dev/beta"]})
    Kept(world, last_deployed(world).standing).write(Kept(world, forged).read())
    change(world, "alpha", "five")
    assert deploy(world) == ALL
    assert any("kept no plans, or their list is gone" in line for line in world.watcher.said)
    assert deploy(world) == []


def test_a_release_that_is_gone_from_the_store_makes_it_plan_everything(world: World) -> None:
    bucket = ledger_bucket(world).replace("-ledger", "-releases")
    key = f"releases/{last_deployed(world).release}/release.dsse.json"
    world.s3.delete_object(Bucket=bucket, Key=key)
    change(world, "alpha", "six")
    assert deploy(world) == ALL


def test_a_ledger_of_before_plans_were_kept_makes_it_plan_everything(world: World) -> None:
    ledger = world.place("dev").ledger
    last = last_deployed(world)
    ledger.append(Record("deployed", last.release, "jenkins/8", last.at, last.plans), ledger.history())
    assert "standing" not in json.loads(_newest(world))
    change(world, "alpha", "seven")
    assert deploy(world) == ALL


def _newest(world: World) -> bytes:
    listed = world.s3.list_objects_v2(Bucket=ledger_bucket(world), Prefix="ledger/dev/")["Contents"]
    return world.s3.get_object(Bucket=ledger_bucket(world), Key=max(item["Key"] for item in listed))["Body"].read()


def test_another_terraform_plans_everything(world: World, tmp_path: Path) -> None:
    real = shutil.which("terraform", path=world.variables["PATH"])
    other = tmp_path / "terraform"
    other.write_text(
        f'#!/bin/sh\n[ "$1" = version ] && echo \'{{"terraform_version": "9.9.9"}}\' || exec {real} "$@"\n'
    )
    other.chmod(0o755)
    before = dict(world.variables)
    world.variables["SLUICE_TERRAFORM"] = str(other)
    assert deploy(world, plan_only=True) == ALL
    world.variables.clear()
    world.variables.update(before)


def test_kept_plans_hold_nothing_but_what_is_judged(world: World) -> None:
    for item in standings(world).values():
        body = world.place("dev").plans.get(item.plan)
        assert body is not None
        document = json.loads(gzip.decompress(body))
        assert not {"prior_state", "resource_drift"} & document.keys()
