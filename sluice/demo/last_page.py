"""The demo's last page: what ran, what is published, what the reports say, and whether the numbers are right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from generator.names import Names
from generator.spec import load_environments
from sandbox.lifecycle import Sandbox
from sluice.demo import findings
from sluice.demo.story import DemoFailed, Story

TENANT = "annuity"


def show(story: Story, running: Sandbox) -> None:
    """Print the page.

    Raises:
        DemoFailed: something was published twice, a cluster is left, or a value differs from its reference.
    """
    console = story.console
    console.rule("[bold]What happened[/bold]")
    _runs(story)
    for environment, spec in load_environments(story.root).items():
        names = Names(spec, TENANT)
        console.print(f"\n[bold]{environment}[/bold], account {spec.account_id}", highlight=False)
        _clusters(console, findings.clusters(running, spec.account_id), is_long_running=spec.is_long_running)
        _published(console, findings.published(running, environment, TENANT))
        for report in ("block_movement", "reconciliation_status"):
            sql = f"SELECT * FROM {names.schema}.{report} ORDER BY 1, 2, 3"  # noqa: S608 -- names of ours
            columns, rows = findings.query(running, names, sql)
            _report(console, f"Report {report} from Redshift", columns, rows)
        _references(console, findings.references(running, names, story.as_of))
    _times(story)


def _runs(story: Story) -> None:
    rows = [
        [environment, run.run_id, run.state, ", ".join(f"{n} {s}" for s, n in Counter(run.tasks.values()).items())]
        for environment, run in story.runs
    ]
    _table(story.console, "DAG runs", ["environment", "run", "state", "tasks"], rows)


def _clusters(console: Console, clusters: list[findings.Cluster], *, is_long_running: bool) -> None:
    rows = [
        [
            item.cluster_id,
            item.name,
            item.state,
            item.reason,
            ", ".join(f"{n.split('/')[0]} {s}" for n, s in item.steps),
        ]
        for item in clusters
    ]
    _table(console, "EMR clusters", ["cluster", "name", "state", "reason", "steps"], rows)
    alive = [item for item in clusters if not item.state.startswith("TERMINAT")]
    if len(alive) != int(is_long_running):
        raise DemoFailed(f"{len(alive)} clusters are alive, expected {int(is_long_running)}")


def _published(console: Console, versions: Sequence[Any]) -> None:
    rows = [[v.dataset, v.as_of, v.sequence, v.row_count, f"{v.version_id}\n{v.location}"] for v in versions]
    _table(console, "Published datasets", ["dataset", "as of", "no.", "rows", "version and location"], rows)
    twice = [key for key, count in Counter((v.dataset, v.as_of) for v in versions).items() if count > 1]
    if twice:
        raise DemoFailed(f"published more than once: {twice}")


def _report(console: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a report; one with many columns and few rows is turned on its side."""
    if len(columns) > 8 and len(rows) <= 4:
        turned = list(zip(columns, *rows, strict=True))
        _table(console, title, ["", *map(str, turned[1][1:])], [turned[0], *turned[2:]])
    else:
        _table(console, title, columns, rows)


def _references(console: Console, references: list[findings.Reference]) -> None:
    rows = [[r.title, r.expected, r.computed, "agrees" if r.agrees else "DIFFERS"] for r in references]
    _table(console, "Reference values (lifelib 0.17.2)", ["value", "reference", "computed", ""], rows)
    wrong = [r.title for r in references if not r.agrees]
    if wrong:
        raise DemoFailed(f"computed values differ from their references: {', '.join(wrong)}")


def _times(story: Story) -> None:
    rows = [[title, f"{seconds:.1f}"] for title, seconds in story.seconds.items()]
    rows.append(["total", f"{sum(story.seconds.values()):.1f}"])
    _table(story.console, "Wall time", ["stage", "seconds"], rows)


def _table(console: Console, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    table = Table(title=title, title_justify="left", title_style="", box=box.SIMPLE_HEAD, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    console.print(table)
