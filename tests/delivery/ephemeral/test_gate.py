"""The controls of every cluster, asked of this one: each fault is found by its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from delivery.ephemeral import gate, lifecycle
from delivery.ephemeral.errors import CloudRefused
from delivery.ephemeral.neighbours import neighbours
from delivery.ephemeral.translate import Existing, plan_of
from policies.errors import ArtefactUnreadable
from policies.result import GateResult
from policies.verdict import Verdict
from tests.delivery.ephemeral.conftest import NOW, ROOT, Ground

PRIVATE = [Existing("aws_subnet", f"subnet_{zone}", {"id": f"subnet-{zone}"}) for zone in "ab"]
CLUSTER, FLEET, SCALING, PROVIDER = 0, 1, 2, 3


def judged(declared: Any, around: list[Existing], account_id: str = "111111111111") -> GateResult:
    plan = plan_of(declared, around, account_id=account_id, region="us-east-1")
    return gate.judge(ROOT, NOW.date(), "dev", "annuity", plan)


def broken(result: GateResult) -> set[str]:
    return {item.control for item in result.judgements if item.verdict in (Verdict.FAILED, Verdict.NO_VERDICT)}


def test_what_ann_gets_passes(prepared: lifecycle.Prepared) -> None:
    assert prepared.result.exit_code == 0
    passed = {item.control for item in prepared.result.judgements if item.verdict is Verdict.PASSED}
    assert passed >= {f"CSO_EMR_{number:02}" for number in (1, 5, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18)}
    assert passed >= {"CSO_GOV_01", "CSO_SPOT_01"}


def test_only_what_the_program_makes_is_judged(prepared: lifecycle.Prepared) -> None:
    """Neither the subnets, whose tags are the platform's, nor what a whole tenant must hold, a key for example."""
    assert {item.subject.address for item in prepared.result.judgements} == {
        "aws_emr_cluster.cluster",
        "aws_emr_instance_fleet.task",
    }


def test_plan_that_the_faults_are_put_into_has_none(declared: Any) -> None:
    assert broken(judged(declared, PRIVATE)) == set()


FAULTS: dict[str, tuple[int, str, Any, set[str]]] = {
    "the world's subnet": (CLUSTER, "ec2Attributes.subnetIds", ["subnet-z"], {"CSO_EMR_01"}),
    "an SSH key": (CLUSTER, "ec2Attributes.keyName", "ann", {"CSO_EMR_15"}),
    "more security groups": (CLUSTER, "ec2Attributes.additionalMasterSecurityGroups", "sg-9", {"CSO_EMR_15"}),
    "another machine role": (CLUSTER, "ec2Attributes.instanceProfile", "admin", {"CSO_EMR_17"}),
    "no encryption": (CLUSTER, "securityConfiguration", None, {"CSO_EMR_05"}),
    "logs elsewhere": (CLUSTER, "logUri", "s3://ann/logs/", {"CSO_EMR_08"}),
    "an old release": (CLUSTER, "releaseLabel", "emr-6.9.0", {"CSO_EMR_10", "CSO_EMR_13"}),
    "core nodes on Spot": (CLUSTER, "coreInstanceFleet.targetSpotCapacity", 2, {"CSO_EMR_12"}),
    "drivers anywhere": (CLUSTER, "configurationsJson", "[]", {"CSO_EMR_13"}),
    "code from elsewhere": (
        CLUSTER,
        "bootstrapActions",
        [{"name": "x", "path": "s3://ann/x.sh", "args": []}],
        {"CSO_EMR_14"},
    ),
    "a step of the nodes' own": (
        CLUSTER,
        "steps",
        [{"name": "x", "actionOnFailure": "CONTINUE", "hadoopJarStep": {"jar": "command-runner.jar", "args": ["id"]}}],
        {"CSO_EMR_18"},
    ),
    "no tags": (CLUSTER, "tags", {}, {"CSO_GOV_01"}),
    "another tenant's": (CLUSTER, "tags.tenant", "claims", {"CSO_GOV_01"}),
    "one type of machine": (FLEET, "instanceTypeConfigs", [{"instanceType": "m5.xlarge"}], {"CSO_EMR_11"}),
    "On-Demand tasks": (FLEET, "targetOnDemandCapacity", 4, {"CSO_SPOT_01", "CSO_EMR_12"}),
    "no bounds": (SCALING, "clusterId", "j-another", {"CSO_EMR_12"}),
    "a release that nobody knows yet": (CLUSTER, "releaseLabel", {"$": "unknown"}, {"CSO_EMR_10", "CSO_EMR_13"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_found_by_its_control(declared: Any, fault: str) -> None:
    place, path, value, controls = FAULTS[fault]
    inputs = declared[place]["inputs"]
    *parents, last = path.split(".")
    for parent in parents:
        inputs = inputs[parent]
    if value is None:
        del inputs[last]
    else:
        inputs[last] = value
    result = judged(declared, PRIVATE)
    assert broken(result) == controls
    assert result.exit_code in (1, 4)


def test_plan_without_its_bounds_is_refused(declared: Any) -> None:
    del declared[SCALING]
    assert broken(judged(declared, PRIVATE)) == {"CSO_EMR_12"}


def test_program_that_makes_nothing_is_no_pass(declared: Any) -> None:
    assert judged(declared[PROVIDER:], PRIVATE).exit_code == 4


def test_plan_of_another_account_is_foreign(declared: Any) -> None:
    declared[PROVIDER]["inputs"]["allowedAccountIds"] = json.dumps(["222222222222"])
    with pytest.raises(ArtefactUnreadable, match="foreign plan"):
        judged(declared, PRIVATE, account_id="222222222222")


def test_refusal_names_the_control(declared: Any) -> None:
    declared[CLUSTER]["inputs"]["logUri"] = "s3://ann/logs/"
    plan = plan_of(declared, PRIVATE, account_id="111111111111", region="us-east-1")
    with pytest.raises(gate.EphemeralRefused, match=r"CSO.EMR.08") as refusal:
        gate.require(ROOT, NOW.date(), "dev", "annuity", plan)
    assert refusal.value.exit_code == 1


class TestNeighbours:
    """Subnets are private as AWS shows them, and not because a parameter says so."""

    def test_route_to_the_internet_is_found(self, ground: Ground, declared: Any) -> None:
        declared[CLUSTER]["inputs"]["ec2Attributes"]["subnetIds"] = ground.subnet_ids
        ec2 = ground.client("ec2")
        assert broken(judged(declared, neighbours(ec2, ground.subnet_ids))) == set()
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        network = ec2.describe_subnets(SubnetIds=ground.subnet_ids)["Subnets"][0]["VpcId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network)
        route = {"RouteTableId": ground.route_table_id, "DestinationCidrBlock": "0.0.0.0/0"}
        ec2.create_route(**route, GatewayId=gateway)
        try:
            assert broken(judged(declared, neighbours(ec2, ground.subnet_ids))) == {"CSO_EMR_01"}
            declared[CLUSTER]["inputs"]["ec2Attributes"]["subnetIds"] = ground.subnet_ids[1:]  # has the main table
            assert broken(judged(declared, neighbours(ec2, ground.subnet_ids))) == set()
        finally:
            ec2.delete_route(**route)

    def test_public_addresses_are_found(self, ground: Ground, declared: Any) -> None:
        declared[CLUSTER]["inputs"]["ec2Attributes"]["subnetIds"] = ground.subnet_ids
        ec2 = ground.client("ec2")
        ec2.modify_subnet_attribute(SubnetId=ground.subnet_ids[0], MapPublicIpOnLaunch={"Value": True})
        try:
            assert broken(judged(declared, neighbours(ec2, ground.subnet_ids))) == {"CSO_EMR_01"}
        finally:
            ec2.modify_subnet_attribute(SubnetId=ground.subnet_ids[0], MapPublicIpOnLaunch={"Value": False})

    def test_subnet_that_is_not_there_is_told(self, ground: Ground) -> None:
        with pytest.raises(CloudRefused, match="InvalidSubnetID"):
            neighbours(ground.client("ec2"), ["subnet-0000"])
