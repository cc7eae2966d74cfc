"""A tenant's CloudFormation stacks end by the verb that made them, where their deletion is judged and approved."""

from __future__ import annotations

from typing import Any

from delivery.cloudformation.deletions import orphans
from delivery.cloudformation.stacks import Stacks
from delivery.errors import DeliveryError
from delivery.workspace import StackId


class TemplatesLeft(DeliveryError):
    """Stacks of the tenant's own templates exist; what keeps their data is their templates' business."""

    exit_code = 1


def refuse_templates(client: Any, stack: StackId) -> None:
    """Refuse while a template of the tenant has a stack.

    Args:
        client: boto3's `cloudformation`.

    Raises:
        TemplatesLeft: see there.
    """
    found = orphans(Stacks(client).all(), stack.environment, wanted=(), tenants=(stack.name,))
    if found:
        raise TemplatesLeft(
            f"{stack}: its CloudFormation stacks are still there: {', '.join(item.name for item, _ in found)}",
            expected="a tenant whose stacks were deleted: what they retain is decided, shown and approved there",
            why="they hold resources with the tenant's tags, and may use its key and roles",
            fix=f"sluice cloudformation apply --env {stack.environment} --tenant {stack.name}, then run this again",
        )
