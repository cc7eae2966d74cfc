"""Change sets and deletions that are executed: what is opened and closed again, and what failed is said."""

from __future__ import annotations

import pytest
from botocore.stub import Stubber

from delivery.cloudformation.approving import by_digest, nothing
from delivery.cloudformation.changes import Kind, ResourceChange, StackPlan
from delivery.cloudformation.execution import execute, stack_policy
from delivery.cloudformation.rollout import CloudRefused, apply_stacks
from delivery.cloudformation.stacks import StackFailed, Stacks
from tests.delivery.cloudformation.stubbed.answers import ARN, CHANGE_SET, NAME, happened, is_in

PLAN = StackPlan("dev", "claims", NAME, Kind.UPDATE, (), CHANGE_SET, "d" * 64)
REPLACED = ResourceChange("Queue", "AWS::SQS::Queue", "replace", "queue-1")


def test_an_approved_replacement_opens_the_stack_and_closes_it_again(stacks: Stacks, stub: Stubber) -> None:
    plan = StackPlan("dev", "claims", NAME, Kind.UPDATE, (REPLACED,), CHANGE_SET, "d" * 64)
    open_, closed = stack_policy(is_open=True), stack_policy()
    stub.add_response("set_stack_policy", {}, {"StackName": NAME, "StackPolicyBody": open_})
    stub.add_response("execute_change_set", {}, {"StackName": NAME, "ChangeSetName": CHANGE_SET})
    is_in(stub, "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")
    stub.add_response("set_stack_policy", {}, {"StackName": NAME, "StackPolicyBody": closed})
    stub.add_response("set_stack_policy", {}, {"StackName": NAME, "StackPolicyBody": closed})
    stub.add_response("update_termination_protection", {}, {"StackName": NAME, "EnableTerminationProtection": True})
    apply_stacks(stacks, [plan], by_digest([plan.digest]))


def test_an_update_that_was_rolled_back_says_what_failed_first(stacks: Stacks, stub: Stubber) -> None:
    stub.add_response("set_stack_policy", {})
    stub.add_response("execute_change_set", {})
    is_in(stub, "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE")
    stub.add_response("set_stack_policy", {})
    happened(
        stub,
        ("Second", "UPDATE_FAILED", "Resource update cancelled"),
        ("First", "UPDATE_FAILED", "Access Denied"),
        (NAME, "UPDATE_IN_PROGRESS", "User Initiated"),
    )
    with pytest.raises(StackFailed) as caught:
        execute(stacks, PLAN)
    assert "UPDATE_ROLLBACK_COMPLETE" in caught.value.what
    assert caught.value.why.startswith("First (AWS::SQS::Queue): Access Denied")


def test_what_was_not_executed_is_removed(stacks: Stacks, stub: Stubber) -> None:
    """The second stack's change set must not wait for somebody to execute it in the console."""
    second = StackPlan("dev", "claims", NAME, Kind.UPDATE, (), f"{CHANGE_SET}2", "e" * 64)
    stub.add_response("set_stack_policy", {})
    stub.add_client_error("execute_change_set", "AccessDenied", "not authorized to perform: ExecuteChangeSet")
    stub.add_response("set_stack_policy", {})
    for change_set in (CHANGE_SET, second.change_set):
        stub.add_response("delete_change_set", {}, {"StackName": NAME, "ChangeSetName": change_set})
    with pytest.raises(CloudRefused, match="ExecuteChangeSet") as caught:
        apply_stacks(stacks, [PLAN, second], nothing)
    assert caught.value.exit_code == 3


def test_a_protected_stack_is_opened_and_closed_again_where_its_deletion_fails(stacks: Stacks, stub: Stubber) -> None:
    plan = StackPlan("dev", "claims", NAME, Kind.DELETE, digest="d" * 64)
    is_in(stub, "CREATE_COMPLETE", EnableTerminationProtection=True)
    stub.add_response("update_termination_protection", {}, {"StackName": NAME, "EnableTerminationProtection": False})
    stub.add_response("delete_stack", {}, {"StackName": ARN})
    is_in(stub, "DELETE_IN_PROGRESS", "DELETE_FAILED")
    stub.add_response("set_stack_policy", {})
    stub.add_response("update_termination_protection", {}, {"StackName": NAME, "EnableTerminationProtection": True})
    happened(
        stub, ("Bucket", "DELETE_FAILED", "The bucket is not empty"), (NAME, "DELETE_IN_PROGRESS", "User Initiated")
    )
    with pytest.raises(StackFailed, match="The bucket is not empty"):
        execute(stacks, plan)
