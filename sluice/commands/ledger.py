"""`sluice ledger`: what an environment runs, since when, by whose approval, and everything that led there."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from delivery import aws
from delivery.ledger import Record, ledger_of, proof_of, running
from delivery.promotion import SHOWN, last_attempt
from generator.spec import load_environment

SHORT = 12


@click.command(epilog="Example: sluice ledger --env prod")
@click.option("--env", "environment", required=True, help="Environment whose ledger to read.")
@click.option("--json", "machine", is_flag=True, help="Print one JSON object: {running, verified, proof, records}.")
def ledger(environment: str, machine: bool) -> None:
    """Say what an environment runs and what was done there, the oldest first, its chain checked record by record.

    Ends with 4 where a record was changed or removed: nothing in such a ledger can be relied on.
    """
    spec = load_environment(Path.cwd(), environment)
    history = ledger_of(spec, dict(os.environ), aws.PLAN_ROLE).history()
    click.echo(as_json(history) if machine else as_text(environment, history))


def as_json(history: Sequence[Record]) -> str:
    """Return the history for machines; `running` is null before the first deploy.

    `proof` are the numbers of the verification of what runs and of those that it rests on, the newest first.
    """
    now, chain = running(list(history)), proof_of(list(history))
    document = {
        "running": now.release if now else None,
        "verified": bool(chain),
        "proof": [record.sequence for record in chain],
        "records": [asdict(record) for record in history],
    }
    return json.dumps(document, indent=1)


def as_text(environment: str, history: Sequence[Record]) -> str:
    """Return the history as people read it: what runs now, then every record."""
    lines = [*_now(environment, history), ""] if history else [f"{environment}: nothing was ever deployed"]
    for record in history:
        lines.append(f"{record.sequence:>4}  {record.at}  {record.event:<14} {record.release[:SHOWN] or '-'}")
        lines.append(f"      by {record.by}" + (f", approved by {record.approved_by}" if record.approved_by else ""))
        if record.note:
            lines.append(f"      {record.note}")
    if history:
        lines.append(f"{len(history)} records; each follows from the one before" if history[1:] else "1 record")
    return "\n".join(lines)


def _now(environment: str, history: Sequence[Record]) -> list[str]:
    now, tried = running(list(history)), last_attempt(history)
    lines = [f"{environment} runs {now.release}" if now else f"{environment} runs no release as a whole"]
    if now:
        lines.append(f"  since    {now.at}, {_verified(proof_of(list(history)))}")
        lines.append(f"  approved by {now.approved_by or 'nobody'}")
        lines += [f"  plan     {digest[:SHORT]}  {stack}" for stack, digest in sorted(now.plans.items())]
    if tried and tried.event == "started":
        lines.append(f"  ATTENTION: a deploy of {tried.release[:SHOWN]} was started at {tried.at} and did not end well")
        lines.append(f"  fix:     sluice deploy --env {environment}, or sluice rollback --env {environment}")
    return lines


def _verified(chain: Sequence[Record]) -> str:
    """Return which record verifies what runs, and which earlier ones speak for tenants whose pipelines did not run."""
    if not chain:
        return "not verified since it was deployed"
    rests = f", which rests on {', '.join(str(record.sequence) for record in chain[1:])}" if chain[1:] else ""
    return f"verified by record {chain[0].sequence}{rests}"
