"""The demo's last page: what ran, what is published, what the reports say, and whether the numbers are right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from authority.client import Version
from generator.names import Names
from generator.spec import load_environments
from sandbox.lifecycle import Sandbox
from sandbox.source_systems.generate import LEDGER_ERROR
from sluice import tables
from sluice.demo import findings
from sluice.demo.story import DemoFailed, Story

TENANT = "annuity"
PLANTED = (
    f"The difference in {LEDGER_ERROR[0]} {LEDGER_ERROR[1]} is no mistake here: "
    f"the ledger's file was made with {-LEDGER_ERROR[2]} too little, for the reconciliation to find."
)


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
        console.print(f"\n[bold]{environment}, account {spec.account_id}[/bold]", highlight=False)
        _clusters(console, findings.clusters(running, spec.account_id), is_long_running=spec.is_long_running)
        _published(console, findings.published(running, environment, TENANT))
        for report in ("block_movement", "reconciliation_status"):
            sql = f"SELECT * FROM {names.schema}.{report} ORDER BY 1, 2, 3"  # noqa: S608 -- names of ours
            columns, rows = findings.query(running, names, sql)
            _dated(console, f"Report {report} from Redshift", columns, rows)
        console.print(f"\n{PLANTED}", highlight=False)
        _references(console, findings.references(running, names, story.as_of))
    _times(story)
    console.print(
        "\n[bold]All of it as expected:[/bold] each dataset published once, and every reference value agrees."
    )


def _runs(story: Story) -> None:
    rows = [
        [environment, run.run_id, run.state, ", ".join(f"{n} {s}" for s, n in Counter(run.tasks.values()).items())]
        for environment, run in story.runs
    ]
    tables.show(story.console, ["", "run", "state", "tasks"], rows, "DAG runs")


def _clusters(console: Console, clusters: list[findings.Cluster], *, is_long_running: bool) -> None:
    rows = [
        [
            item.cluster_id,
            f"{item.name}\n{item.reason}".rstrip(),
            item.state,
            "\n".join(f"{name.split('/')[0]} {state}" for name, state in item.steps),
        ]
        for item in clusters
    ]
    tables.show(console, ["cluster", "name", "state", "steps"], rows, "EMR clusters")
    alive = [item for item in clusters if not item.state.startswith("TERMINAT")]
    if len(alive) != int(is_long_running):
        raise DemoFailed(f"{len(alive)} clusters are alive, expected {int(is_long_running)}")


def _published(console: Console, versions: Sequence[Version]) -> None:
    """List the versions; their locations differ in the dataset's name alone, so one line says them."""
    rows = [
        [v.dataset, v.as_of, v.sequence, v.row_count, f"dataset {v.dataset_id}\nversion {v.version_id}"]
        for v in versions
    ]
    _dated(console, "Published datasets", ["dataset", "as_of", "no.", "rows", "identifiers"], rows)
    for location in sorted({v.location.replace(f"/{v.dataset}/", "/<dataset>/") for v in versions}):
        console.print(f"\nin {location}", highlight=False, markup=False, soft_wrap=True)
    twice = [key for key, count in Counter((v.dataset, v.as_of) for v in versions).items() if count > 1]
    if twice:
        raise DemoFailed(f"published more than once: {twice}")


def _dated(console: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows of one date, which is said once; one with many columns and few rows is turned on its side."""
    dates = {row[columns.index("as_of")] for row in rows} if "as_of" in columns else set()
    if len(dates) == 1:
        at = columns.index("as_of")
        columns, rows = _without(columns, at), [_without(row, at) for row in rows]
        title = f"{title}, as of {dates.pop()}"
    if len(columns) > 8 and len(rows) <= 4:
        turned = list(zip(columns, *rows, strict=True))
        columns, rows = ["", *map(str, turned[0][1:])], turned[1:]
    tables.show(console, [name.replace("_", " ") for name in columns], rows, title)


def _without(items: Sequence[Any], index: int) -> list[Any]:
    return [*items[:index], *items[index + 1 :]]


def _references(console: Console, references: list[findings.Reference]) -> None:
    rows = [[r.title, r.expected, r.computed, "agrees" if r.agrees else "DIFFERS"] for r in references]
    title = "Reference values of lifelib 0.17.2 beside those in Redshift"
    tables.show(console, ["value", "reference", "computed", ""], rows, title)
    wrong = [r.title for r in references if not r.agrees]
    if wrong:
        raise DemoFailed(f"computed values differ from their references: {', '.join(wrong)}")


def _times(story: Story) -> None:
    rows = [[title, f"{seconds:.1f}"] for title, seconds in story.seconds.items()]
    rows.append(["total", f"{sum(story.seconds.values()):.1f}"])
    tables.show(story.console, ["stage", "seconds"], rows, "Wall time")
