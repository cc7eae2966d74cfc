"""EMR besides the cluster's own life cycle: instance fleets, managed scaling, auto-termination.

What RunJobFlow says about them is kept on moto's cluster object (`instance_fleets`, `managed_scaling_policy`,
`auto_termination_policy`), where the life cycle (`sandbox.emr.backend`) finds it. No instance exists behind a fleet.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any

from moto.emr.models import emr_backends
from moto.emr.responses import ElasticMapReduceResponse

from sandbox.aws.operations import Call, CallRefused, Service

emr = Service(ElasticMapReduceResponse)

FLEET_STATES: Mapping[str, str] = {
    "STARTING": "PROVISIONING",
    "BOOTSTRAPPING": "BOOTSTRAPPING",
    "RUNNING": "RUNNING",
    "WAITING": "RUNNING",
    "TERMINATING": "TERMINATING",
    "TERMINATED": "TERMINATED",
    "TERMINATED_WITH_ERRORS": "TERMINATED",
}
"""{state of a cluster: state of its fleets}."""
RELEASE_LABELS = ("emr-7.14.0", "emr-7.13.0", "emr-7.12.0")


def new_id(prefix: str) -> str:
    """Return an identifier like `if-2AB3C4D5E6F70`."""
    return prefix + secrets.token_hex(7).upper()[:13]


def cluster_of(call: Call, parameter: str = "ClusterId") -> Any:
    """Return moto's cluster object.

    Raises:
        CallRefused: the account has no such cluster.
    """
    cluster = emr_backends[call.account][call.region].clusters.get(call[parameter])
    if cluster is None:
        raise CallRefused("InvalidRequestException", f"Cluster id '{call[parameter]}' is not valid.")
    return cluster


@emr.amend("RunJobFlow")
def _keep_what_moto_drops(call: Call, result: Any) -> None:
    cluster = emr_backends[call.account][call.region].clusters[result["JobFlowId"]]
    instances = call.get("Instances", {})
    fleets = [_fleet(fleet) for fleet in instances.get("InstanceFleets", [])]
    cluster.instance_collection_type = "INSTANCE_FLEET" if fleets else "INSTANCE_GROUP"
    cluster.instance_fleets = fleets
    cluster.requested_subnet_ids = instances.get("Ec2SubnetIds") or [
        subnet for subnet in [instances.get("Ec2SubnetId")] if subnet
    ]
    if cluster.requested_subnet_ids:
        cluster.ec2_subnet_id = cluster.requested_subnet_ids[0]
    cluster.unhealthy_node_replacement = instances.get("UnhealthyNodeReplacement", False)
    cluster.managed_scaling_policy = call.get("ManagedScalingPolicy")
    cluster.auto_termination_policy = call.get("AutoTerminationPolicy")
    cluster.scale_down_behavior = call.get("ScaleDownBehavior", "TERMINATE_AT_TASK_COMPLETION")
    cluster.os_release_label = call.get("OSReleaseLabel")
    cluster.placement_groups = call.get("PlacementGroupConfigs", [])
    cluster.log_encryption_kms_key_id = call.get("LogEncryptionKmsKeyId")


@emr.amend("DescribeCluster")
def _requested_subnets(call: Call, result: Any) -> None:
    cluster = result["Cluster"]
    attributes = cluster.ec2_instance_attributes
    attributes.requested_ec2_subnet_ids = getattr(cluster, "requested_subnet_ids", [])
    # A property of moto's cluster makes these attributes anew each time: hand out this copy instead.
    result["Cluster"] = _Overlaid(cluster, Ec2InstanceAttributes=attributes)


class _Overlaid:
    """A model object with some members replaced, as the serialiser reads it."""

    def __init__(self, base: Any, **members: Any) -> None:
        self._base = base
        self.__dict__.update(members)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._base, name)


@emr.amend("AddInstanceGroups")
def _group_ids(call: Call, result: Any) -> None:
    """Name the new groups: without their ids the Terraform provider panics."""
    cluster = cluster_of(call, "JobFlowId")
    count = len(call["InstanceGroups"])
    result.update(JobFlowId=cluster.id, ClusterArn=cluster.arn, InstanceGroupIds=cluster.instance_group_ids[-count:])


@emr.answer("ListInstanceFleets")
def _list_fleets(call: Call) -> Mapping[str, Any]:
    cluster = cluster_of(call)
    state = FLEET_STATES[cluster.state]
    return {"InstanceFleets": [_as_listed(fleet, state) for fleet in getattr(cluster, "instance_fleets", [])]}


@emr.answer("AddInstanceFleet")
def _add_fleet(call: Call) -> Mapping[str, Any]:
    cluster = cluster_of(call)
    if cluster.instance_collection_type != "INSTANCE_FLEET":
        raise CallRefused("InvalidRequestException", "Instance fleets and instance groups are mutually exclusive.")
    fleet = _fleet(call["InstanceFleet"])
    cluster.instance_fleets.append(fleet)
    return {"ClusterId": cluster.id, "ClusterArn": cluster.arn, "InstanceFleetId": fleet["Id"]}


@emr.answer("ModifyInstanceFleet")
def _modify_fleet(call: Call) -> None:
    change = call["InstanceFleet"]
    for fleet in cluster_of(call).instance_fleets:
        if fleet["Id"] == change["InstanceFleetId"]:
            fleet.update({name: change[name] for name in _TARGETS if name in change})
            return
    raise CallRefused("InvalidRequestException", f"Instance fleet id '{change['InstanceFleetId']}' is not valid.")


@emr.answer("PutManagedScalingPolicy")
def _put_scaling(call: Call) -> None:
    cluster_of(call).managed_scaling_policy = call["ManagedScalingPolicy"]


@emr.answer("GetManagedScalingPolicy")
def _get_scaling(call: Call) -> Mapping[str, Any]:
    return {"ManagedScalingPolicy": getattr(cluster_of(call), "managed_scaling_policy", None)}


@emr.answer("RemoveManagedScalingPolicy")
def _remove_scaling(call: Call) -> None:
    cluster_of(call).managed_scaling_policy = None


@emr.answer("PutAutoTerminationPolicy")
def _put_auto_termination(call: Call) -> None:
    cluster_of(call).auto_termination_policy = call["AutoTerminationPolicy"]


@emr.answer("GetAutoTerminationPolicy")
def _get_auto_termination(call: Call) -> Mapping[str, Any]:
    return {"AutoTerminationPolicy": getattr(cluster_of(call), "auto_termination_policy", None)}


@emr.answer("RemoveAutoTerminationPolicy")
def _remove_auto_termination(call: Call) -> None:
    cluster_of(call).auto_termination_policy = None


@emr.answer("ListReleaseLabels")
def _release_labels(call: Call) -> Mapping[str, Any]:
    return {"ReleaseLabels": list(RELEASE_LABELS)}


@emr.answer("ListSecurityConfigurations")
def _security_configurations(call: Call) -> Mapping[str, Any]:
    configurations = emr_backends[call.account][call.region].security_configurations.values()
    return {
        "SecurityConfigurations": [
            {"Name": each.name, "CreationDateTime": each.creation_date_time} for each in configurations
        ]
    }


_TARGETS = ("TargetOnDemandCapacity", "TargetSpotCapacity")


def _fleet(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return `InstanceFleet` as the API lists it for the `InstanceFleetConfig` that was asked for."""
    fleet = {
        "Id": new_id("if-"),
        "Name": config.get("Name", ""),
        "InstanceFleetType": config["InstanceFleetType"],
        "CreationDateTime": time.time(),
        "InstanceTypeSpecifications": [_instance_type(each) for each in config.get("InstanceTypeConfigs", [])],
        **{target: config.get(target) or 0 for target in _TARGETS},
    }
    for member in ("LaunchSpecifications", "ResizeSpecifications", "Context"):
        if member in config:
            fleet[member] = config[member]
    return fleet


def _instance_type(config: Mapping[str, Any]) -> dict[str, Any]:
    ebs = config.get("EbsConfiguration") or {}
    volumes = [
        device["VolumeSpecification"]
        for device in ebs.get("EbsBlockDeviceConfigs", [])
        for _ in range(device.get("VolumesPerInstance") or 1)
    ]
    kept = {name: value for name, value in config.items() if name != "EbsConfiguration"}
    return {
        "WeightedCapacity": 1,
        "Configurations": [],
        **kept,
        "EbsBlockDevices": [
            {"VolumeSpecification": volume, "Device": f"/dev/sd{letter}"}
            for letter, volume in zip("bcdefghijklmnopqrstuvwxyz", volumes, strict=False)
        ],
    }


def _as_listed(fleet: Mapping[str, Any], state: str) -> dict[str, Any]:
    provisioned = state == "RUNNING"
    return {
        **fleet,
        "Status": {
            "State": state,
            "StateChangeReason": {"Message": ""},
            "Timeline": {"CreationDateTime": fleet["CreationDateTime"]},
        },
        "ProvisionedOnDemandCapacity": fleet["TargetOnDemandCapacity"] if provisioned else 0,
        "ProvisionedSpotCapacity": fleet["TargetSpotCapacity"] if provisioned else 0,
    }
