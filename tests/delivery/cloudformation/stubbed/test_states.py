"""What each state of a stack allows, waiting for one to come to rest, and what gets out of those that are stuck."""

from __future__ import annotations

import pytest
from botocore.stub import Stubber

from delivery.cloudformation.stacks import Stacks, StackStuck, StackTimeout
from delivery.cloudformation.states import clear_way, continue_rollback, ready
from tests.delivery.cloudformation.stubbed.answers import ARN, NAME, happened, holds, is_in


@pytest.mark.parametrize(
    "status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"]
)
def test_a_stack_at_rest_is_updated(stacks: Stacks, stub: Stubber, status: str) -> None:
    is_in(stub, status)
    found = ready(stacks, NAME)
    assert found is not None and found.status == status


@pytest.mark.parametrize("status", ["", "REVIEW_IN_PROGRESS"])
def test_where_there_is_none_one_is_created(stacks: Stacks, stub: Stubber, status: str) -> None:
    is_in(stub, status)
    assert ready(stacks, NAME) is None


def test_what_moves_is_waited_for(stacks: Stacks, stub: Stubber, told: list[tuple[str, str]]) -> None:
    is_in(stub, "UPDATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE")
    assert ready(stacks, NAME) is not None
    assert [what for _, what in told] == ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"]


def test_patience_ends(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, *["CREATE_IN_PROGRESS"] * 4)
    with pytest.raises(StackTimeout, match="still CREATE_IN_PROGRESS"):
        ready(stacks, NAME)


def test_a_stack_that_is_deleted_meanwhile_is_none(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "DELETE_IN_PROGRESS", "")
    assert ready(stacks, NAME) is None


@pytest.mark.parametrize(
    ("status", "way_out"),
    [
        ("UPDATE_ROLLBACK_FAILED", "--continue-rollback"),
        ("ROLLBACK_FAILED", "delete by hand"),
        ("DELETE_FAILED", "delete-stack"),
        ("CREATE_FAILED", "delete the stack"),
        ("UPDATE_FAILED", "rollback-stack"),
        ("IMPORT_ROLLBACK_FAILED", "AWS Support"),
        ("SOMETHING_NEW", "does not know that state"),
    ],
)
def test_what_is_stuck_says_why_and_what_to_do(stacks: Stacks, stub: Stubber, status: str, way_out: str) -> None:
    is_in(stub, status)
    happened(
        stub,
        (NAME, status, "The following resource(s) failed"),
        ("Queue", "UPDATE_FAILED", "the queue is gone"),
        (NAME, "UPDATE_IN_PROGRESS", "User Initiated"),
        ("Queue", "CREATE_FAILED", "of an earlier attempt"),
    )
    with pytest.raises(StackStuck) as caught:
        ready(stacks, NAME)
    assert "Queue (AWS::SQS::Queue): the queue is gone" in caught.value.why
    assert "earlier" not in caught.value.why
    assert way_out in caught.value.fix
    assert caught.value.exit_code == 3


def test_a_creation_that_failed_is_cleared_away(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "ROLLBACK_COMPLETE")
    holds(stub, Topic=("AWS::SNS::Topic", "DELETE_SKIPPED"), Queue=("AWS::SQS::Queue", "DELETE_COMPLETE"))
    stub.add_response("delete_stack", {}, {"StackName": ARN})
    is_in(stub, "DELETE_IN_PROGRESS", "DELETE_COMPLETE")
    clear_way(stacks, NAME)


@pytest.mark.parametrize("type", ["AWS::SQS::Queue", "AWS::DynamoDB::Table", "Custom::Thing"])
def test_a_creation_that_left_data_is_not_cleared_away(stacks: Stacks, stub: Stubber, type: str) -> None:
    for step in (ready, clear_way):
        is_in(stub, "ROLLBACK_COMPLETE")
        holds(stub, Queue=(type, "DELETE_SKIPPED"))
        with pytest.raises(StackStuck, match=r"left data behind: Queue"):
            step(stacks, NAME)


def test_a_rollback_is_continued(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "UPDATE_ROLLBACK_FAILED")
    stub.add_response("continue_update_rollback", {}, {"StackName": ARN})
    continue_rollback(stacks, NAME)
    is_in(stub, "UPDATE_COMPLETE")
    continue_rollback(stacks, NAME)
