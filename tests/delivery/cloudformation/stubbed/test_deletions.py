"""Stacks whose template is gone: what their deletion would let go of."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.stub import Stubber

from delivery.cloudformation.deletions import plan_deletion
from delivery.cloudformation.stacks import Stacks, StackStuck
from tests.delivery.cloudformation.conftest import QUEUE
from tests.delivery.cloudformation.stubbed.answers import NAME, holds, is_in


def deletes(stub: Stubber, template: Any, **resources: tuple[str, str]) -> None:
    is_in(stub, "CREATE_COMPLETE")
    stub.add_response("get_template", {"TemplateBody": template})
    holds(stub, **resources)


def test_a_deletion_says_what_is_lost_and_what_is_kept(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "CREATE_COMPLETE")
    stack = stacks.find(NAME)
    assert stack is not None
    for template, is_kept in (
        (QUEUE, True),
        ("[", False),
        ('{"Resources": {"Queue": {"DeletionPolicy": "Delete"}}}', False),
    ):
        deletes(
            stub,
            template,
            Queue=("AWS::SQS::Queue", "CREATE_COMPLETE"),
            Topic=("AWS::SNS::Topic", "UPDATE_COMPLETE"),
            Gone=("AWS::SQS::Queue", "DELETE_COMPLETE"),
        )
        plan = plan_deletion(stacks, "dev", "claims", stack)
        assert [(item.logical_id, item.is_kept) for item in plan.destructive] == [("Queue", is_kept)]
        assert [item.logical_id for item in plan.changes] == ["Queue", "Topic"]
        assert not plan.is_empty


def test_a_stack_that_cannot_be_deleted_now_is_told(stacks: Stacks, stub: Stubber) -> None:
    is_in(stub, "UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED")
    stack = stacks.find(NAME)
    assert stack is not None
    with pytest.raises(StackStuck, match="its template is gone from Git, and it is UPDATE_ROLLBACK_FAILED"):
        plan_deletion(stacks, "dev", "claims", stack)
