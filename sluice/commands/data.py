"""`sluice data`: ask the authority which data is current."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import click

from authority.client import Authority, Dataset, Publication, Version
from authority.registrar import reinstate, retired_since
from authority.schema import migrate, pending
from sluice import laptop, tables

URL_VARIABLE = "SLUICE_AUTHORITY_URL"
NOTHING = 1
Rows = Sequence[Dataset] | Sequence[Version] | Sequence[Publication]


def authority_url(environment: str) -> str:
    """Return the address of an environment's authority: SLUICE_AUTHORITY_URL, else the running local cloud's."""
    if given := os.environ.get(URL_VARIABLE):
        return given
    try:
        return laptop.require(Path.cwd()).authority_url(environment)
    except laptop.SandboxNotRunning as error:
        raise laptop.SandboxNotRunning(f"{error}, or set {URL_VARIABLE} to the authority of {environment}") from None


environment_option = click.option(
    "--env", "environment", default="prod", show_default=True, help="Environment whose authority is asked."
)
as_of_option = click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Business date.")
json_option = click.option("--json", "machine", is_flag=True, help="Print one JSON list, with every field.")


@click.group()
def data() -> None:
    """Datasets and their versions, from the authority (SLUICE_AUTHORITY_URL, or the local cloud's)."""


@data.command("migrate", epilog="Example: sluice data migrate --env dev")
@environment_option
@click.option("--dry-run", is_flag=True, help="Name the migrations that would run, and run none.")
def migrate_schema(environment: str, dry_run: bool) -> None:
    """Bring the authority's schema to this version of sluice."""
    url = authority_url(environment)
    if dry_run:
        click.echo("\n".join(pending(url)) or "the authority's schema is up to date")
        return
    migrate(url)
    click.echo("the authority's schema is up to date")


@data.command("list", epilog="Example: sluice data list --env prod")
@environment_option
@json_option
def list_datasets(environment: str, machine: bool) -> None:
    """List every dataset with its one identifier."""
    rows = Authority(authority_url(environment)).datasets()
    if rows or machine:
        _show(rows, machine, "tenant", "dataset", "dataset_id", "versions", "latest_as_of", "retired_at")
    else:
        click.echo("nothing is published yet")


@data.command("reinstate", epilog="Example: sluice data reinstate claims --env prod --reason 'DATA-900: begun again'")
@click.argument("tenant")
@environment_option
@click.option("--reason", required=True, help="Why TENANT begins again, for auditors.")
@click.option("--dry-run", is_flag=True, help="Say since when TENANT is retired, and change nothing.")
def reinstate_tenant(tenant: str, environment: str, reason: str, dry_run: bool) -> None:
    """Let TENANT, which was decommissioned, publish again; what it published before was never gone."""
    url = authority_url(environment)
    if dry_run:
        since = retired_since(url, tenant)
        click.echo(f"{tenant}: retired since {since}" if since else f"{tenant}: not retired")
        return
    click.echo(f"{tenant}: {'may publish again' if reinstate(url, tenant, reason) else 'was not retired'}")


@data.command(epilog="Example: sluice data current annuity --as-of 2026-10-31")
@click.argument("tenant")
@click.argument("dataset", required=False)
@as_of_option
@environment_option
@json_option
def current(tenant: str, dataset: str | None, as_of: datetime | None, environment: str, machine: bool) -> None:
    """Show which version of TENANT's data is current, of all its datasets or of one; exit 1 where none is."""
    rows = Authority(authority_url(environment)).current(tenant, dataset, as_of.date() if as_of else None)
    _show(rows, machine, "dataset", "as_of", "sequence", "version_id", "row_count", "location")
    _require(rows, environment)


@data.command(epilog="Example: sluice data history annuity account_value")
@click.argument("tenant")
@click.argument("dataset", required=False)
@as_of_option
@environment_option
@json_option
def history(tenant: str, dataset: str | None, as_of: datetime | None, environment: str, machine: bool) -> None:
    """Show every version of TENANT's data, why it was published, and which is current; exit 1 where there is none."""
    rows = Authority(authority_url(environment)).history(tenant, dataset, as_of.date() if as_of else None)
    named = () if dataset else ("dataset",)
    columns = ("as_of", "sequence", "version_id", "row_count", "published_at", "is_current", "reason")
    _show(rows, machine, *named, *columns)
    _require(rows, environment)


@data.command(epilog="Example: sluice data restated annuity --env prod")
@click.argument("tenant")
@click.argument("dataset", required=False)
@as_of_option
@environment_option
@json_option
def restated(tenant: str, dataset: str | None, as_of: datetime | None, environment: str, machine: bool) -> None:
    """Show what of TENANT's data took the place of an earlier version: when, by whom, and why; the oldest first."""
    found = Authority(authority_url(environment)).publications(tenant, dataset, as_of.date() if as_of else None)
    rows = [publication for publication in found if publication.replaced]
    if rows or machine:
        _show(rows, machine, "published_at", "dataset", "as_of", "sequence", "version_id", "replaced", "reason")
    elif found:
        click.echo("nothing of this was restated")
    _require(found, environment)


def _show(rows: Rows, machine: bool, *columns: str) -> None:
    """Print the rows: as JSON whole, else these columns of them."""
    if machine:
        click.echo(json.dumps([asdict(row) for row in rows], indent=1, default=_text))
    elif rows:
        cells = [[getattr(row, column) for column in columns] for row in rows]
        tables.show(tables.console(), [column.replace("_", " ") for column in columns], cells)


def _text(value: object) -> str:
    """Return a date or a time as ISO 8601, an identifier as it is written."""
    return value.isoformat() if isinstance(value, date) else str(value)


def _require(found: Rows, environment: str) -> None:
    """Exit 1 where nothing was found."""
    if not found:
        click.echo(f"nothing of this is published; `sluice data list --env {environment}` names what is", err=True)
        raise click.exceptions.Exit(NOTHING)
