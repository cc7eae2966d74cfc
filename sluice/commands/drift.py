"""`sluice drift`: every stack against a tree, what hands did told apart from what is not deployed yet."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Set
from pathlib import Path

import click
from rich.console import Console

from delivery.aws import PLAN_ROLE
from delivery.deployed import deployed as running_release
from delivery.drift import Difference, Kind, differences, is_new_stack
from delivery.workspace import StackId
from generator.spec import load_environment
from sluice.commands.stacks import environment_option, jobs_option, stack_option
from sluice.kept_plans import kept
from sluice.planning import PlanReader, plan_all

DRIFT = 1
PLANS = Path(".sluice/drift")


@click.command(epilog="Example: sluice drift --env prod --deployed --read-only")
@environment_option
@stack_option
@jobs_option
@click.option(
    "--deployed", is_flag=True, help="Compare with the release that the ledger says runs, not with this tree."
)
@click.option("--read-only", is_flag=True, help="Look as the role sluice-plan, without a lock.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=PLANS,
    show_default=True,
    help="Keep here the plans that would mend it, without secrets.",
)
@click.option("--all", "everything", is_flag=True, help="Also what is left alone: scaled by itself, or not managed.")
@click.option("--json", "machine", is_flag=True, help="Print one JSON object: {stack: [{address, kind, attributes}]}.")
def drift(
    environments: tuple[str, ...],
    stack: str | None,
    jobs: int,
    deployed: bool,
    read_only: bool,
    out: Path,
    everything: bool,
    machine: bool,
) -> None:
    """Compare the cloud with the release that runs, or with this tree; exit 1 where something is to be brought back.

    With another tree than that of the release, what is new is "not yet deployed".
    """
    variables = dict(os.environ)
    roots = _deployed_roots(environments, variables, read_only=read_only) if deployed else {environments: Path.cwd()}
    reader = PlanReader(variables, everything=True)
    with kept(Path.cwd(), reader, out, None):
        for names, root in roots.items():
            console = Console(stderr=True)
            plan_all(root, names, variables, console, only=stack, jobs=jobs, read_only=read_only, look=reader)
    found = {item: differences(read.document) for item, read in reader.reads.items()}
    new = {item for item, read in reader.reads.items() if is_new_stack(read.document)}
    click.echo(as_json(found) if machine else as_text(found, everything=everything, new=new))
    drift = [(item, each) for item, items in sorted(found.items()) for each in items if each.kind.is_drift]
    mended = sorted({item.environment for item, each in drift if each.kind is not Kind.ADDED})
    if mended:
        verb = "deploy --all" if deployed else "apply"
        fixes = "\n".join(f"  mend it:  sluice {verb} --env {name}" for name in mended)
        click.echo(f"the plans that would mend it: {out}/summary.md\n{fixes}", err=True)
    for item, each in drift:
        if each.kind is Kind.ADDED:
            click.echo(
                f"no plan mends {item} {each.address}: take {', '.join(each.attributes)} off that role", err=True
            )
    if drift:
        raise click.exceptions.Exit(DRIFT)


def _deployed_roots(
    environments: tuple[str, ...], variables: Mapping[str, str], *, read_only: bool
) -> dict[tuple[str, ...], Path]:
    """Return `{(environment,): tree of the release that it runs}`."""
    roots: dict[tuple[str, ...], Path] = {}
    for name in environments:
        spec = load_environment(Path.cwd(), name)
        found = running_release(Path.cwd(), spec, variables, PLAN_ROLE if read_only else None)
        click.echo(f"{name}: runs release {found.record.release[:16]} since {found.record.at}", err=True)
        if found.unfinished:
            click.echo(
                f"{name}: a deploy began at {found.unfinished.at} and has no end: what it applied is drift", err=True
            )
        roots[(name,)] = found.root
    return roots


def as_text(found: Mapping[StackId, list[Difference]], *, everything: bool, new: Set[StackId] = frozenset()) -> str:
    """Return the differences as people read them, stack by stack; of one in `new`, how much is to be made."""
    lines = []
    for stack, items in sorted(found.items()):
        drift = [item for item in items if item.kind.is_drift]
        if stack in new:
            lines.append(f"{stack}: not yet deployed, {len(drift)} resources")
            continue
        left = len(items) - len(drift)
        lines.append(f"{stack}: {len(drift) or 'no'} drift" + (f", {left} left alone" if left else ""))
        for item in items if everything else drift:
            lines.append(
                f"  {item.kind.value:<22} {item.address}"
                + (f"  ({', '.join(item.attributes)})" if item.attributes else "")
            )
    return "\n".join(lines)


def as_json(found: Mapping[StackId, list[Difference]]) -> str:
    """Return the differences as one JSON object."""
    document = {
        str(stack): [
            {"address": item.address, "kind": item.kind.value, "attributes": item.attributes} for item in items
        ]
        for stack, items in sorted(found.items())
    }
    return json.dumps(document, indent=1)
