"""CloudFormation: termination protection, which moto keeps and lets nobody change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.cloudformation.models import cloudformation_backends
from moto.cloudformation.responses import CloudFormationResponse

from sandbox.aws.operations import Call, CallRefused, Service

cloudformation = Service(CloudFormationResponse)


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


def _stack(call: Call) -> Any:
    name = call["StackName"]
    for stack in cloudformation_backends[call.account][call.region].stacks.values():
        if name in (stack.name, stack.stack_id):
            return stack
    raise CallRefused("ValidationError", f"Stack [{name}] does not exist")
