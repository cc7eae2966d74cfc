"""The demo's stages, in order. Each does what a user would do with the product's verbs, and checks what it claims."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from authority.client import migrate
from delivery.plan import Plan
from delivery.workspace import StackId
from generator.render import render
from generator.spec import load_environments
from sandbox.lifecycle import Sandbox
from sandbox.local_airflow import DagRun
from sluice import laptop
from sluice.commands.stacks import apply_all, brief, plan_all
from sluice.progress import Board, DagRows

DAG = "annuity_daily"


class DemoFailed(Exception):
    """A stage did not do what the demo claims it does."""

    exit_code = 3


@dataclass
class Story:
    """What the demo did so far.

    Attributes:
        seconds: {stage: wall time in seconds}, in order.
        runs: the DAG runs, in order, with the environment of each.
    """

    root: Path
    console: Console
    as_of: str
    policies: int
    seconds: dict[str, float] = field(default_factory=dict)
    runs: list[tuple[str, DagRun]] = field(default_factory=list)
    applied: dict[StackId, Plan] = field(default_factory=dict)

    @contextmanager
    def stage(self, title: str) -> Iterator[None]:
        """Announce a stage and time it."""
        number = len(self.seconds) + 1
        self.console.print(f"\n[bold]{number}. {title}[/bold]", highlight=False)
        started = time.monotonic()
        yield
        self.seconds[title] = time.monotonic() - started
        self.console.print(f"   {self.seconds[title]:.1f} s", style="dim", highlight=False)


def tell(story: Story) -> Sandbox:
    """Run every stage and return the local cloud, still running.

    Raises:
        DemoFailed: a second plan is not empty, or a run did not succeed.
    """
    with story.stage("Start the local cloud"):
        laptop.stop(story.root)
        running = laptop.start(story.root)
        story.console.print(f"   answers at {running.endpoint}", highlight=False)
    environments = tuple(load_environments(story.root))
    with ThreadPoolExecutor(1) as aside:
        # Airflow's databases are made while Terraform waits for databases of its own.
        airflows = [aside.submit(laptop.prepare_airflow, story.root, name) for name in environments]
        with story.stage("Render dev and production from tenants/annuity"):
            _render(story)
        with story.stage("Plan and apply every stack of both environments"):
            story.applied = apply_all(
                story.root, environments, _variables(running), story.console, jobs=2 * len(environments)
            )
        for airflow in airflows:
            airflow.result()
    with story.stage("Plan again: nothing is left to do"):
        _plan_again(story, running, environments)
    with story.stage(f"Land the source files of {story.as_of}"):
        _land(story, running, environments)
    with story.stage(f"Run {DAG} in production, and in dev on its long-running cluster"):
        _run(story, running, ["prod", "dev"])
    with story.stage(f"Run {DAG} in production once more"):
        _run(story, running, ["prod"])
    return running


def _variables(running: Sandbox) -> dict[str, str]:
    return laptop.host_environment() | running.terraform_environment()


def _render(story: Story) -> None:
    result = render(story.root)
    for path in [*result.added, *result.changed, *result.removed]:
        story.console.print(f"   changed {path}", highlight=False)
    changed = len(result.added) + len(result.changed) + len(result.removed)
    story.console.print(f"   {changed} files changed, {len(result.unchanged)} are as committed", highlight=False)


def _plan_again(story: Story, running: Sandbox, environments: tuple[str, ...]) -> None:
    plans = plan_all(story.root, environments, _variables(running), story.console, jobs=2)
    left = [item for item in plans.values() if not item.is_empty]
    if left:
        lines = [f"{item.stack}: {brief(item)}: {', '.join(c.address for c in item.changes[:5])}" for item in left]
        raise DemoFailed("a second plan is not empty\n" + "\n".join(lines))


def _land(story: Story, running: Sandbox, environments: tuple[str, ...]) -> None:
    for name in environments:
        migrate(running.authority_url(name))
        for line in laptop.land(story.root, running, name, story.as_of, story.policies, seed=1):
            story.console.print(f"   {name}: {line}", highlight=False)


def _run(story: Story, running: Sandbox, environments: list[str]) -> None:
    """Run the DAG in each environment, side by side."""
    with Board(story.console) as board, ThreadPoolExecutor(len(environments)) as pool:

        def one(name: str) -> DagRun:
            rows = DagRows(board, f"{name} {DAG}")
            run = laptop.run_dag(story.root, running, name, DAG, story.as_of, listener=rows)
            rows.ended(run.state)
            return run

        runs = list(pool.map(one, environments))
    story.runs += zip(environments, runs, strict=True)
    for name, run in zip(environments, runs, strict=True):
        if not run.is_successful:
            errors = "\n".join(f"  {task}: {message}" for task, message in run.errors.items())
            raise DemoFailed(f"{name} {DAG} {run.run_id}: {run.state}\n{errors}\n  log: {run.log}")
