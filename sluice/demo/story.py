"""The demo's stages, in order. Each does what a user would do with the product's verbs, and checks what it claims."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from authority.client import Authority
from delivery.plan import Plan
from delivery.plan import plan as plan_stack
from delivery.supervision import Interruption
from delivery.workspace import StackId
from generator.render import render
from generator.spec import load_environments, load_tenant
from sandbox.airflow.local import DagRun
from sandbox.lifecycle import Sandbox
from sluice import laptop
from sluice.commands.stacks import apply_all, summary
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
    again: dict[StackId, Future[Plan]] = {}
    with ThreadPoolExecutor(2) as aside:
        # While Terraform waits for databases, Airflow's are made and applied stacks are planned again.
        airflows = [aside.submit(laptop.prepare_airflow, story.root, running, name) for name in environments]
        with story.stage("Render dev and production from tenants/annuity"):
            _render(story)
        with story.stage("Plan and apply every stack of both environments"):
            variables = laptop.host_environment() | running.terraform_environment()
            apply_all(
                story.root,
                environments,
                variables,
                story.console,
                jobs=2 * len(environments),
                then=lambda stack: again.update(
                    {stack: aside.submit(plan_stack, story.root, stack, Interruption(), variables)}
                ),
            )
        for airflow in airflows:
            airflow.result()
        with story.stage("Plan every stack again: nothing is left to do"):
            _expect_empty(story, [future.result() for future in again.values()])
    with story.stage(f"Land the source files of {story.as_of}"):
        _land(story, running, environments)
    with story.stage(f"Run {DAG} in production, and in dev on its long-running cluster"):
        _run(story, running, ["prod", "dev"])
    with story.stage(f"Run {DAG} in production once more: nothing is published twice"):
        _run_once_more(story, running)
    return running


def _render(story: Story) -> None:
    result = render(story.root)
    for path in [*result.added, *result.changed, *result.removed]:
        story.console.print(f"   changed {path}", highlight=False)
    changed = len(result.added) + len(result.changed) + len(result.removed)
    story.console.print(f"   {changed} files changed, {len(result.unchanged)} are as committed", highlight=False)


def _expect_empty(story: Story, plans: list[Plan]) -> None:
    for item in plans:
        story.console.print(f"   {summary(item)}", highlight=False)
    left = [str(item.stack) for item in plans if not item.is_empty]
    if left:
        raise DemoFailed(f"a second plan is not empty: {', '.join(left)}")


def _land(story: Story, running: Sandbox, environments: tuple[str, ...]) -> None:
    for name in environments:
        for line in laptop.land(story.root, running, name, story.as_of, story.policies, seed=1):
            story.console.print(f"   {name}: {line}", highlight=False)


def _run_once_more(story: Story, running: Sandbox) -> None:
    authority = Authority(running.authority_url("prod"))
    before = [version.version_id for version in authority.history("annuity")]
    _run(story, running, ["prod"])
    after = [version.version_id for version in authority.history("annuity")]
    story.console.print("   open_run finds these sources published by this code already: what follows is skipped")
    story.console.print(f"   {len(before)} versions before, the same {len(after)} after", highlight=False)
    if before != after:
        raise DemoFailed(f"the second run published {sorted(map(str, set(after) - set(before)))}")


def _run(story: Story, running: Sandbox, environments: list[str]) -> None:
    """Run the DAG in each environment, side by side."""
    steps = load_tenant(story.root, "annuity").spec.jobs
    with Board(story.console) as board, ThreadPoolExecutor(len(environments)) as pool:

        def one(name: str) -> DagRun:
            rows = DagRows(board, f"{name} {DAG}", steps)
            run = laptop.run_dag(story.root, running, name, DAG, story.as_of, listener=rows)
            rows.ended(run.state)
            return run

        runs = list(pool.map(one, environments))
    story.runs += zip(environments, runs, strict=True)
    for name, run in zip(environments, runs, strict=True):
        if not run.is_successful:
            errors = "\n".join(f"  {task}: {message}" for task, message in run.errors.items())
            raise DemoFailed(f"{name} {DAG} {run.run_id}: {run.state}\n{errors}\n  log: {run.log}")
