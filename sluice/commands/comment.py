"""`sluice comment`: the one comment under a change, with all that a build found out about it."""

from __future__ import annotations

import os
from pathlib import Path

import click

from delivery.change_comment import render
from delivery.change_report import read_report
from delivery.forge import FORGES, open_forge
from delivery.gate_report import is_current
from policies.report import verdicts
from sluice.kept_plans import head

MARKER = "sluice:change"
TOKEN = "SLUICE_FORGE_TOKEN"  # noqa: S105 -- the variable's name
ROOM_FOR_MARKER = 100


@click.command(
    epilog="Example: sluice comment --forge github --repository meridian/data --change 17 --report build/plans"
)
@click.option("--forge", type=click.Choice(sorted(FORGES)), required=True, help="Product that hosts the repository.")
@click.option("--repository", required=True, help="owner/name; group/subgroup/name; workspace/name.")
@click.option("--change", type=click.IntRange(min=1), required=True, help="Number of the pull or merge request.")
@click.option(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder of `sluice plan --out`, with what other steps wrote beside it.",
)
@click.option("--api", default="", help="Base address of a forge of one's own.  [default: the product's public one]")
@click.option("--dry-run", is_flag=True, help="Print the comment and write nothing; needs no token.")
def comment(forge: str, repository: str, change: int, report: Path, api: str, dry_run: bool) -> None:
    """Write what a change would do under it, or bring the comment that is there up to date.

    The token stands in SLUICE_FORGE_TOKEN. What a step did not reach is said, and is no error.
    """
    product = FORGES[forge]
    latest = verdicts.LATEST if verdicts.LATEST.exists() and is_current(verdicts.LATEST, Path.cwd()) else None
    found = read_report(report, head(Path.cwd()), latest_gate=latest)
    text = render(found, product.limit - ROOM_FOR_MARKER, has_html=product.has_html)
    if dry_run:
        click.echo(text, nl=False)
        return
    token = os.environ.get(TOKEN, "")
    if not token:
        raise click.UsageError(f"{TOKEN} is not set: it holds a token that may comment on {repository}")
    done = open_forge(forge, repository, token, api).upsert(change, MARKER, text)
    click.echo(f"{repository} {change}: comment {done.id} {done.action}, {len(text):,} characters")
