"""`sluice sandbox`: the local cloud, its source systems and its Airflow."""

from __future__ import annotations

import json
import shlex
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from sandbox.faults import KINDS
from sluice import laptop
from sluice.access import reading, report
from sluice.access.model import Verdict
from sluice.access.unused import unused
from sluice.access.verdicts import verdicts


@click.group()
def sandbox() -> None:
    """The local cloud: AWS's control plane stood in for, Spark, Postgres and Airflow real."""


@sandbox.command(epilog="Example: sluice sandbox up")
def up() -> None:
    """Start the local cloud and prepare its accounts; a running one is left as it is."""
    running = laptop.start(Path.cwd())
    click.echo(f"the local cloud answers at {running.endpoint}")
    click.echo('  use it:   eval "$(sluice sandbox env)" && sluice apply --env dev --env prod --yes')


@sandbox.command(epilog="Example: sluice sandbox down")
def down() -> None:
    """Stop the local cloud and all that runs in it, and remove its state."""
    laptop.stop(Path.cwd())
    click.echo("the local cloud is down; nothing of it is left")


@sandbox.command(epilog="Example: sluice sandbox status")
def status() -> None:
    """Say whether the local cloud runs, and which calls it could not answer."""
    running = laptop.require(Path.cwd())
    missing = running.ask("GET", "unimplemented")
    click.echo(f"up at {running.endpoint}, pid {running.pid}")
    for call, count in sorted(missing.items()):
        click.echo(f"  not implemented: {call} (asked {count} times)")


@sandbox.command(epilog="Example: sluice sandbox access --unused")
@click.option("--unused", "with_unused", is_flag=True, help="Say too which granted actions no call has needed.")
def access(with_unused: bool) -> None:
    """Judge every call that the local cloud has answered by the policies that stand in it, as AWS's IAM would.

    Ends with 1 where AWS would have refused something, with 4 where it cannot be told, with 0 where all is allowed.
    """
    root = Path.cwd()
    record = reading.read(laptop.require(root))
    judged = list(verdicts(record, laptop.organisations(root)))
    for verdict in (Verdict.REFUSED, Verdict.UNDECIDED):
        for line in report.lines(judged, verdict):
            click.echo(line)
    for line in unused(judged, record.roles) if with_unused else ():
        click.echo(line)
    for request, count in record.unread.items():
        click.echo(f"not read: {request} ({count} times), so what it needs is not known")
    if record.not_kept:
        click.echo(f"not kept: {record.not_kept} calls, for the record was full")
    counts = Counter(each.verdict for each in judged)
    told = ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict)
    click.echo(f"{len(judged)} distinct permissions of {len({each.call.role_arn for each in judged})} roles: {told}")
    if counts[Verdict.REFUSED]:
        sys.exit(1)
    if counts[Verdict.UNDECIDED] or record.unread or record.not_kept or not judged:
        sys.exit(4)


@sandbox.command(epilog='Example: eval "$(sluice sandbox env)"')
@click.option("--env", "environment", help="Credentials of this environment's Airflow role instead of the base ones.")
def env(environment: str | None) -> None:
    """Print the variables that point tools at the local cloud, for eval."""
    root = Path.cwd()
    running = laptop.require(root)
    variables = (
        laptop.airflow(root, running, environment).environment if environment else running.terraform_environment()
    )
    for key, value in sorted(variables.items()):
        click.echo(f"export {key}={shlex.quote(value)}")


@sandbox.command(epilog="Example: sluice sandbox fault emr_spot_interruption --match 'annuity.*' --times 1")
@click.argument("kind", type=click.Choice(sorted(KINDS)), required=False)
@click.option(
    "--match", default=".*", show_default=True, help="Regular expression on the cluster, step, pipeline or key."
)
@click.option("--times", default=1, show_default=True, help="How often it strikes.")
@click.option(
    "--option",
    "options",
    multiple=True,
    callback=lambda _context, _parameter, given: _pairs(given),
    help="KEY=VALUE, as the kind understands it; repeat.",
)
@click.option("--clear", is_flag=True, help="Take all waiting faults back.")
def fault(kind: str | None, match: str, times: int, options: dict[str, str], clear: bool) -> None:
    """Make the local cloud fail, or list the faults that still wait."""
    running = laptop.require(Path.cwd())
    if clear:
        running.ask("DELETE", "faults")
    if kind:
        running.ask("POST", "faults", {"kind": kind, "match": match, "times": times, **options})
    click.echo(json.dumps(running.ask("GET", "faults"), indent=2))


def _pairs(given: Sequence[str]) -> dict[str, str]:
    """Return `{key: value}` of texts like `KEY=VALUE`.

    Raises:
        click.BadParameter: one of them is not.
    """
    for text in given:
        if not text.partition("=")[1]:
            raise click.BadParameter(f"{text!r} is not KEY=VALUE")
    return {key: value for key, _, value in (text.partition("=") for text in given)}


@sandbox.command(epilog="Example: sluice sandbox land --env prod --as-of 2026-10-31")
@click.option("--env", "environment", required=True, help="Environment in whose landing bucket the files land.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Business date.")
@click.option("--tenant", default="annuity", show_default=True, help="Whose landing bucket; others need --file.")
@click.option(
    "--file",
    "files",
    multiple=True,
    callback=lambda _context, _parameter, given: _pairs(given),
    metavar="SOURCE=PATH",
    help="Land this file for a source, and its manifest, instead of annuity's made-up ones; repeat.",
)
@click.option("--policies", default=200, show_default=True, help="Policies in annuity's made-up files.")
@click.option("--seed", default=1, show_default=True, help="Another number makes up other data.")
def land(environment: str, as_of: datetime, tenant: str, files: dict[str, str], policies: int, seed: int) -> None:
    """Land a tenant's source files for one date, as the source systems would: made up for annuity, else files given."""
    root = Path.cwd()
    if not files and tenant != "annuity":
        raise click.UsageError(f"nothing makes up files of {tenant}: give --file SOURCE=PATH for each of its sources")
    if missing := [path for path in files.values() if not Path(path).is_file()]:
        raise click.UsageError(f"no such file: {', '.join(missing)}")
    running = laptop.require(root)
    if files:
        paths = {source: Path(path) for source, path in files.items()}
        landed = laptop.land_files(root, running, environment, tenant, as_of.date(), paths)
    else:
        landed = laptop.land(root, running, environment, as_of.strftime("%Y-%m-%d"), policies, seed)
    for line in landed:
        click.echo(line)


@sandbox.command(epilog="Example: sluice sandbox run annuity_daily --env prod --as-of 2026-10-31")
@click.argument("dag_id")
@click.option("--env", "environment", required=True, help="Environment in whose Airflow it runs.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Business date.")
@click.option("--restate", help="Reason for publishing other data for a date that is published.")
def run(dag_id: str, environment: str, as_of: datetime, restate: str | None) -> None:
    """Run one applied DAG in the environment's local Airflow."""
    root = Path.cwd()
    result = laptop.run_dag(root, laptop.require(root), environment, dag_id, as_of.strftime("%Y-%m-%d"), restate)
    for task, message in result.errors.items():
        click.echo(f"{task}: {message}", err=True)
    click.echo(f"{result.dag_id} {result.run_id}: {result.state}; log: {result.log}")
    if not result.is_successful:
        sys.exit(1)
