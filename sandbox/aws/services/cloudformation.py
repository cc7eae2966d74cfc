"""CloudFormation: termination protection, which moto keeps and lets nobody change, and drift, which it never finds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.cloudformation.models import cloudformation_backends
from moto.cloudformation.responses import CloudFormationResponse

from sandbox.aws.operations import Call, CallRefused, Service
from sandbox.aws.services.stack_drift import drifts

cloudformation = Service(CloudFormationResponse)
_looks: dict[str, tuple[str, datetime]] = {}
"""{id of a comparison: (ARN of its stack, when it was made)}."""


@cloudformation.answer("UpdateTerminationProtection")
def _protect(call: Call) -> Mapping[str, Any]:
    stack = _stack(call)
    stack.enable_termination_protection = call["EnableTerminationProtection"]
    return {"StackId": stack.stack_id}


@cloudformation.amend("DescribeStacks")
def _show_protection(call: Call, result: Any) -> None:
    """moto describes stacks by its model objects, of which only members of the API's names are written."""
    for stack in result["Stacks"]:
        stack.EnableTerminationProtection = bool(stack.enable_termination_protection)


@cloudformation.answer("DetectStackDrift")
def _look(call: Call) -> Mapping[str, Any]:
    look = str(uuid4())
    _looks[look] = (_stack(call).stack_id, datetime.now(UTC))
    return {"StackDriftDetectionId": look}


@cloudformation.answer("DescribeStackDriftDetectionStatus")
def _looked(call: Call) -> Mapping[str, Any]:
    look = call["StackDriftDetectionId"]
    if look not in _looks:
        raise CallRefused("ValidationError", f"Drift detection {look} does not exist")
    stack, at = _looks[look]
    return {"StackId": stack, "StackDriftDetectionId": look, "DetectionStatus": "DETECTION_COMPLETE", "Timestamp": at}


@cloudformation.answer("DescribeStackResourceDrifts")
def _drifts(call: Call) -> Mapping[str, Any]:
    now = datetime.now(UTC)
    return {"StackResourceDrifts": [{**drift, "Timestamp": now} for drift in drifts(_stack(call))]}


def _stack(call: Call) -> Any:
    name = call["StackName"]
    for stack in cloudformation_backends[call.account][call.region].stacks.values():
        if name in (stack.name, stack.stack_id):
            return stack
    raise CallRefused("ValidationError", f"Stack [{name}] does not exist")
