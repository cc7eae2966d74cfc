"""`sluice isolation`: prove that no tenant reaches another, or show the way that one does."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import click

from delivery.kept import NoCurrentPlan, kept_plan
from delivery.plan import show_json
from delivery.plan_reading import write_private
from delivery.workspace import StackId
from policies.context import PLATFORM
from policies.errors import ArtefactUnreadable
from policies.isolation import Breach, Proof, prove
from policies.plan import Plan, read_plan
from policies.report.printable import printable
from policies.stack import templates_of, whole
from policies.surroundings import Surroundings

BREACH, UNDECIDED, NOT_PROVED = 1, 4, -1
VERDICTS = {0: "holds", BREACH: "breach", UNDECIDED: "undecided", NOT_PROVED: "not proved here"}
PAGE = Path(__file__).parents[2] / "docs" / "isolation.md"
ASSUMPTIONS = "What the proof takes for granted"


@click.command(epilog="Example: sluice isolation --env prod")
@click.option("--env", "environments", multiple=True, help="Environment to prove; repeat for several.  [default: all]")
@click.option(
    "--plan-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Take plans from here instead: <environment>/<stack>.json, as `terraform show -json` wrote them.",
)
@click.option("--planned", is_flag=True, help="Only environments of which every stack has a current plan; say which.")
@click.option("--report", type=click.Path(file_okay=False, path_type=Path), help="Write isolation.json here too.")
@click.option("--assumptions", is_flag=True, help="Print what the proof takes for granted, and prove nothing.")
def isolation(
    environments: tuple[str, ...], plan_dir: Path | None, planned: bool, report: Path | None, assumptions: bool
) -> None:
    """Prove over all plans of an environment that no tenant reaches another: exit 0 proved, 1 breach, 4 undecided."""
    if assumptions:
        click.echo(section(PAGE.read_text(encoding="utf-8"), ASSUMPTIONS))
        return
    surroundings = Surroundings(Path.cwd(), datetime.now(UTC).date())
    surroundings.require(environments, ())
    outcomes = {}
    for name in environments or tuple(surroundings.environments):
        outcomes[name] = _outcome(surroundings, name, plan_dir, is_optional=planned)
        click.echo(outcomes[name].text)
    if report:
        document = {name: {"verdict": VERDICTS[code], "text": text} for name, (code, text) in outcomes.items()}
        write_private(report / "isolation.json", json.dumps(document, indent=1) + "\n")
    codes = [outcome.code for outcome in outcomes.values() if outcome.code != NOT_PROVED]
    if any(codes):
        raise click.exceptions.Exit(max(codes))


class Outcome(NamedTuple):
    """What came of one environment: its exit code, or NOT_PROVED; and how people read it."""

    code: int
    text: str


def _outcome(surroundings: Surroundings, environment: str, folder: Path | None, *, is_optional: bool) -> Outcome:
    """Prove one environment, unless that is optional and a stack of it has no current plan."""
    try:
        plans = [_plan(surroundings, StackId(environment, name), folder) for name in (PLATFORM, *surroundings.tenants)]
    except NoCurrentPlan as error:
        if not is_optional:
            raise NoCurrentPlan(
                error.what,
                why="the proof takes the plan of every stack of the environment",
                fix=f"sluice plan --env {environment}",
            ) from error
        return Outcome(NOT_PROVED, f"{environment}: not proved here, which takes the plan of every stack: {error.what}")
    started = time.perf_counter()
    stacks = [whole(plan, templates_of(surroundings, environment, plan.context.stack)) for plan in plans]
    proof = prove([plan for plan, _ in stacks], [problem for _, unread in stacks for problem in unread])
    code = UNDECIDED if proof.undecided else BREACH if proof.breaches else 0
    return Outcome(code, as_text(proof, time.perf_counter() - started))


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
