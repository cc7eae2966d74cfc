"""EMR as the gateway completes it: fleets, policies, studios."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.accounts import Door

pytestmark = pytest.mark.sandbox

DEV, PROD = "111111111111", "222222222222"


@pytest.fixture
def cluster(door: Door) -> dict[str, Any]:
    """An idle cluster of fleets in dev: {"client", "id"}."""
    iam, emr = door.client("iam", DEV), door.client("emr", DEV)
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    for role in ("gateway-node", "gateway-service"):
        try:
            iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)
        except iam.exceptions.EntityAlreadyExistsException:
            return {"client": emr, "id": _start(emr)}
    iam.create_instance_profile(InstanceProfileName="gateway-node")
    iam.add_role_to_instance_profile(InstanceProfileName="gateway-node", RoleName="gateway-node")
    return {"client": emr, "id": _start(emr)}


def _start(emr: Any) -> str:
    volume = {"VolumeSpecification": {"VolumeType": "gp3", "SizeInGB": 64}, "VolumesPerInstance": 2}
    primary = {
        "InstanceFleetType": "MASTER",
        "Name": "primary",
        "TargetOnDemandCapacity": 1,
        "InstanceTypeConfigs": [
            {"InstanceType": "m6i.xlarge", "EbsConfiguration": {"EbsBlockDeviceConfigs": [volume]}}
        ],
    }
    answer = emr.run_job_flow(
        Name="gateway",
        ReleaseLabel="emr-7.14.0",
        JobFlowRole="gateway-node",
        ServiceRole="gateway-service",
        LogEncryptionKmsKeyId="arn:aws:kms:us-east-1:111111111111:key/1",
        Instances={
            "InstanceFleets": [primary],
            "Ec2SubnetIds": ["subnet-a", "subnet-b"],
            "KeepJobFlowAliveWhenNoSteps": True,
            "UnhealthyNodeReplacement": True,
        },
        AutoTerminationPolicy={"IdleTimeout": 3600},
        ManagedScalingPolicy=_scaling(8),
    )
    return str(answer["JobFlowId"])


def _scaling(most: int) -> dict[str, Any]:
    limits = {"UnitType": "InstanceFleetUnits", "MinimumCapacityUnits": 1, "MaximumCapacityUnits": most}
    return {"ComputeLimits": limits}


def test_emr_cluster_shows_what_it_was_started_with(cluster: dict[str, Any]) -> None:
    shown = cluster["client"].describe_cluster(ClusterId=cluster["id"])["Cluster"]
    assert shown["InstanceCollectionType"] == "INSTANCE_FLEET"
    assert shown["Ec2InstanceAttributes"]["RequestedEc2SubnetIds"] == ["subnet-a", "subnet-b"]
    assert shown["LogEncryptionKmsKeyId"].endswith("key/1")
    assert shown["UnhealthyNodeReplacement"] is True


def test_emr_fleets_are_listed_added_and_resized(cluster: dict[str, Any]) -> None:
    emr, cluster_id = cluster["client"], cluster["id"]
    emr.get_waiter("cluster_running").wait(ClusterId=cluster_id, WaiterConfig={"Delay": 1})
    (primary,) = emr.list_instance_fleets(ClusterId=cluster_id)["InstanceFleets"]
    assert (primary["Status"]["State"], primary["ProvisionedOnDemandCapacity"]) == ("RUNNING", 1)
    devices = [each["Device"] for each in primary["InstanceTypeSpecifications"][0]["EbsBlockDevices"]]
    assert devices == ["/dev/sdb", "/dev/sdc"]
    task = {
        "InstanceFleetType": "TASK",
        "TargetSpotCapacity": 1,
        "InstanceTypeConfigs": [{"InstanceType": "r5.xlarge"}],
    }
    fleet_id = emr.add_instance_fleet(ClusterId=cluster_id, InstanceFleet=task)["InstanceFleetId"]
    emr.modify_instance_fleet(
        ClusterId=cluster_id, InstanceFleet={"InstanceFleetId": fleet_id, "TargetSpotCapacity": 4}
    )
    fleets = {each["Id"]: each for each in emr.list_instance_fleets(ClusterId=cluster_id)["InstanceFleets"]}
    assert fleets[fleet_id]["ProvisionedSpotCapacity"] == 4
    emr.terminate_job_flows(JobFlowIds=[cluster_id])
    emr.get_waiter("cluster_terminated").wait(ClusterId=cluster_id, WaiterConfig={"Delay": 1})
    ended = emr.list_instance_fleets(ClusterId=cluster_id)["InstanceFleets"]
    assert {each["Status"]["State"] for each in ended} == {"TERMINATED"}


def test_emr_policies_are_put_read_and_removed(cluster: dict[str, Any]) -> None:
    emr, cluster_id = cluster["client"], cluster["id"]
    assert emr.get_managed_scaling_policy(ClusterId=cluster_id)["ManagedScalingPolicy"] == _scaling(8)
    assert emr.get_auto_termination_policy(ClusterId=cluster_id)["AutoTerminationPolicy"] == {"IdleTimeout": 3600}
    emr.put_managed_scaling_policy(ClusterId=cluster_id, ManagedScalingPolicy=_scaling(20))
    emr.put_auto_termination_policy(ClusterId=cluster_id, AutoTerminationPolicy={"IdleTimeout": 60})
    assert emr.get_managed_scaling_policy(ClusterId=cluster_id)["ManagedScalingPolicy"] == _scaling(20)
    emr.remove_managed_scaling_policy(ClusterId=cluster_id)
    emr.remove_auto_termination_policy(ClusterId=cluster_id)
    assert "ManagedScalingPolicy" not in emr.get_managed_scaling_policy(ClusterId=cluster_id)
    assert "AutoTerminationPolicy" not in emr.get_auto_termination_policy(ClusterId=cluster_id)


def test_emr_cluster_of_another_account_is_unknown(door: Door, cluster: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="is not valid"):
        door.client("emr", PROD).list_instance_fleets(ClusterId=cluster["id"])


def test_emr_studio(door: Door) -> None:
    emr = door.client("emr", DEV)
    studio_id = emr.create_studio(
        Name="notebooks", AuthMode="IAM", VpcId="vpc-1", SubnetIds=["subnet-a"], ServiceRole="r",
        WorkspaceSecurityGroupId="sg-1", EngineSecurityGroupId="sg-2", DefaultS3Location="s3://b/notebooks",
    )["StudioId"]  # fmt: skip
    emr.update_studio(StudioId=studio_id, Description="of engineers")
    assert emr.describe_studio(StudioId=studio_id)["Studio"]["Description"] == "of engineers"
    assert [each["StudioId"] for each in emr.list_studios()["Studios"]] == [studio_id]
    mapping = {"StudioId": studio_id, "IdentityType": "USER", "IdentityName": "ada"}
    emr.create_studio_session_mapping(**mapping, SessionPolicyArn="arn:aws:iam::111111111111:policy/p1")
    emr.update_studio_session_mapping(**mapping, SessionPolicyArn="arn:aws:iam::111111111111:policy/p2")
    assert emr.get_studio_session_mapping(**mapping)["SessionMapping"]["SessionPolicyArn"].endswith("p2")
    emr.delete_studio_session_mapping(**mapping)
    emr.delete_studio(StudioId=studio_id)
    with pytest.raises(ClientError, match="does not exist"):
        emr.describe_studio(StudioId=studio_id)
