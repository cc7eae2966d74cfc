"""A plan is read where its events cannot tell what scaled by itself, and only there."""

from __future__ import annotations

from pathlib import Path

import pytest

from delivery.plan import Change, Plan
from delivery.plan_digest import StateVersion
from delivery.plan_reading import ReadPlan
from delivery.plan_summary import StackSummary
from delivery.workspace import StackId
from sluice import planning
from sluice.planning import PlanReader, brief, summary

FLEET = Change("module.emr_cluster.aws_emr_instance_fleet.task", "aws_emr_instance_fleet", "update")
PARAMETER = Change("aws_ssm_parameter.this", "aws_ssm_parameter", "update")
STACK = StackId("dev", "platform")


def made(change: Change, *drifted: str) -> Plan:
    return Plan(STACK, Path(), (change,), "", drifted=frozenset(drifted))


@pytest.fixture(autouse=True)
def read(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """The plans that were read; in each only something has scaled by itself."""
    seen: list[Plan] = []

    def reading(planned: Plan, variables: object) -> ReadPlan:
        seen.append(planned)
        return ReadPlan(planned, {}, StateVersion("", 0), StackSummary(str(STACK), "", (), scaled=(FLEET.address,)))

    monkeypatch.setattr(planning, "read_plan", reading)
    return seen


def test_what_scaled_by_itself_is_no_change(read: list[Plan]) -> None:
    reader = PlanReader({}, everything=False)
    assert brief(reader(made(FLEET, FLEET.address))) == "no changes"
    assert summary(reader.shown[STACK]) == "dev/platform: no changes"
    assert len(read) == 1


@pytest.mark.parametrize("plan", [made(FLEET), made(PARAMETER, PARAMETER.address), made(PARAMETER, FLEET.address)])
def test_any_other_plan_is_told_by_its_events(plan: Plan, read: list[Plan]) -> None:
    reader = PlanReader({}, everything=False)
    assert brief(reader(plan)) == "1 to update"
    assert (read, reader.reads) == ([], {})


def test_every_plan_is_read_where_it_is_kept(read: list[Plan]) -> None:
    reader = PlanReader({}, everything=True)
    reader(made(PARAMETER))
    assert list(reader.reads) == [STACK]
