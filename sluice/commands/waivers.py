"""`sluice waivers`: approved exceptions and the days they have left, told before the gate fails because of one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path

import click

from policies.context import PLATFORM
from policies.controls import load_register
from policies.surroundings import Surroundings
from policies.waivers import Waiver, Waivers, load_waivers

REGISTER = Path("policies/controls.yaml")
WAIVERS = Path("policies/waivers.yaml")
FINDINGS = 1


@click.command(epilog="Example: sluice waivers --within 14")
@click.option("--within", "days", default=14, show_default=True, type=click.IntRange(0, 90), help="Days of warning.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Judge as on this day.  [default: today, UTC]")
@click.option("--json", "machine", is_flag=True, help="Print one JSON list: each waiver, its state, days left, faults.")
def waivers(days: int, today: datetime | None, machine: bool) -> None:
    """List the waivers, those that end first on top; exit 1 when one ends within some days or holds no more."""
    root, day = Path.cwd(), today.date() if today else datetime.now(UTC).date()
    surroundings = Surroundings(root, day)
    tenants, environments = (*surroundings.tenants, PLATFORM), surroundings.environments
    found = load_waivers(
        root / WAIVERS, load_register(root / REGISTER), day, tenants=tenants, environments=environments
    )
    click.echo(as_json(found, day, days) if machine else as_text(found, day, days))
    if found.faults or any(waiver.days_left(day) <= days for waiver in found.declared):
        raise click.exceptions.Exit(FINDINGS)


def as_text(found: Waivers, today: date, days: int) -> str:
    """Return for each waiver how long it holds, what it lets through, why, by whom, and what is wrong with it."""
    if not found.declared:
        return "no control is waived"
    lines = []
    for waiver, faults in _by_end(found):
        where = f"{waiver.environment or 'every environment'}/{waiver.tenant or 'no tenant'}"
        left = f"{waiver.expires}  {waiver.days_left(today):>3} days"
        lines += [
            f"{_state(waiver, today, days):<9}  {left}  {waiver.id}  {waiver.control}  {where}",
            f"  address   {waiver.address}",
            f"  reason    {waiver.reason} ({waiver.ticket})",
            f"  owner     {waiver.owner}",
            f"  approver  {waiver.approver}, on {waiver.created}",
            *(f"  {fault}" for fault in faults),
        ]
    return "\n".join(lines)


def as_json(found: Waivers, today: date, days: int) -> str:
    """Return the waivers as one JSON list, those that end first on top."""
    return json.dumps(
        [
            {
                **asdict(waiver),
                "state": _state(waiver, today, days),
                "days_left": waiver.days_left(today),
                "faults": faults,
            }
            for waiver, faults in _by_end(found)
        ],
        indent=1,
        default=str,
    )


def _by_end(found: Waivers) -> Iterator[tuple[Waiver, tuple[str, ...]]]:
    """Yield each waiver with what is wrong with it, the one that ends first at the beginning."""
    for position, waiver in sorted(enumerate(found.declared), key=lambda item: item[1].expires):
        yield waiver, found.faults.get(position, ())


def _state(waiver: Waiver, today: date, days: int) -> str:
    left = waiver.days_left(today)
    return "ENDED" if left <= 0 else "ends soon" if left <= days else "holds"
