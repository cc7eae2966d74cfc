"""Killed while a release is built, signed and published: each next run goes on where the last one died."""

from __future__ import annotations

import json

import pytest

from delivery.release import bundle
from delivery.release.store import store_of
from generator.spec import load_environment
from tests.delivery.kill_matrix.conftest import World
from tests.delivery.kill_matrix.killer import Kill

BUILD = (
    Kill("pathlib", "Path.write_bytes", "torn", "sluice-"),
    Kill("pathlib", "Path.rename", text="sluice-"),
    Kill("sluice.commands.release", "note_built"),
    Kill("pathlib", "Path.write_text", "torn", "release.partial"),
    Kill("sluice.commands.release", "note_built", "after"),
)
SIGN = (
    Kill("sluice.commands.release", "signing.sign", "after"),
    Kill("pathlib", "Path.write_text", "torn", ".dsse"),
)
PUBLISH = (
    Kill("delivery.release.store", "ReleaseStore._put", text="release.tar.gz"),
    Kill("delivery.release.store", "ReleaseStore._put", "after", "release.tar.gz"),
    Kill("delivery.release.store", "ReleaseStore._put", "after", "release.dsse.json"),
)


@pytest.mark.parametrize("kill", BUILD, ids=str)
def test_build(world: World, kill: Kill) -> None:
    world.killed(kill, "release", "build")


def test_the_build_that_nobody_kills(world: World) -> None:
    digest = world.ends("release", "build").partition("sha256 ")[2][:64]
    (path,) = world.root.glob("dist/*.tar.gz")
    assert bundle.read(path).digest == digest == json.loads((world.root / "dist/release.json").read_text())["digest"]


def test_a_dry_run_signs_nothing(world: World) -> None:
    assert "would sign release" in world.ends(*world.sign, "--dry-run")
    assert not list(world.root.glob("dist/*.dsse.json"))


@pytest.mark.parametrize("kill", SIGN, ids=str)
def test_sign(world: World, kill: Kill) -> None:
    world.killed(kill, *world.sign)
    assert not list(world.root.glob("dist/*.dsse.json"))


@pytest.mark.parametrize("kill", PUBLISH, ids=str)
def test_publish(world: World, kill: Kill) -> None:
    if not list(world.root.glob("dist/*.dsse.json")):
        world.ends(*world.sign)
    world.killed(kill, "release", "publish", "--env", "dev")


def test_the_publication_that_nobody_kills(world: World) -> None:
    said = world.ends("release", "publish", "--env", "dev")
    digest = json.loads((world.root / "dist/release.json").read_text())["digest"]
    assert f"release {digest} is in" in said
    assert store_of(load_environment(world.root, "dev"), world.variables).has(digest)
