"""EC2: detailed monitoring, which moto only names, what it drops of a request to run an instance, the default key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.responses import EC2Response

from sandbox.aws.operations import Call, Service

ec2 = Service(EC2Response)


@ec2.amend("RunInstances")
def _keep_what_moto_drops(call: Call, reservation: Any) -> None:
    for instance in reservation.instances:
        instance.disable_api_termination = call.get("DisableApiTermination", False)
        if not instance.security_groups:  # they came with the network interface
            instance.security_groups = [group for nic in instance.nics.values() for group in nic.group_set]


@ec2.answer("MonitorInstances")
def _monitor(call: Call) -> Mapping[str, Any]:
    return _set_monitoring(call, "enabled")


@ec2.answer("UnmonitorInstances")
def _unmonitor(call: Call) -> Mapping[str, Any]:
    return _set_monitoring(call, "disabled")


def _set_monitoring(call: Call, state: str) -> Mapping[str, Any]:
    instances = [ec2_backends[call.account][call.region].get_instance(each) for each in call["InstanceIds"]]
    for instance in instances:
        instance.monitoring_state = state
    return {"InstanceMonitorings": [{"InstanceId": each.id, "Monitoring": {"State": state}} for each in instances]}


@ec2.answer("GetEbsDefaultKmsKeyId")
def _default_key(call: Call) -> Mapping[str, Any]:
    default = call.arn("kms", "alias/aws/ebs")
    return {"KmsKeyId": getattr(ec2_backends[call.account][call.region], "default_kms_key_id", None) or default}


@ec2.answer("ResetEbsDefaultKmsKeyId")
def _reset_default_key(call: Call) -> Mapping[str, Any]:
    ec2_backends[call.account][call.region].default_kms_key_id = None
    return {"KmsKeyId": call.arn("kms", "alias/aws/ebs")}
