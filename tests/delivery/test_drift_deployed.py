"""Drift against the release that the ledger says runs: what stands in the checkout is another question."""

from __future__ import annotations

import json

import pytest

from delivery.drift import is_new_stack
from tests.delivery.conftest import BUCKET, client
from tests.delivery.kill_matrix.conftest import World, world
from tests.delivery.kill_matrix.killer import Kill

pytestmark = pytest.mark.terraform
__all__ = ["world"]

DRIFT = ("drift", "--env", "dev", "--deployed")
DEPLOY = ("deploy", "--env", "dev", "--release", "built")


def test_drift_of_what_is_deployed(world: World) -> None:
    assert "no release was deployed there yet" in world.ends(*DRIFT, code=1)

    digest = world.publish()
    world.ends(*DEPLOY)
    world.change("two")
    said = world.ends(*DRIFT)
    assert f"dev: runs release {digest[:16]} since" in said
    assert "dev/annuity: no drift\ndev/platform: no drift" in said
    assert "not yet deployed       terraform_data.first" in world.ends("drift", "--env", "dev", code=1)

    key = f"{world.root.parent.name}/dev/annuity.tfstate"
    client(world.variables).delete_object(Bucket=BUCKET, Key=key)
    said = world.ends(*DRIFT, code=1)
    assert "dev/annuity: not yet deployed, 2 resources\ndev/platform: no drift" in said
    assert "mend it:  sluice deploy --all --env dev" in said
    plan = json.loads((world.root / ".sluice/drift/dev/annuity/plan.json").read_text())
    assert is_new_stack(plan), "the plan that would mend it is kept"

    world.publish()
    world.killed(Kill("delivery.deploy.execution", "apply", "after", "platform"), *DEPLOY)
    assert "and has no end: what it applied is drift" in world.ends(*DRIFT, code=1)
