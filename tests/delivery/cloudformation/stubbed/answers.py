"""Answers of CloudFormation for a Stubber, as AWS gives them and moto never does."""

from __future__ import annotations

from typing import Any

from botocore.stub import Stubber

from tests.delivery.cloudformation.conftest import wanted

NAME = "meridian-dev-claims-store"
ARN = f"arn:aws:cloudformation:us-east-1:111111111111:stack/{NAME}/1"
CHANGE_SET = f"arn:aws:cloudformation:us-east-1:111111111111:changeSet/sluice-{'0' * 32}/1"
TAGS = [{"Key": key, "Value": value} for key, value in sorted(wanted("store").tags.items())]


def is_in(stub: Stubber, *statuses: str, **more: Any) -> None:
    """Have the stack described in these states, one after another; an empty one is no stack."""
    for status in statuses:
        if status:
            stack = {
                "StackId": ARN,
                "StackName": NAME,
                "StackStatus": status,
                "CreationTime": "2026-11-01",
                "Tags": TAGS,
            }
            stub.add_response("describe_stacks", {"Stacks": [{**stack, **more}]})
        else:
            stub.add_client_error("describe_stacks", "ValidationError", f"Stack with id {NAME} does not exist")


def holds(stub: Stubber, **resources: tuple[str, str]) -> None:
    """Have the stack's resources listed: `Logical=(type, status)`."""
    listed = [
        {
            "LogicalResourceId": name,
            "PhysicalResourceId": f"{name.lower()}-1",
            "ResourceType": type,
            "ResourceStatus": status,
            "LastUpdatedTimestamp": "2026-11-01",
        }
        for name, (type, status) in resources.items()
    ]
    stub.add_response("list_stack_resources", {"StackResourceSummaries": listed})


def happened(stub: Stubber, *events: tuple[str, str, str]) -> None:
    """Have the stack's events listed, the newest first: (logical id, status, reason)."""
    listed = [
        {
            "StackId": ARN,
            "EventId": str(index),
            "StackName": NAME,
            "LogicalResourceId": name,
            "ResourceType": "AWS::SQS::Queue",
            "ResourceStatus": status,
            "ResourceStatusReason": reason,
            "Timestamp": "2026-11-01",
        }
        for index, (name, status, reason) in enumerate(events)
    ]
    stub.add_response("describe_stack_events", {"StackEvents": listed})


def makes(stub: Stubber, *pages: dict[str, Any]) -> None:
    """Have a change set made that is described so."""
    stub.add_response("create_change_set", {"Id": CHANGE_SET, "StackId": ARN})
    for page in pages:
        stub.add_response("describe_change_set", page)


def change(logical_id: str, type: str, action: str, **more: Any) -> dict[str, Any]:
    return {
        "Type": "Resource",
        "ResourceChange": {"LogicalResourceId": logical_id, "ResourceType": type, "Action": action, **more},
    }


def whole(*changes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE", "Changes": list(changes), **more}


def is_discarded(stub: Stubber, *, with_stack: bool = False) -> None:
    stub.add_response("delete_change_set", {}, {"StackName": NAME, "ChangeSetName": CHANGE_SET})
    if with_stack:
        is_in(stub, "REVIEW_IN_PROGRESS")
        stub.add_response("delete_stack", {}, {"StackName": ARN})
        is_in(stub, "")
