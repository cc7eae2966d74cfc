"""`sluice data`: ask the authority which data is current."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from authority.client import Authority, migrate, pending
from authority.registrar import reinstate, retired_since
from sluice import laptop, tables

URL_VARIABLE = "SLUICE_AUTHORITY_URL"


def authority_url(environment: str) -> str:
    """Return the address of an environment's authority: SLUICE_AUTHORITY_URL, else the running local cloud's."""
    if given := os.environ.get(URL_VARIABLE):
        return given
    return laptop.require(Path.cwd()).authority_url(environment)


environment_option = click.option("--env", "environment", default="prod", show_default=True)


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
def list_datasets(environment: str) -> None:
    """List every dataset with its one identifier."""
    rows = Authority(authority_url(environment)).datasets()
    if not rows:
        click.echo("nothing is published yet")
        return
    _show(rows, "tenant", "dataset", "dataset_id", "versions", "latest_as_of", "retired_at")


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
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Business date.")
@environment_option
def current(tenant: str, dataset: str | None, as_of: datetime | None, environment: str) -> None:
    """Show which version of TENANT's data is current."""
    rows = Authority(authority_url(environment)).current(tenant, dataset, as_of.date() if as_of else None)
    _show(rows, "dataset", "as_of", "sequence", "version_id", "row_count", "location")


@data.command(epilog="Example: sluice data history annuity account_value")
@click.argument("tenant")
@click.argument("dataset")
@environment_option
def history(tenant: str, dataset: str, environment: str) -> None:
    """Show every version of a dataset, why it was published, and which is current."""
    rows = Authority(authority_url(environment)).history(tenant, dataset)
    _show(rows, "as_of", "sequence", "version_id", "row_count", "published_at", "is_current", "reason")


def _show(rows: Sequence[object], *columns: str) -> None:
    if not rows:
        click.echo("nothing of this is published; `sluice data list` names what is", err=True)
        raise SystemExit(1)
    cells = [[getattr(row, column) for column in columns] for row in rows]
    tables.show(tables.console(), [column.replace("_", " ") for column in columns], cells)
