"""What differs between a stack's resources and its template, of queues and topics.

As on AWS, only properties that the template names count, and a type that cannot be compared is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.cloudformation.parsing import clean_json
from moto.core.utils import camelcase_to_underscores
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

COMPARED = {
    "AWS::SQS::Queue": ("DelaySeconds", "KmsMasterKeyId", "MessageRetentionPeriod", "VisibilityTimeout"),
    "AWS::SNS::Topic": ("DisplayName", "KmsMasterKeyId"),
}
"""{type: properties of it that are compared}."""


def drifts(stack: Any) -> list[dict[str, Any]]:
    """Return StackResourceDrifts of one of moto's stacks, of the resources that can be compared."""
    resources = stack.resource_map
    declared: Mapping[str, Any] = (
        resources._resource_json_map
    )  # template_dict is empty where a change set made the stack
    return [
        _drift(stack, name, entry, clean_json(entry.get("Properties", {}), resources))
        for name, entry in declared.items()
        if entry["Type"] in COMPARED
    ]


def _drift(stack: Any, name: str, entry: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    made = stack.resource_map[name]
    found = LIVE[entry["Type"]](stack.account_id, stack.region_name, made)
    differences = [] if found is None else list(_differences(entry["Type"], wanted, found))
    status = "DELETED" if found is None else "MODIFIED" if differences else "IN_SYNC"
    return {
        "StackId": stack.stack_id,
        "LogicalResourceId": name,
        "PhysicalResourceId": made.physical_resource_id,
        "ResourceType": entry["Type"],
        "StackResourceDriftStatus": status,
        "PropertyDifferences": differences,
    }


def _differences(type_: str, wanted: Mapping[str, Any], found: Any) -> Iterator[dict[str, str]]:
    for name in COMPARED[type_]:
        if name in wanted:
            actual = getattr(found, camelcase_to_underscores(name))
            if str(actual) != str(wanted[name]):
                difference = {"ExpectedValue": str(wanted[name]), "ActualValue": str(actual)}
                yield {"PropertyPath": f"/{name}", "DifferenceType": "NOT_EQUAL", **difference}


def _queue(account: str, region: str, made: Any) -> Any:
    return sqs_backends[account][region].queues.get(made.name)


def _topic(account: str, region: str, made: Any) -> Any:
    return sns_backends[account][region].topics.get(made.arn)


LIVE: Mapping[str, Callable[[str, str, Any], Any]] = {"AWS::SQS::Queue": _queue, "AWS::SNS::Topic": _topic}
"""{type: (account, region, what the stack made) -> what is there now, None where it is gone}."""
