"""What each state of a stack allows, and how one gets out of those that allow nothing."""

from __future__ import annotations

from delivery.cloudformation.changes import is_stateful
from delivery.cloudformation.stacks import REVIEW, UPDATABLE, Stack, Stacks, StackStuck

GONE = frozenset({"DELETE_COMPLETE"})


def ready(stacks: Stacks, name: str) -> Stack | None:
    """Return the stack that a change set would update; None where one would create it.

    Waits while something is in progress. Deletes nothing: `clear_way` does, once it is about to be created anew.

    Raises:
        StackStuck: its state allows neither; the message says what to do.
    """
    stack = stacks.at_rest(name)
    if stack is None or stack.status == REVIEW:
        return None
    if stack.status in UPDATABLE:
        return stack
    if stack.status == "ROLLBACK_COMPLETE":
        _require_nothing_kept(stacks, stack)
        return None
    raise _stuck(stacks, stack)


def clear_way(stacks: Stacks, name: str) -> None:
    """Delete what is left of a creation that failed, so that the stack can be created anew.

    Raises:
        StackStuck: it left data behind, or does not go away.
    """
    stack = stacks.find(name)
    if stack is None or stack.status != "ROLLBACK_COMPLETE":
        return
    _require_nothing_kept(stacks, stack)
    stacks.listener(name, "deleting what is left of a creation that failed")
    stacks.client.delete_stack(StackName=stack.id)
    left = stacks.at_rest(stack.id)
    if left is not None:
        raise _stuck(stacks, left)


def continue_rollback(stacks: Stacks, name: str) -> None:
    """Have CloudFormation try again to roll a failed update back, and wait for it; do nothing in any other state."""
    stack = stacks.at_rest(name)
    if stack is not None and stack.status == "UPDATE_ROLLBACK_FAILED":
        stacks.listener(name, "rolling back again")
        stacks.client.continue_update_rollback(StackName=stack.id)


def _require_nothing_kept(stacks: Stacks, stack: Stack) -> None:
    kept = [
        f"{item['LogicalResourceId']} ({item['ResourceType']} {item.get('PhysicalResourceId', '')})"
        for item in stacks.resources(stack)
        if item["ResourceStatus"] not in GONE and is_stateful(item["ResourceType"])
    ]
    if kept:
        raise StackStuck(
            f"{stack.name}: its creation failed and was rolled back, and left data behind: {', '.join(kept)}",
            why="a stack that is created anew would find those names taken, and deleting them is a decision",
            fix="look at what they hold; delete them, or import them, then delete the stack and run this again",
        )


def _stuck(stacks: Stacks, stack: Stack) -> StackStuck:
    reasons = stacks.failures(stack)
    way_out = {
        "UPDATE_ROLLBACK_FAILED": (
            "mend what the reason names, then: sluice cloudformation apply --env ENV --continue-rollback; as a last "
            f"resort: aws cloudformation continue-update-rollback --stack-name {stack.name} "
            "--resources-to-skip LOGICAL_ID"
        ),
        "DELETE_FAILED": f"mend what the reason names, then: aws cloudformation delete-stack --stack-name {stack.name}",
        "ROLLBACK_FAILED": "delete by hand what the reason names, then delete the stack and run this again",
        "CREATE_FAILED": "look at what was made, delete the stack, and run this again",
        "IMPORT_ROLLBACK_FAILED": "mend what the reason names; AWS Support can continue the rollback",
        "UPDATE_FAILED": f"roll it back: aws cloudformation rollback-stack --stack-name {stack.name}",
    }
    return StackStuck(
        f"{stack.name}: is {stack.status}",
        expected="a stack at rest, whose last operation ended well or was rolled back",
        why="\n            ".join(reasons or [stack.reason or "CloudFormation gives no reason"]),
        fix=way_out.get(stack.status, "this program does not know that state: look at the stack's events"),
    )
