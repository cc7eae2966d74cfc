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
@click.argument("tenant")
@click.option("--owner", prompt="Owner's address", help="Who answers for the data.")
@click.option(
    "--source", "sources", multiple=True, default=("records",), show_default=True, help="A file that lands; repeat."
)
@click.option("--job", default="conform", show_default=True, help="Name of the first Spark job.")
def new(tenant: str, owner: str, sources: tuple[str, ...], job: str) -> None:
    """Write a new TENANT: spec, contracts, a Spark job and its test, which render, pass and run at once."""
    written = new_tenant(Path.cwd(), tenant, owner=owner, sources=sources, job=job)
    for path in written:
        click.echo(f"wrote {path}")
    click.echo("next: sluice render")


@click.command(epilog="Example: sluice schema tenant > tenant.schema.json")
@click.argument("kind", type=click.Choice(["tenant", "environment"]))
def schema(kind: str) -> None:
    """Print the JSON Schema of a spec, which editors use to complete and check it."""
    document = tenant_schema() if kind == "tenant" else environment_schema()
    click.echo(json.dumps(document, indent=2))
