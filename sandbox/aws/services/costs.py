"""Budgets and cost anomaly monitors: what the Terraform provider needs beyond moto. Nothing is ever spent here."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.budgets.models import budgets_backends
from moto.budgets.responses import BudgetsResponse
from moto.ce.responses import CostExplorerResponse

from sandbox.aws.operations import Call, CallRefused, Service

budgets = Service(BudgetsResponse)
cost_explorer = Service(CostExplorerResponse)

NOTIFICATION_KEY = ("NotificationType", "ComparisonOperator", "Threshold")

_tags: dict[str, dict[str, str]] = {}
"""{ARN of a budget or monitor: {key: value}}."""
_monitors: dict[str, dict[str, Any]] = {}
"""{ARN: the members of `AnomalyMonitor`}."""
_subscriptions: dict[str, dict[str, Any]] = {}
"""{ARN: the members of `AnomalySubscription`}."""


@budgets.amend("CreateBudget")
def _keep_tags(call: Call, _: Any) -> None:
    _tag(f"arn:aws:budgets::{call['AccountId']}:budget/{call['Budget']['BudgetName']}", call.get("ResourceTags", []))


@budgets.answer("UpdateBudget")
def _update_budget(call: Call) -> None:
    _budget(call, call["NewBudget"]["BudgetName"]).budget.update(call["NewBudget"])


@budgets.answer("DescribeSubscribersForNotification")
def _subscribers(call: Call) -> Mapping[str, Any]:
    return {"Subscribers": _notification(call).subscribers}


@budgets.answer("CreateSubscriber")
def _subscribe(call: Call) -> None:
    _notification(call).subscribers.append(call["Subscriber"])


@budgets.answer("DeleteSubscriber")
def _unsubscribe(call: Call) -> None:
    _notification(call).subscribers.remove(call["Subscriber"])


@budgets.answer("ListTagsForResource")
def _budget_tags(call: Call) -> Mapping[str, Any]:
    return _tags_of(call["ResourceARN"])


@budgets.answer("TagResource")
def _tag_budget(call: Call) -> None:
    _tag(call["ResourceARN"], call["ResourceTags"])


@budgets.answer("UntagResource")
def _untag_budget(call: Call) -> None:
    _untag(call["ResourceARN"], call["ResourceTagKeys"])


@cost_explorer.answer("CreateAnomalyMonitor")
def _create_monitor(call: Call) -> Mapping[str, Any]:
    arn = f"arn:aws:ce::{call.account}:anomalymonitor/{uuid.uuid4()}"
    _monitors[arn] = {**call["AnomalyMonitor"], "MonitorArn": arn, "CreationDate": datetime.now(UTC).date().isoformat()}
    _tag(arn, call.get("ResourceTags", []))
    return {"MonitorArn": arn}


@cost_explorer.answer("GetAnomalyMonitors")
def _get_monitors(call: Call) -> Mapping[str, Any]:
    return {"AnomalyMonitors": _chosen(_monitors, call, "MonitorArnList")}


@cost_explorer.answer("UpdateAnomalyMonitor")
def _update_monitor(call: Call) -> Mapping[str, Any]:
    _existing(_monitors, call["MonitorArn"]).update(call.parameters)
    return {"MonitorArn": call["MonitorArn"]}


@cost_explorer.answer("DeleteAnomalyMonitor")
def _delete_monitor(call: Call) -> None:
    _existing(_monitors, call["MonitorArn"])
    del _monitors[call["MonitorArn"]]


@cost_explorer.answer("CreateAnomalySubscription")
def _create_subscription(call: Call) -> Mapping[str, Any]:
    arn = f"arn:aws:ce::{call.account}:anomalysubscription/{uuid.uuid4()}"
    _subscriptions[arn] = {**call["AnomalySubscription"], "SubscriptionArn": arn, "AccountId": call.account}
    _tag(arn, call.get("ResourceTags", []))
    return {"SubscriptionArn": arn}


@cost_explorer.answer("GetAnomalySubscriptions")
def _get_subscriptions(call: Call) -> Mapping[str, Any]:
    return {"AnomalySubscriptions": _chosen(_subscriptions, call, "SubscriptionArnList")}


@cost_explorer.answer("UpdateAnomalySubscription")
def _update_subscription(call: Call) -> Mapping[str, Any]:
    _existing(_subscriptions, call["SubscriptionArn"]).update(call.parameters)
    return {"SubscriptionArn": call["SubscriptionArn"]}


@cost_explorer.answer("DeleteAnomalySubscription")
def _delete_subscription(call: Call) -> None:
    _existing(_subscriptions, call["SubscriptionArn"])
    del _subscriptions[call["SubscriptionArn"]]


@cost_explorer.answer("ListTagsForResource")
def _monitor_tags(call: Call) -> Mapping[str, Any]:
    return _tags_of(call["ResourceArn"])


@cost_explorer.answer("TagResource")
def _tag_monitor(call: Call) -> None:
    _tag(call["ResourceArn"], call["ResourceTags"])


@cost_explorer.answer("UntagResource")
def _untag_monitor(call: Call) -> None:
    _untag(call["ResourceArn"], call["ResourceTagKeys"])


def _budget(call: Call, name: str) -> Any:
    found = budgets_backends[call.account]["aws"].budgets[call["AccountId"]].get(name)
    if found is None:
        raise CallRefused("NotFoundException", f"Unable to find budget {name}")
    return found


def _notification(call: Call) -> Any:
    for notification in _budget(call, call["BudgetName"]).notifications:
        if all(notification.details.get(key) == call["Notification"].get(key) for key in NOTIFICATION_KEY):
            return notification
    raise CallRefused("NotFoundException", "Unable to find the notification")


def _tag(arn: str, tags: list[dict[str, str]]) -> None:
    _tags.setdefault(arn, {}).update({tag["Key"]: tag["Value"] for tag in tags})


def _untag(arn: str, keys: list[str]) -> None:
    for key in keys:
        _tags.get(arn, {}).pop(key, None)


def _tags_of(arn: str) -> Mapping[str, Any]:
    return {"ResourceTags": [{"Key": key, "Value": value} for key, value in _tags.get(arn, {}).items()]}


def _existing(records: dict[str, dict[str, Any]], arn: str) -> dict[str, Any]:
    try:
        return records[arn]
    except KeyError:
        raise CallRefused("UnknownMonitorException", f"{arn} does not exist") from None


def _chosen(records: Mapping[str, dict[str, Any]], call: Call, member: str) -> list[dict[str, Any]]:
    wanted = call.get(member) or [arn for arn in records if arn.split(":")[4] == call.account]
    return [records[arn] for arn in wanted if arn in records]
