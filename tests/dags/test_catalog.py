"""Glue follows the authority: one partition a date, at the current version's place."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.providers.amazon.aws.hooks.glue_catalog import GlueCatalogHook
from airflow.sdk.exceptions import AirflowSkipException

from dags import catalog
from dags.catalog import PointCatalogOperator
from tests.dags.conftest import run_task
from tests.dags.fake_aws import FakeGlue


def version(version_id: str, location: str) -> dict[str, Any]:
    return {"dataset": "policy", "version_id": version_id, "sequence": 1, "location": location, "as_of": "2026-10-31"}


@pytest.fixture
def glue(monkeypatch: pytest.MonkeyPatch) -> FakeGlue:
    client = FakeGlue()
    monkeypatch.setattr(GlueCatalogHook, "conn", client)
    monkeypatch.setattr(
        catalog, "still_current", lambda _, versions, __: [v for v in versions if v["version_id"] != "old"]
    )
    return client


def point(*versions: dict[str, Any]) -> Any:
    task = PointCatalogOperator(task_id="point_catalog", database="meridian_prod_annuity", publish_task="publish")
    return run_task(task, publish=list(versions))


def test_partition_is_created_then_moved(glue: FakeGlue) -> None:
    assert point(version("v1", "s3://c/1/")) == {"policy": "s3://c/1/"}
    point(version("v1", "s3://c/1/"))
    point(version("v2", "s3://c/2/"))
    partition = glue.partitions["policy", "2026-10-31"]
    assert partition["StorageDescriptor"] == {"Columns": [{"Name": "x"}], "Location": "s3://c/2/"}
    assert partition["Parameters"] == {"sluice.version_id": "v2", "sluice.sequence": "1"}
    assert len(glue.partitions) == 1


def test_superseded_version_does_not_move_it_back(glue: FakeGlue) -> None:
    with pytest.raises(AirflowSkipException):
        point(version("old", "s3://c/0/"))
    assert glue.partitions == {}
