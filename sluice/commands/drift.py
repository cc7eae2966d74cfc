"""`sluice drift`: every stack against the rendered tree, what hands did told apart from what is not deployed yet."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click
from rich.console import Console

from delivery.drift import Difference, differences
from delivery.plan import show_json
from delivery.workspace import StackId
from sluice.commands.stacks import environment_option, jobs_option, plan_all, stack_option

DRIFT = 1


@click.command(epilog="Example: sluice drift --env prod")
@environment_option
@stack_option
@jobs_option
@click.option("--all", "everything", is_flag=True, help="Also what is left alone: scaled by itself, or not managed.")
@click.option("--json", "machine", is_flag=True, help="Print one JSON object: {stack: [{address, kind, attributes}]}.")
def drift(environments: tuple[str, ...], stack: str | None, jobs: int, everything: bool, machine: bool) -> None:
    """Compare the cloud with what is rendered here; exit 1 where `sluice apply` would bring something back.

    Run it from the tree of the release that the environment runs; of another tree, what is new is "not yet deployed".
    """
    root, variables = Path.cwd(), dict(os.environ)
    plans = plan_all(root, environments, variables, Console(stderr=True), only=stack, jobs=jobs)
    found = {
        item: differences(json.loads(show_json(item, planned.folder, variables))) for item, planned in plans.items()
    }
    click.echo(as_json(found) if machine else as_text(found, everything=everything))
    if any(difference.kind.is_drift for items in found.values() for difference in items):
        raise click.exceptions.Exit(DRIFT)


def as_text(found: dict[StackId, list[Difference]], *, everything: bool) -> str:
    """Return the differences as people read them, stack by stack."""
    lines = []
    for stack, items in sorted(found.items()):
        drift = [item for item in items if item.kind.is_drift]
        left = len(items) - len(drift)
        lines.append(f"{stack}: {len(drift) or 'no'} drift" + (f", {left} left alone" if left else ""))
        for item in items if everything else drift:
            lines.append(
                f"  {item.kind.value:<22} {item.address}"
                + (f"  ({', '.join(item.attributes)})" if item.attributes else "")
            )
    return "\n".join(lines)


def as_json(found: dict[StackId, list[Difference]]) -> str:
    """Return the differences as one JSON object."""
    document = {
        str(stack): [
            {"address": item.address, "kind": item.kind.value, "attributes": item.attributes} for item in items
        ]
        for stack, items in sorted(found.items())
    }
    return json.dumps(document, indent=1)
