"""Doing what a plan says: its change set is executed, or the stack deleted, and what is there is protected again."""

from __future__ import annotations

import json
from typing import Any

from delivery.cloudformation.changes import Kind, StackPlan
from delivery.cloudformation.stacks import Stack, StackFailed, Stacks
from policies.data.cloudformation_types import types


def execute(stacks: Stacks, plan: StackPlan) -> None:
    """Do exactly what `plan` says, and wait for its end.

    While an update runs, the stack is as open as the plan needs; afterwards it is protected whatever happened.

    Raises:
        StackFailed: CloudFormation rolled it back, or stopped; the message holds the first causes.
        StackTimeout: it still moves.
    """
    if plan.is_empty:
        return
    if plan.kind is Kind.DELETE:
        _delete(stacks, plan)
        return
    if plan.kind is Kind.UPDATE:
        _set_policy(stacks, plan.name, is_open=bool(plan.destructive))
    try:
        stacks.listener(plan.name, "executing its change set")
        stacks.client.execute_change_set(StackName=plan.name, ChangeSetName=plan.change_set)
        stack = stacks.at_rest(plan.name)
    finally:
        if plan.kind is Kind.UPDATE:
            _set_policy(stacks, plan.name)
    if stack is None or stack.status != f"{plan.kind.value.upper()}_COMPLETE":
        raise _failed(stacks, plan, stack)
    protect(stacks, plan.name)
    stacks.listener(plan.name, stack.status)


def _delete(stacks: Stacks, plan: StackPlan) -> None:
    stack = stacks.at_rest(plan.name)
    if stack is None:
        return
    stacks.listener(plan.name, "deleting the stack")
    if stack.is_protected:
        stacks.client.update_termination_protection(StackName=plan.name, EnableTerminationProtection=False)
    stacks.client.delete_stack(StackName=stack.id)
    left = stacks.at_rest(stack.id)
    if left is not None:
        protect(stacks, plan.name)
        raise _failed(stacks, plan, left)
    stacks.listener(plan.name, "DELETE_COMPLETE")


def _failed(stacks: Stacks, plan: StackPlan, stack: Stack | None) -> StackFailed:
    reasons = stacks.failures(stack) if stack else []
    return StackFailed(
        f"{plan.key}: was not done, the stack is {stack.status if stack else 'gone'}",
        why="\n            ".join(reasons or [stack.reason if stack else "somebody deleted it meanwhile"]),
        fix="mend what the reason names, commit it, and run this again: a failed creation is cleared away first",
    )


def protect(stacks: Stacks, name: str) -> None:
    """Let nobody delete the stack, or replace what holds data in it, without taking this back first."""
    _set_policy(stacks, name)
    stacks.client.update_termination_protection(StackName=name, EnableTerminationProtection=True)


def stack_policy(*, is_open: bool = False) -> str:
    """Return the stack policy: every update is allowed, but none that replaces or deletes what holds data.

    Args:
        is_open: allow those too, while an approved change set is executed.
    """
    statements: list[dict[str, Any]] = [
        {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"},
    ]
    if not is_open:
        stateful = sorted(name for name, mapped in types().items() if mapped.is_stateful)
        statements.append(
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["Update:Replace", "Update:Delete"],
                "Resource": "*",
                "Condition": {"StringEquals": {"ResourceType": stateful}},
            }
        )
    return json.dumps({"Statement": statements})


def _set_policy(stacks: Stacks, name: str, *, is_open: bool = False) -> None:
    stacks.client.set_stack_policy(StackName=name, StackPolicyBody=stack_policy(is_open=is_open))
