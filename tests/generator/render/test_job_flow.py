"""A job flow is one that EMR accepts, protects what it must and buys what the work needs."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath
from typing import Any

import botocore.session
import hcl2
import pytest
from botocore.validate import ParamValidator

from generator.render import Tree, render_tree
from generator.render.job_flow import job_flow_values
from generator.resolve import resolve
from tests.generator import samples
from tests.generator.render.rendered import job_flow


def test_the_job_flow_is_what_emr_accepts(tree: Tree) -> None:
    document = job_flow(tree)
    shape = botocore.session.get_session().get_service_model("emr").operation_model("RunJobFlow").input_shape
    assert shape is not None
    report = ParamValidator().validate(document, shape)
    assert not report.has_errors(), report.generate_report()


def test_the_job_flow_protects_what_it_must(tree: Tree) -> None:
    document = job_flow(tree)
    instances = document["Instances"]
    assert instances["KeepJobFlowAliveWhenNoSteps"]
    assert not instances["TerminationProtected"]
    assert "Ec2KeyName" not in instances
    assert document["AutoTerminationPolicy"] == {"IdleTimeout": 900}
    assert document["SecurityConfiguration"] == "acme-prod-claims-emr"
    assert document["LogUri"] == "s3://acme-prod-platform-logs/emr/claims/"
    tags = {tag["Key"]: tag["Value"] for tag in document["Tags"]}
    assert tags.keys() >= {"tenant", "env", "owner", "cost-centre", "data-class"}
    assert (tags["tenant"], tags["env"]) == ("claims", "prod")
    assert tags["for-use-with-amazon-emr-managed-policies"] == "true"
    assert instances["Ec2SubnetIds"] == ["ssm:/acme/prod/platform/private_subnet_ids"]


def test_task_capacity_is_spot_and_the_rest_on_demand(tree: Tree) -> None:
    document = job_flow(tree)
    primary, core, task = document["Instances"]["InstanceFleets"]
    assert (primary["TargetOnDemandCapacity"], core["TargetOnDemandCapacity"]) == (1, 2)
    assert "TargetSpotCapacity" not in {*primary, *core}
    assert (task["TargetSpotCapacity"], "TargetOnDemandCapacity" in task) == (10, False)
    spot = task["LaunchSpecifications"]["SpotSpecification"]
    assert (spot["AllocationStrategy"], spot["TimeoutAction"]) == ("price-capacity-optimized", "SWITCH_TO_ON_DEMAND")
    assert len(task["InstanceTypeConfigs"]) >= 5
    assert document["ManagedScalingPolicy"]["ComputeLimits"] == {
        "UnitType": "InstanceFleetUnits",
        "MinimumCapacityUnits": 2,
        "MaximumCapacityUnits": 12,
        "MaximumOnDemandCapacityUnits": 2,
        "MaximumCoreCapacityUnits": 2,
    }


def test_time_critical_work_gets_no_spot_capacity() -> None:
    jobs = {"clean": {"reads": ("rates",), "writes": ("claim",), "compute": "medium", "time_critical": True}}
    changes: dict[str, Any] = {"jobs": jobs, "publishes": ("claim",), "warehouse": (), "reports": {}}
    document = job_flow(render_tree([samples.tenant(**changes)], [samples.environment()]))
    task = document["Instances"]["InstanceFleets"][2]
    assert "Spot" not in json.dumps(document)
    assert task["TargetOnDemandCapacity"] == 4
    assert document["ManagedScalingPolicy"]["ComputeLimits"]["MaximumOnDemandCapacityUnits"] == 6


def test_small_work_needs_no_task_fleet() -> None:
    jobs = {"clean": {"reads": ("rates",), "writes": ("claim",)}}
    changes: dict[str, Any] = {"jobs": jobs, "publishes": ("claim",), "warehouse": (), "reports": {}}
    document = job_flow(render_tree([samples.tenant(**changes)], [samples.environment()]))
    fleets = document["Instances"]["InstanceFleets"]
    assert [fleet["InstanceFleetType"] for fleet in fleets] == ["MASTER", "CORE"]


def test_every_looked_up_value_is_published_by_the_platform(tree: Tree) -> None:
    """A job flow asks SSM for what has no name by convention; the platform's root must put it there."""
    folder = PurePosixPath("environments/prod/rendered/platform/terraform")
    local_values = hcl2.loads(tree[folder / "parameters.tf"])["locals"][0]
    prefix = json.loads(tree[folder / "terraform.tfvars.json"])["parameter_prefix"]
    published = {f"ssm:{prefix}/{name}" for name in local_values["published"][0]}
    looked_up = set(re.findall(r'"(ssm:[^"]+)"', json.dumps(job_flow(tree))))
    assert looked_up
    assert looked_up <= published


def test_a_stack_without_a_cluster_of_its_own_has_no_job_flow() -> None:
    stack = resolve(samples.tenant(), samples.environment("dev", "long_running"))
    with pytest.raises(ValueError, match="acme-dev-claims has no cluster of its own"):
        job_flow_values(stack)
