"""What the program declares, as the plan tells it: a cluster like the shared one, and one that ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import hcl2
import pytest

from dags import job_flow
from delivery.ephemeral import running
from delivery.ephemeral.cluster import Cluster, from_json, to_json
from delivery.ephemeral.translate import plan_of
from tests.delivery.ephemeral.conftest import ROOT

SCHEMA = json.loads(Path(__file__).with_name("emr_schema.json").read_text())


@pytest.fixture
def resources(declared: Any) -> dict[str, dict[str, Any]]:
    plan = json.loads(plan_of(declared, (), account_id="111111111111", region="us-east-1").json)
    return {item["address"]: item["values"] for item in plan["planned_values"]["root_module"]["resources"]}


def test_cluster_travels_whole(cluster: Cluster) -> None:
    assert from_json(to_json(cluster)) == cluster


def test_cluster_of_other_fields_is_refused(cluster: Cluster) -> None:
    with pytest.raises(ValueError, match="region"):
        from_json(json.dumps({key: value for key, value in json.loads(to_json(cluster)).items() if key != "region"}))


def test_three_resources(resources: dict[str, Any]) -> None:
    assert set(resources) == {
        "aws_emr_cluster.cluster",
        "aws_emr_instance_fleet.task",
        "aws_emr_managed_scaling_policy.scaling",
    }


def test_every_attribute_is_one_of_terraforms(resources: dict[str, Any]) -> None:
    for address, values in resources.items():
        _assert_known(values, SCHEMA[address.partition(".")[0]], address)


def _assert_known(values: dict[str, Any], schema: dict[str, Any], where: str) -> None:
    for name, value in values.items():
        if name in schema["blocks"]:
            for block in value:
                _assert_known(block, schema["blocks"][name], f"{where}.{name}")
        else:
            assert name in schema["attributes"], f"{where}.{name}"


def test_settings_are_the_shared_clusters(resources: dict[str, Any]) -> None:
    """What an engineer tries here must run there: modules/emr_cluster says both settings in its locals."""
    parsed = hcl2.loads((ROOT / "modules/emr_cluster/main.tf").read_text())
    [written] = parsed["locals"]
    found = {
        item["Classification"]: item["Properties"]
        for item in json.loads(resources["aws_emr_cluster.cluster"]["configurations_json"])
    }
    assert found == {"spark-defaults": _plain(written["spark"]), "yarn-site": _plain(written["yarn"])}


def _plain(settings: Any) -> dict[str, str]:
    [value] = settings if isinstance(settings, list) else [settings]
    return {key.strip('"'): item for key, item in value.items()}


def test_tags_are_those_of_the_reaper(resources: dict[str, Any]) -> None:
    tags = resources["aws_emr_cluster.cluster"]["tags"]
    assert (running.MANAGED_BY, running.MANAGER) == job_flow.OWNER
    assert (running.EPHEMERAL, running.EXPIRES_AT) == (job_flow.EPHEMERAL, job_flow.EXPIRES_AT)
    assert tags[job_flow.OWNER[0]] == job_flow.OWNER[1]
    assert tags[job_flow.EXPIRES_AT] == "2026-11-23T17:00:00Z"
    assert tags[job_flow.EPHEMERAL] == "ann"
    assert job_flow.RUN_KEY not in tags


def test_airflow_may_end_it(resources: dict[str, Any]) -> None:
    """Airflow's role may terminate what bears its environment's tag: modules/airflow, WatchAndEndClusters."""
    role = (ROOT / "modules/airflow/role.tf").read_text()
    assert 'in_this_env = { "elasticmapreduce:ResourceTag/env" = var.environment }' in role
    assert resources["aws_emr_cluster.cluster"]["tags"]["env"] == "dev"


def test_owner_is_the_engineer_and_the_tenant_pays(resources: dict[str, Any]) -> None:
    tags = resources["aws_emr_cluster.cluster"]["tags_all"]
    assert tags["owner"] == "ann@meridian.example"
    assert (tags["tenant"], tags["cost-centre"], tags["data-class"]) == ("annuity", "CC-4711", "confidential")


def test_fleet_and_bounds_name_the_cluster_before_it_exists(declared: Any) -> None:
    plan = json.loads(plan_of(declared, (), account_id="111111111111", region="us-east-1").json)
    unknown = {item["address"]: item["change"]["after_unknown"] for item in plan["resource_changes"]}
    named = {item["address"]: item["expressions"] for item in plan["configuration"]["root_module"]["resources"]}
    for address in ("aws_emr_instance_fleet.task", "aws_emr_managed_scaling_policy.scaling"):
        assert unknown[address] == {"cluster_id": True, "id": True}
        assert named[address] == {
            "cluster_id": {"references": ["aws_emr_cluster.cluster.id", "aws_emr_cluster.cluster"]}
        }
