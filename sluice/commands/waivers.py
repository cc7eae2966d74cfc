"""`sluice waivers`: approved exceptions and the days they have left, told before the gate fails because of one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import click

from policies.context import PLATFORM
from policies.controls import load_register
from policies.surroundings import Surroundings
from policies.waivers import Waivers, load_waivers

REGISTER = Path("policies/controls.yaml")
WAIVERS = Path("policies/waivers.yaml")
FINDINGS = 1


@click.command(epilog="Example: sluice waivers --within 14")
@click.option("--within", "days", default=14, show_default=True, type=click.IntRange(0, 90), help="Days of warning.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Judge as on this day.  [default: today, UTC]")
def waivers(days: int, today: datetime | None) -> None:
    """List the waivers, those that end first on top; exit 1 when one ends within some days or holds no more."""
    root, day = Path.cwd(), today.date() if today else datetime.now(UTC).date()
    surroundings = Surroundings(root, day)
    tenants, environments = (*surroundings.tenants, PLATFORM), surroundings.environments
    found = load_waivers(
        root / WAIVERS, load_register(root / REGISTER), day, tenants=tenants, environments=environments
    )
    click.echo(as_text(found, day, days))
    if found.faults or any(waiver.days_left(day) <= days for waiver in found.declared):
        raise click.exceptions.Exit(FINDINGS)


def as_text(found: Waivers, today: date, days: int) -> str:
    """Return one line for each waiver: how long it holds, what it lets through, who mends it, what is wrong with it."""
    if not found.declared:
        return "no control is waived"
    lines = []
    for position, waiver in sorted(enumerate(found.declared), key=lambda item: item[1].expires):
        left = waiver.days_left(today)
        state = "ENDED    " if left <= 0 else "ends soon" if left <= days else "holds    "
        where = f"{waiver.environment or 'every environment'}/{waiver.tenant or 'no tenant'}"
        who = f"{waiver.owner}  {waiver.ticket}"
        lines.append(f"{state}  {waiver.expires}  {left:>3} days  {waiver.id}  {waiver.control}  {where}  {who}")
        lines += [f"  {fault}" for fault in found.faults.get(position, ())]
    return "\n".join(lines)
