"""What becomes of a tenant's schema in the warehouse: dropped with the tenant, kept where a hold is on its data."""

from __future__ import annotations

from datetime import timedelta

from delivery.decommission.decision import decide
from delivery.decommission.evidence import kept_in
from delivery.decommission.kept import Kept
from delivery.decommission.warehouse import ROLE, Schema, warehouse_of
from delivery.tagged import Clients
from generator.model import EnvironmentSpec
from tests.delivery.decommission.tenant import TODAY, Tenant

SCHEMA = Schema("claims", (("paid", "BASE TABLE"),), (("paid", 2, "2026-09-30", "2026-10-31", "6"),))


def without_hold(tenant: Tenant) -> Tenant:
    tags = [{"Key": key, "Value": value} for key, value in tenant.tags.items()]
    tenant.clients("s3").put_bucket_tagging(Bucket=tenant.names.bucket("curated"), Tagging={"TagSet": tags})
    return tenant


def test_it_goes_while_retention_alone_keeps_data(prod: EnvironmentSpec, clients: Clients) -> None:
    tenant = without_hold(Tenant(prod, clients))
    decision = decide(tenant.stack, tenant.names, tenant.plan(), clients, tenant.rules(0), [], SCHEMA)
    assert decision.kept, "the buckets are under retention"
    assert decision.schema == SCHEMA
    without = decide(tenant.stack, tenant.names, tenant.plan(), clients, tenant.rules(0), [])
    larger = Schema("claims", (*SCHEMA.tables, ("new", "BASE TABLE")))
    other = decide(tenant.stack, tenant.names, tenant.plan(), clients, tenant.rules(0), [], larger)
    assert len({decision.digest, without.digest, other.digest}) == 3, "an approval is for exactly these tables"


def test_a_legal_hold_keeps_it_until_it_is_lifted(prod: EnvironmentSpec, clients: Clients) -> None:
    tenant = Tenant(prod, clients)
    held = decide(tenant.stack, tenant.names, tenant.plan(), clients, tenant.rules(0), [], SCHEMA)
    (kept,) = [item for item in held.kept if item.is_schema]
    assert held.schema is None
    assert kept.arn == f"warehouse:{tenant.names.platform.entity('warehouse')}/claims"
    assert kept.why == f"legal hold on the bucket: case 12 ({tenant.names.bucket('curated')})"

    unseen = decide(tenant.stack, tenant.names, tenant.plan(), clients, tenant.rules(0), [kept])
    assert kept in unseen.kept, "who may not look at the warehouse forgets nothing that is kept there"
    without_hold(tenant)
    lifted = decide(tenant.stack, tenant.names, tenant.plan(), clients, tenant.rules(0), [kept], SCHEMA)
    assert lifted.schema == SCHEMA
    assert not [item for item in (*lifted.kept, *lifted.removed) if item.is_schema]


def test_an_order_keeps_it_for_its_time(prod: EnvironmentSpec, clients: Clients) -> None:
    tenant = without_hold(Tenant(prod, clients))
    rules = tenant.rules(0, hold_until=TODAY + timedelta(days=30))
    ordered = decide(tenant.stack, tenant.names, tenant.plan(), clients, rules, [], SCHEMA)
    (kept,) = [item for item in ordered.kept if item.is_schema]
    assert kept.until == (TODAY + timedelta(days=30)).isoformat()


def test_the_record_of_what_is_kept_reads_back() -> None:
    kept = {"arn": "warehouse:cluster/claims", "why": "legal hold", "until": "", "address": ""}
    assert kept_in({"kept": [kept]}) == [Kept("warehouse:cluster/claims", "legal hold")]


def test_without_a_role_that_may_nobody_asks_the_warehouse(prod: EnvironmentSpec) -> None:
    assert warehouse_of(prod, {ROLE: ""}) is None
