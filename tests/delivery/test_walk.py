"""The order of stacks, and what happens to those behind a failure."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from delivery.errors import DeliveryError, NotRendered
from delivery.walk import StacksFailed, walk
from delivery.workspace import StackId
from tests.delivery.conftest import MakeStack


def rendered(repository: MakeStack, *stacks: str) -> Path:
    """Render every stack below one root and return it."""
    roots = {repository(*stack.split("/")) for stack in stacks}
    return roots.pop()


def test_platform_comes_before_its_tenants(repository: MakeStack) -> None:
    root = rendered(repository, "dev/annuity", "dev/claims", "dev/platform")
    order: list[str] = []
    walk(root, ["dev"], lambda stack: order.append(stack.name), jobs=2)
    assert order[0] == "platform"
    assert sorted(order[1:]) == ["annuity", "claims"]


def test_tenants_are_not_tried_when_their_platform_fails(repository: MakeStack) -> None:
    root = rendered(repository, "dev/annuity", "dev/platform", "prod/annuity", "prod/platform")
    seen: list[StackId] = []

    def visit(stack: StackId) -> str:
        seen.append(stack)
        if str(stack) == "dev/platform":
            raise DeliveryError("dev/platform: no")
        return "done"

    with pytest.raises(StacksFailed) as caught:
        walk(root, ["dev", "prod"], visit)
    assert StackId("dev", "annuity") not in seen
    assert StackId("prod", "annuity") in seen
    assert str(caught.value) == "dev/platform: no\nnot tried, because a stack before them failed: dev/annuity"


def test_no_more_than_jobs_at_one_time(repository: MakeStack) -> None:
    root = rendered(repository, "dev/platform", *(f"dev/t{number}" for number in range(6)))
    running, most, lock = 0, 0, threading.Lock()

    def visit(stack: StackId) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.02)
        with lock:
            running -= 1

    walk(root, ["dev"], visit, jobs=2)
    assert most == 2


def test_environment_without_a_rendered_tree(tmp_path: Path) -> None:
    with pytest.raises(NotRendered, match=r"fix: .*sluice render"):
        walk(tmp_path, ["dev"], lambda stack: None)


def test_bugs_are_not_taken_for_delivery_errors(repository: MakeStack) -> None:
    root = rendered(repository, "dev/platform")
    with pytest.raises(ZeroDivisionError):
        walk(root, ["dev"], lambda stack: 1 / 0)
