"""`sluice new` and `sluice schema`: what someone needs to write a spec."""

from __future__ import annotations

import json
from pathlib import Path

import click

from generator.scaffold import new_tenant
from generator.spec.schema import environment_schema, tenant_schema


@click.command(
    epilog="Example: sluice new claims --owner claims-data@meridian.example --source claims --source payments"
)
@click.argument("tenant", required=False)
@click.option("--owner", help="Address of who answers for the data.")
@click.option("--source", "sources", multiple=True, help="A file that lands; repeat. One called records by default.")
@click.option("--job", help="Name of the first Spark job, conform by default.")
@click.option("--dry-run", is_flag=True, help="Name the files that would be written, and write none.")
def new(tenant: str | None, owner: str | None, sources: tuple[str, ...], job: str | None, dry_run: bool) -> None:
    """Write a new TENANT: spec, contracts, a Spark job and its test, which render, pass and run at once.

    Without TENANT it asks for everything; with it, only for the owner where --owner is left out.
    """
    is_asked = tenant is None
    tenant = tenant or click.prompt("Tenant, as it will stand in names of buckets and roles")
    owner = owner or click.prompt("Address of who answers for the data")
    if is_asked and not sources:
        sources = tuple(
            click.prompt("Files that land, separated by spaces", default="records").replace(",", " ").split()
        )
    if is_asked and not job:
        job = click.prompt("First Spark job", default="conform")
    paths = new_tenant(Path.cwd(), tenant, owner, sources or ("records",), job or "conform", dry_run=dry_run)
    for path in paths:
        click.echo(f"{'would write' if dry_run else 'wrote'} {path}")
    if not dry_run:
        click.echo("next: sluice render")


@click.command(epilog="Example: sluice schema environment > environment.schema.json")
@click.argument("kind", type=click.Choice(["tenant", "environment"]), default="tenant")
def schema(kind: str) -> None:
    """Print the JSON Schema of a spec, a tenant's by default: editors use it to complete and check what is written."""
    document = tenant_schema() if kind == "tenant" else environment_schema()
    click.echo(json.dumps(document, indent=2))
