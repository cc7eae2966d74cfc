"""`sluice isolation`: prove that no tenant reaches another, or show the way that one does."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import click

from delivery.kept import kept_plan
from delivery.plan import show_json
from delivery.workspace import StackId
from policies.context import PLATFORM
from policies.errors import ArtefactUnreadable
from policies.isolation import Breach, Proof, prove
from policies.plan import Plan, read_plan
from policies.report.printable import printable
from policies.surroundings import Surroundings

BREACH, UNDECIDED = 1, 4
PAGE = Path(__file__).parents[2] / "docs" / "isolation.md"
ASSUMPTIONS = "What the proof takes for granted"


@click.command(epilog="Example: sluice isolation --env prod")
@click.option("--env", "environments", multiple=True, help="Environment to prove; repeat for several.  [default: all]")
@click.option(
    "--plan-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Take plans from here instead: <environment>/<stack>.json, as `terraform show -json` wrote them.",
)
@click.option("--assumptions", is_flag=True, help="Print what the proof takes for granted, and prove nothing.")
def isolation(environments: tuple[str, ...], plan_dir: Path | None, assumptions: bool) -> None:
    """Prove over all plans of an environment that no tenant reaches another: exit 0 proved, 1 breach, 4 undecided."""
    if assumptions:
        click.echo(section(PAGE.read_text(encoding="utf-8"), ASSUMPTIONS))
        return
    surroundings = Surroundings(Path.cwd(), datetime.now(UTC).date())
    surroundings.require(environments, ())
    codes = [_prove(surroundings, name, plan_dir) for name in environments or tuple(surroundings.environments)]
    if any(codes):
        raise click.exceptions.Exit(max(codes))


def _prove(surroundings: Surroundings, environment: str, folder: Path | None) -> int:
    """Prove one environment, say what came of it, and return the exit code."""
    stacks = [PLATFORM, *surroundings.tenants]
    plans = [_plan(surroundings, StackId(environment, stack), folder) for stack in stacks]
    started = time.perf_counter()
    proof = prove(plans)
    click.echo(as_text(proof, time.perf_counter() - started))
    return UNDECIDED if proof.undecided else BREACH if proof.breaches else 0


def _plan(surroundings: Surroundings, stack: StackId, folder: Path | None) -> Plan:
    """Read one stack's plan, with the code that it was made from."""
    if folder:
        path = folder / stack.environment / f"{stack.name}.json"
        if not path.is_file():
            raise ArtefactUnreadable(f"{path}: does not exist", why="the proof needs the plan of every stack")
        data = path.read_bytes()
    else:
        data = show_json(stack, kept_plan(surroundings.root, stack))
    code = surroundings.root / stack.rendered / "terraform"
    context = surroundings.context(stack.environment, stack.name)
    return read_plan(data, context, root=code, where=f"plan {stack}")


def as_text(proof: Proof, seconds: float) -> str:
    """Return what was found, as people read it."""
    lines = [printable(line) for breach in proof.breaches for line in _breach(breach)]
    if not proof.is_complete:
        lines.append(f"the search ended at {len(proof.breaches)} breaches: there are more")
    lines += [printable(f"UNDECIDED {item}") for item in proof.undecided]
    tenants = "1 tenant" if len(proof.tenants) == 1 else f"{len(proof.tenants):,} tenants"
    size = (
        f"  {tenants}, {proof.principals:,} principals, {proof.resources:,} things that must not be reached, "
        f"{proof.statements:,} statements, {proof.questions:,} questions, {seconds:.1f} s"
    )
    granted = "  taken for granted: sluice isolation --assumptions, or docs/isolation.md"
    return "\n".join([*lines, f"{proof.environment}: {_verdict(proof)}", size, granted])


def _verdict(proof: Proof) -> str:
    if proof.holds:
        return "no tenant reaches another"
    count = len(proof.breaches)
    found = "no breach found" if not count else "1 breach" if count == 1 else f"{count:,} breaches"
    return f"{found}, {len(proof.undecided):,} undecided, so nothing is proved" if proof.undecided else found


def _breach(breach: Breach) -> list[str]:
    first, *others = breach.chain
    return [
        f"BREACH {breach.tenant} reaches {breach.owner}: {breach.owner_address}",
        f"  principal: {breach.principal}",
        f"             {breach.address}",
        f"  request:   {breach.action} {breach.resource}",
        f"  by way of: {first}",
        *(f"             {step}" for step in others),
    ]


def section(page: str, title: str) -> str:
    """Return one `##` section of a page, with its title."""
    _, _, rest = page.partition(f"## {title}\n")
    return f"## {title}\n{rest.partition(f'{chr(10)}## ')[0].strip()}"
