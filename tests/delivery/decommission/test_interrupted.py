"""Killed after every call that changes something, which is before the next one; then run again: always the same end."""

from __future__ import annotations

import json

import pytest

from delivery.tagged import Clients, tagged
from generator.model import EnvironmentSpec
from tests.delivery.decommission.tenant import Killed, Killer, Tenant

RAW_EXPIRED = 100
"""Days after which raw data may go, and landed data may not."""
SURVIVORS = ["kms:alias", "kms:key", "s3:bucket", "s3:bucket"]


def test_the_next_run_finishes_whatever_was_interrupted(clients: Clients, prod: EnvironmentSpec) -> None:
    calls = _calls(clients, prod)
    assert calls >= 15
    for at in range(1, calls + 1):
        tenant = Tenant(prod, clients)
        with pytest.raises(Killed):
            tenant.decommission(tenant.rules(RAW_EXPIRED), Killer(at))
        tenant.decommission(tenant.rules(RAW_EXPIRED))
        _assert_ended(tenant, f"killed after call {at}")


def _calls(clients: Clients, spec: EnvironmentSpec) -> int:
    """Return how many changes a decommission makes that nobody interrupts."""
    tenant, killer = Tenant(spec, clients), Killer()
    tenant.decommission(tenant.rules(RAW_EXPIRED), killer)
    _assert_ended(tenant, "never killed")
    return killer.calls


def _assert_ended(tenant: Tenant, when: str) -> None:
    found = tagged(tenant.clients, tenant.names)
    assert [item.type for item in found] == SURVIVORS, when
    assert tenant.state == {}, when
    last = tenant.evidence(tenant.clients).documents()[-1]
    assert (last["stage"], last["orphans"]) == ("finished", []), when
    assert {item["arn"] for item in last["kept"]} == {item.arn for item in found}, when
    events = [(record.event, record.by) for record in tenant.ledger.history()]
    assert ("decommissioned", "ann@example.com") in events, when
    for zone in ("landing", "curated"):
        bucket = tenant.names.bucket(zone)
        policy = json.loads(tenant.clients("s3").get_bucket_policy(Bucket=bucket)["Policy"])
        denied = [action for statement in policy["Statement"] for action in statement["Action"]]
        assert {"s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"} <= set(denied), when
        tags = {tag["Key"]: tag["Value"] for tag in tenant.clients("s3").get_bucket_tagging(Bucket=bucket)["TagSet"]}
        assert tags["retained-for"].startswith("DATA-1: "), when
