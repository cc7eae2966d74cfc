"""Ending a tenant's schema as `sluice decommission` does, on a warehouse that other tenants and analysts use, too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from delivery.decommission import warehouse as module
from delivery.decommission.warehouse import Schema, Warehouse, WarehouseRefused
from tests.sandbox import warehouse_in_process
from tests.sandbox.warehouse_in_process import running_warehouse

LEDGER = '(version_id VARCHAR(36), dataset VARCHAR(30), as_of DATE, "rows" BIGINT, loaded_at TIMESTAMP)'


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[warehouse_in_process.Warehouse]:
    with running_warehouse(tmp_path_factory.mktemp("state")) as running:
        yield running


@pytest.fixture
def claims(shared: warehouse_in_process.Warehouse) -> warehouse_in_process.Warehouse:
    """A schema with a table, a report upon it, and a ledger of two loads."""
    made = shared.with_schema()
    made.ok("CREATE TABLE @.paid (id INTEGER)")
    made.ok("CREATE VIEW @.by_id AS SELECT id FROM @.paid")
    made.ok(f"CREATE TABLE @.load_ledger {LEDGER}")
    for version, day in (("v1", "2026-09-30"), ("v2", "2026-10-31")):
        made.ok(f"INSERT INTO @.load_ledger VALUES ('{version}', 'paid', '{day}', 3, GETDATE())")  # noqa: S608
    return made


@pytest.fixture
def warehouse(shared: warehouse_in_process.Warehouse) -> Warehouse:
    return Warehouse(shared.data, warehouse_in_process.CLUSTER, sleep=lambda seconds: None)


def test_what_it_holds_is_told_and_then_gone(
    claims: warehouse_in_process.Warehouse, warehouse: Warehouse, shared: warehouse_in_process.Warehouse
) -> None:
    neighbour = shared.with_schema()
    neighbour.ok("CREATE TABLE @.paid (id INTEGER)")
    found = warehouse.schema(claims.schema)
    assert found == Schema(
        claims.schema,
        (("by_id", "VIEW"), ("load_ledger", "BASE TABLE"), ("paid", "BASE TABLE")),
        (("paid", 2, "2026-09-30", "2026-10-31", "6"),),
    )
    warehouse.drop(found)
    assert warehouse.schema(claims.schema) is None
    assert warehouse.schema(neighbour.schema) == Schema(neighbour.schema, (("paid", "BASE TABLE"),))
    warehouse.drop(found)  # as the next run does, after one that was killed


def test_what_somebody_else_has_built_upon_it_is_never_dropped_along(
    claims: warehouse_in_process.Warehouse, warehouse: Warehouse, shared: warehouse_in_process.Warehouse
) -> None:
    analyst = shared.with_schema()
    analyst.ok(f"CREATE VIEW @.mine AS SELECT id FROM {claims.schema}.paid")  # noqa: S608
    found = warehouse.schema(claims.schema)
    assert found
    with pytest.raises(WarehouseRefused, match="depend"):
        warehouse.drop(found)
    assert warehouse.schema(claims.schema) == found, "one transaction: nothing is half dropped"
    assert warehouse.schema(analyst.schema) == Schema(analyst.schema, (("mine", "VIEW"),))


def test_more_than_one_transaction_takes(
    shared: warehouse_in_process.Warehouse, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_STATEMENTS", 2)
    made = shared.with_schema()
    for number in range(3):
        made.ok(f"CREATE TABLE @.t{number} (id INTEGER)")
    found = warehouse.schema(made.schema)
    assert found
    warehouse.drop(found)
    assert warehouse.schema(made.schema) is None
