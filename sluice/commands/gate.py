"""`sluice gate`: judge rendered trees and plans by the CSO's controls, and exit by the verdicts."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from delivery.git import branch_point, changed_paths, stacks_at
from delivery.kept import NoCurrentPlan, kept_plan
from delivery.plan import show_json
from delivery.workspace import StackId, rendered_stacks
from policies.gate import Request, run_gate, stacks_in_scope
from policies.report import evidence, junit, markdown, sarif, terminal, verdicts
from policies.report.baseline import compare
from policies.report.provenance import tools
from policies.result import GateResult
from policies.work import Progress

if TYPE_CHECKING:  # it brings the generator's models, which no other run needs: half a second
    from delivery.affected import Affected

NOBODY_WAITS = 8
"""Runs of fewer parts are over before anybody asks how far they are."""
MANY = 100
"""In a log only runs of this many parts say how far they are."""

output = click.Path(dir_okay=False, path_type=Path)


@click.command(epilog="Example: sluice gate --env prod --tenant annuity --markdown gate.md")
@click.option("--env", "environments", multiple=True, help="Only this environment; repeat for several.")
@click.option(
    "--tenant", "--stack", "tenants", multiple=True, help="Only this tenant, or `platform`; repeat for several."
)
@click.option("--control", "controls", multiple=True, help="Only this control, like CSO_EMR_03; repeat for several.")
@click.option("--changed-since", "revision", help="Only stacks that the change since this revision can touch.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Judge as on this day.  [default: today, UTC]")
@click.option(
    "--plans",
    type=click.Choice(["kept", "affected", "none"]),
    default="kept",
    show_default=True,
    help="Those of `sluice plan`; or those of `sluice plan --affected-since`, with --changed-since: only these stacks.",
)
@click.option(
    "--plan-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Take plans from here instead: <environment>/<stack>.json, as `terraform show -json` wrote them.",
)
@click.option("--markdown", type=output, help="Write the report for a pull request to this file.")
@click.option("--sarif", type=output, help="Write SARIF 2.1.0 to this file.")
@click.option("--junit", type=output, help="Write JUnit XML to this file.")
@click.option("--evidence", type=click.Path(file_okay=False, path_type=Path), help="Write the auditor's files here.")
@click.option(
    "--baseline", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="An earlier verdicts.json."
)
@click.option("--no-cache", is_flag=True, help="Judge everything anew.")
def gate(
    environments: tuple[str, ...],
    tenants: tuple[str, ...],
    controls: tuple[str, ...],
    revision: str | None,
    today: datetime | None,
    plans: str,
    plan_dir: Path | None,
    no_cache: bool,
    **reports: Path | None,
) -> None:
    """Judge every artefact and plan by the controls: exit 0 go, 1 findings, 4 some verdict could not be reached."""
    root = Path.cwd()
    request = Request(
        root,
        today.date() if today else datetime.now(UTC).date(),
        environments=environments,
        tenants=tenants,
        controls=controls,
        are_of_tree=True,
        changed=_changed(root, revision) if revision else None,
        is_cached=not no_cache,
    )
    gc.disable()  # the process ends soon, and its hundred thousand verdicts live as long as it
    with _progress() as progress:
        if plans == "affected":
            if not revision or plan_dir or environments or tenants:
                raise click.UsageError("--plans affected goes with --changed-since, and decides on the stacks itself")
            from sluice.commands.affected import affected_since  # noqa: PLC0415 -- as Affected, above

            result = merged([_judged(item, progress) for item in _affected(request, affected_since(root, revision))])
        elif plan_dir:
            result = run_gate(replace(request, plans=_from_folder(request, plan_dir)), progress)
        else:
            result = _judged(request, progress) if plans == "kept" else run_gate(request, progress)
    _write(root, result, reports)
    click.echo(terminal.render(result, click.style), nl=False)
    if result.exit_code:
        raise click.exceptions.Exit(result.exit_code)


def _judged(request: Request, progress: Progress) -> GateResult:
    """Judge with the plans that `sluice plan` left."""
    return run_gate(replace(request, plans=_kept(request, progress)), progress)


def _affected(request: Request, touched: Affected) -> list[Request]:
    """Return a request for each environment that a change touches; one for what stacks share where it touches none."""
    environments = sorted({stack.environment for stack in touched.gate})
    names = {item: tuple(stack.name for stack in touched.gate if stack.environment == item) for item in environments}
    alone = [replace(request, changed=None, environments=(item,), tenants=names[item]) for item in environments]
    return alone or [replace(request, changed=frozenset())]


def merged(results: Sequence[GateResult]) -> GateResult:
    """Return runs over different environments on one day as one; what belongs to no environment is judged in each."""
    first = results[0]
    return replace(
        first,
        judgements=tuple(dict.fromkeys(judgement for result in results for judgement in result.judgements)),
        waivers=tuple(dict.fromkeys(waiver for result in results for waiver in result.waivers)),
        digests={name: digest for result in results for name, digest in result.digests.items()},
        environments=tuple(name for result in results for name in result.environments),
        stacks=tuple(stack for result in results for stack in result.stacks),
        notes=tuple(dict.fromkeys(note for result in results for note in result.notes)),
    )


def _changed(root: Path, revision: str) -> set[str] | None:
    """Return the paths that changed since `revision`; None, which is all, where stacks came or went with them."""
    now = {stack for path in (root / "environments").iterdir() for stack in rendered_stacks(root, path.name)}
    since = branch_point(root, revision)
    return changed_paths(root, since) if stacks_at(root, since) == now else None


def _from_folder(request: Request, folder: Path) -> dict[tuple[str, str], Path]:
    """Return the plans that stand in `folder`; what is missing the gate refuses."""
    files = {pair: folder / pair[0] / f"{pair[1]}.json" for pair in stacks_in_scope(request)}
    return {pair: path for pair, path in files.items() if path.is_file()}


def _kept(request: Request, progress: Progress) -> dict[tuple[str, str], bytes]:
    """Return what `sluice plan` left of every stack in scope.

    Raises:
        NoCurrentPlan: of some stack nothing is left that speaks about the tree as it is.
    """
    folders: dict[StackId, Path] = {}
    problems: list[str] = []
    for pair in stacks_in_scope(request):
        try:
            folders[StackId(*pair)] = kept_plan(request.root, StackId(*pair))
        except NoCurrentPlan as error:
            problems.append(error.what)
    if problems:
        environments = " ".join(f"--env {name}" for name in sorted({text.split("/")[0] for text in problems}))
        raise NoCurrentPlan(
            "\n".join(problems),
            why="what a stack will be shows in its plan alone",
            fix=f"sluice plan {environments}; or judge without plans: sluice gate --plans none",
        )
    found: dict[tuple[str, str], bytes] = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        shown = pool.map(lambda item: show_json(*item), folders.items())
        for stack, text in zip(folders, shown, strict=True):
            found[stack.environment, stack.name] = text
            progress(len(found), len(folders))
    return found


def _write(root: Path, result: GateResult, reports: Mapping[str, Path | None]) -> None:
    """Write the run's record, and each report that was asked for."""
    judged_by = tools()
    compared = compare(result, verdicts.read(reports["baseline"])) if reports["baseline"] else None
    contents: dict[Path | None, Callable[[], Iterable[bytes]]] = {
        root / verdicts.LATEST: lambda: verdicts.chunks(result, judged_by),
        reports["markdown"]: lambda: [markdown.render(result, compared).encode()],
        reports["sarif"]: lambda: [sarif.render(result, judged_by).encode()],
        reports["junit"]: lambda: [junit.render(result).encode()],
    }
    for path, content in contents.items():
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                file.writelines(content())
    if reports["evidence"]:
        evidence.write(reports["evidence"], result, judged_by)


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show on a terminal how far long work is; elsewhere say it at each quarter."""
    last = -1

    def show(done: int, total: int) -> None:
        nonlocal last
        quarter = 4 * done // total
        if total >= NOBODY_WAITS and sys.stderr.isatty():
            click.echo(f"\r{done} of {total} judged", nl=False, err=True)
        elif total >= MANY and quarter != last:
            click.echo(f"{done} of {total} judged", err=True)
        last = quarter

    yield show
    if last >= 0 and sys.stderr.isatty():
        click.echo("\r\033[K", nl=False, err=True)
