"""`sluice drift`: every stack against a tree, what hands did told apart from what is not deployed yet."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence, Set
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from delivery.aws import PLAN_ROLE
from delivery.cloudformation.changes import StackPlan
from delivery.cloudformation.drift import drifted
from delivery.cloudformation.stacks import Stacks
from delivery.deployed import deployed as running_release
from delivery.drift import Difference, differences, is_new_stack
from delivery.walk import StacksFailed
from delivery.workspace import StackId
from generator.spec import load_environment
from sluice.commands.stacks import environment_option, jobs_option, scope, stack_option
from sluice.compared_templates import ComparedTemplates
from sluice.kept_plans import kept
from sluice.planning import PlanReader, plan_all
from sluice.restore_records import RestoreRecords

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

    With another tree than that of the release, what is new is "not yet deployed". Of production's databases it also
    asks AWS Backup when restoring them was last tested.
    """
    variables = dict(os.environ)
    roots = _deployed_roots(environments, variables, read_only=read_only) if deployed else {environments: Path.cwd()}
    reader = PlanReader(variables, everything=True)
    own: dict[StackId, list[Difference]] = {}
    templates = ComparedTemplates(partial(_look, own, is_deployed=deployed))
    restores = RestoreRecords(variables, read_only=read_only)
    with kept(Path.cwd(), reader, out, None, templates):
        for names, root in roots.items():
            console = Console(stderr=True)
            templates.read(root, scope(root, names, stack), variables, read_only=read_only)
            plan_all(root, names, variables, console, only=stack, jobs=jobs, read_only=read_only, look=reader)
            restores.read(root, names, reader.reads)
    restores.keep(out)
    found = {item: restores.beside(item, differences(read.document)) for item, read in reader.reads.items()}
    new = {item for item, read in reader.reads.items() if is_new_stack(read.document)}
    shown = found | own
    click.echo(as_json(shown) if machine else as_text(shown, everything=everything, new=new))
    click.echo("".join(f"{line}\n" for line in restores.told), nl=False, err=machine)
    _say_how_to_mend(found, own, out, is_deployed=deployed)
    if unknown := {**restores.errors, **templates.errors}:
        raise StacksFailed(unknown, [])
    if any(each.kind.is_drift for items in shown.values() for each in items):
        raise click.exceptions.Exit(DRIFT)


def _look(
    found: dict[StackId, list[Difference]],
    environment: str,
    stacks: Stacks,
    plans: Sequence[StackPlan],
    tenants: Sequence[str],
    *,
    is_deployed: bool,
) -> None:
    """Put into `found` what CloudFormation and its templates say of an environment's stacks."""
    for name, items in drifted(stacks, environment, plans, tenants, is_deployed=is_deployed).items():
        found[StackId(environment, name)] = items


def _say_how_to_mend(
    found: Mapping[StackId, list[Difference]], own: Mapping[StackId, list[Difference]], out: Path, *, is_deployed: bool
) -> None:
    """Name the verbs that bring the cloud back, and what they leave to a person.

    Args:
        found, own: differences of Terraform's stacks, and of CloudFormation's.
    """
    verbs = ("deploy --all", "deploy --all") if is_deployed else ("apply", "cloudformation apply")
    drift = [
        (verb, item, each)
        for verb, stacks in zip(verbs, (found, own), strict=True)
        for item, items in sorted(stacks.items())
        for each in items
        if each.kind.is_drift
    ]
    if mended := sorted({(item.environment, verb) for verb, item, each in drift if not each.way_back}):
        fixes = "\n".join(f"  mend it:  sluice {verb} --env {name}" for name, verb in mended)
        click.echo(f"the plans that would mend it: {out}/summary.md\n{fixes}", err=True)
    for _, item, each in drift:
        if each.way_back:
            click.echo(f"no plan mends {item} {each.address}: {each.way_back}", err=True)


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
