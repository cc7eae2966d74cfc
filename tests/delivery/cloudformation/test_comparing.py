"""Plans of a pull request, found by reading: nothing is missed that a change set would show, and nothing is made."""

from __future__ import annotations

import pytest

from delivery.cloudformation import summary
from delivery.cloudformation.approving import by_digest, nothing
from delivery.cloudformation.comparing import compare, compare_stacks
from delivery.cloudformation.proposals import ForeignStack
from delivery.cloudformation.rollout import apply_stacks, plan_stacks
from delivery.cloudformation.stacks import Stacks
from tests.delivery.cloudformation.conftest import QUEUE, TOPIC, wanted

BOTH = f"""
Parameters:
  Days: {{Type: Number, Default: 30}}
{QUEUE}
  Topic: {{Type: AWS::SNS::Topic, Properties: {{TopicName: compared-events}}}}
"""


@pytest.fixture
def deployed(stacks: Stacks) -> Stacks:
    plans = plan_stacks(stacks, "dev", [wanted("compared", BOTH, Days="30")], tenants=["claims"])
    apply_stacks(stacks, plans, nothing)
    return stacks


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("", "", []),
        ("QueueName: claims-in", "QueueName: claims-out", [("Queue", "replace")]),
        ("compared-events", "compared-facts", [("Topic", "modify")]),
        ("Default: 30", "Default: 60", []),  # the value is given
        ("  Topic: {", "  Other: {", [("Other", "add"), ("Topic", "remove")]),
        ("Type: AWS::SNS::Topic", "Type: AWS::SSM::Parameter", [("Topic", "replace")]),
    ],
)
def test_what_is_written_otherwise_is_seen(
    deployed: Stacks, old: str, new: str, changes: list[tuple[str, str]]
) -> None:
    plan = compare(deployed, wanted("compared", BOTH.replace(old, new) if old else BOTH, Days="30"))
    assert sorted((item.logical_id, item.action) for item in plan.changes) == changes
    assert plan.is_empty is not bool(changes)
    _remove(deployed)


def test_another_value_may_replace_anything(deployed: Stacks) -> None:
    for item in (wanted("compared", BOTH, Days="60"), wanted("compared", BOTH.replace("Default: 30", "Default: 60"))):
        plan = compare(deployed, item)
        assert [(change.logical_id, change.action) for change in plan.changes] == [
            ("Queue", "replace"),
            ("Topic", "modify"),
        ]
    _remove(deployed)


def test_nothing_is_made_and_nothing_can_be_applied(stacks: Stacks) -> None:
    (plan,) = compare_stacks(stacks, "dev", [wanted("shown")], tenants=["claims"])
    assert stacks.find(plan.name) is None
    assert (plan.change_set, plan.digest, plan.is_empty) == ("", "", False)
    assert "a change set tells what AWS would replace" in summary.as_text([plan])
    assert summary.as_json([plan])[plan.key]["read_only"] is True


def test_a_stack_without_a_template_is_seen(deployed: Stacks) -> None:
    (plan,) = compare_stacks(deployed, "dev", [], tenants=["claims"])
    assert [change.logical_id for change in plan.destructive] == ["Queue"]
    assert plan.digest == ""
    _remove(deployed)


def test_a_foreign_stack_is_told(stacks: Stacks) -> None:
    stacks.client.create_stack(StackName="meridian-dev-claims-foreign", TemplateBody=TOPIC.replace("events", "foreign"))
    with pytest.raises(ForeignStack):
        compare(stacks, wanted("foreign"))


def _remove(stacks: Stacks) -> None:
    plans = plan_stacks(stacks, "dev", [], tenants=["claims"])
    apply_stacks(stacks, plans, by_digest([plan.digest for plan in plans]))
