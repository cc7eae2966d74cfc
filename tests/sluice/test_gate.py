"""`sluice gate --plans affected`: exactly the stacks that a change touches, environment by environment."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from delivery.affected import Affected
from delivery.workspace import StackId
from policies.gate import Request
from policies.result import GateResult
from sluice import cli
from sluice.commands import affected
from sluice.commands import gate as gating
from tests.policies.report import sample

ROOT = Path(__file__).parents[2]
ASKED = ["gate", "--changed-since", "HEAD", "--plans", "affected"]


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[Request]]:
    """The requests that reach the gate, which passes all of them."""
    seen: list[Request] = []

    def passes(request: Request, progress: object) -> GateResult:
        del progress
        seen.append(request)
        stacks = tuple(f"{name}/{tenant}" for name in request.environments for tenant in request.tenants)
        return replace(sample.run(), environments=request.environments, stacks=stacks)

    monkeypatch.setattr(gating, "run_gate", passes)
    monkeypatch.setattr(gating, "_kept", lambda request, progress: {})
    monkeypatch.setattr(gating, "_write", lambda root, result, reports: None)
    monkeypatch.setattr(gating, "_changed", lambda root, revision: frozenset({"tenants/annuity/tenant.yaml"}))
    monkeypatch.chdir(tmp_path)
    yield seen
    gc.enable()  # a run of the gate leaves it off, for its process ends


def touched(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    stacks = tuple(StackId(*name.split("/")) for name in names)
    monkeypatch.setattr(affected, "affected_since", lambda root, revision: Affected(stacks, stacks, ()))


def test_each_environment_with_its_own_stacks(requests: list[Request], monkeypatch: pytest.MonkeyPatch) -> None:
    touched(monkeypatch, "dev/annuity", "dev/platform", "prod/annuity")
    cli.run(ASKED)
    assert [(request.environments, request.tenants, request.changed) for request in requests] == [
        (("dev",), ("annuity", "platform"), None),
        (("prod",), ("annuity",), None),
    ]
    assert all(request.plans == {} for request in requests)


def test_nothing_touched_still_looks_at_what_stacks_share(
    requests: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    touched(monkeypatch)
    cli.run(ASKED)
    assert [(request.environments, request.tenants, request.changed) for request in requests] == [((), (), frozenset())]


def test_runs_over_environments_are_one() -> None:
    finding = sample.judgements()[0]
    dev = replace(sample.run([finding]), environments=("dev",), stacks=("dev/annuity",), notes=("a",))
    prod = replace(sample.run([finding]), environments=("prod",), stacks=("prod/annuity",), notes=("a", "b"))
    both = gating.merged([dev, prod])
    assert (both.environments, both.stacks, both.notes) == (
        ("dev", "prod"),
        ("dev/annuity", "prod/annuity"),
        ("a", "b"),
    )
    assert both.judgements == (finding,)


@pytest.mark.parametrize("more", [["--env", "dev"], ["--tenant", "annuity"], ["--plan-dir", "."]])
def test_it_decides_on_the_stacks_itself(requests: list[Request], more: list[str]) -> None:
    assert cli.run([*ASKED, *more]) == 2
    assert requests == []


def test_it_needs_something_to_compare_with(requests: list[Request]) -> None:
    assert cli.run(["gate", "--plans", "affected"]) == 2
