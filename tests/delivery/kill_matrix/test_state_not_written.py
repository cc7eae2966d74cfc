"""The state's bucket is gone while an apply runs: what Terraform could not write is not lost, and is recorded later."""

from __future__ import annotations

import json
import time
from threading import Thread

import pytest

from tests.delivery.conftest import BUCKET, client
from tests.delivery.kill_matrix.conftest import World

pytestmark = pytest.mark.terraform

DEPLOY = ("deploy", "--env", "dev", "--release", "built")


def test_a_state_that_was_not_written_stops_plans_until_it_is_recorded(world: World) -> None:
    world.change("one", seconds=4)
    world.publish()
    said: list[str] = []
    deploy = Thread(target=lambda: said.append(world.ends(*DEPLOY, code=3)))
    deploy.start()
    _wait_for_apply(world)
    _remove_bucket(world)
    deploy.join()
    client(world.variables).create_bucket(Bucket=BUCKET)
    (unwritten,) = world.root.glob(".sluice/releases/*/tree/.sluice/run/dev/platform/**/errored.tfstate")
    assert world.events("dev") == ["started", "failed"]

    message = world.ends(*DEPLOY, code=3)
    assert "dev/platform: its last apply could not write its state" in message
    assert "sluice recover --env dev --stack platform --import" in message
    world.change("two")
    world.publish()
    message = world.ends(*DEPLOY, code=3)
    assert f"dev/platform: its last apply could not write its state; {unwritten} holds it" in message, "another release"
    recover = ("recover", "--env", "dev", "--stack", "platform", "--release", second_of(world))
    assert "could not write its state" in world.ends(*recover, code=1)
    assert unwritten.exists()

    assert "nothing is left behind" in world.ends(*recover, "--import")
    assert not unwritten.exists()
    assert b'"one"' in state_of(world), "what the first release's apply has made is recorded"

    unwritten.write_bytes(state_of(world))
    message = world.ends(*recover, "--import")
    assert "is older than the one recorded since; it is superseded.tfstate there now" in message
    assert not unwritten.exists()
    world.ends(*DEPLOY)
    assert world.events("dev") == ["started", "failed", "started", "deployed", "verified"]


def state_of(world: World) -> bytes:
    key = f"{world.root.parent.name}/dev/platform.tfstate"
    return client(world.variables).get_object(Bucket=BUCKET, Key=key)["Body"].read()


def second_of(world: World) -> str:
    """Return the digest of the release that was built last."""
    return str(json.loads((world.root / "dist/release.json").read_text())["digest"])


def _wait_for_apply(world: World) -> None:
    deadline = time.monotonic() + 60
    pattern = ".sluice/releases/*/tree/.sluice/run/dev/platform/**/apply.log"
    while not any("provision_start" in path.read_text() for path in world.root.glob(pattern)):
        assert time.monotonic() < deadline, "no apply has begun"
        time.sleep(0.05)


def _remove_bucket(world: World) -> None:
    s3 = client(world.variables)
    for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"]:
        s3.delete_object(Bucket=BUCKET, Key=item["Key"])
    s3.delete_bucket(Bucket=BUCKET)
