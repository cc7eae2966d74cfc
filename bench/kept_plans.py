"""What a gate reads of stacks that a deploy does not plan: kept plans of the real annuity tenant, under many names."""

from __future__ import annotations

import gc
import gzip
import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from rich.table import Table

from bench.measure import ROOT
from delivery import aws
from delivery.deploy.place import place_of
from delivery.deploy.standing import Standing, kept_plans
from delivery.deploy.standing_plans import StandingPlan, StandingPlans, opened
from delivery.workspace import PLATFORM, StackId
from generator.names import Names
from policies.isolation import Proof, prove
from policies.plan import Plan, read_plan
from policies.surroundings import Surroundings

ENVIRONMENT = "dev"
PLANS = ROOT / "tests/delivery/plans/standing"
MODEL = "annuity"
Result = TypeVar("Result")


def measure(variables: Mapping[str, str], tenants: int, copies: Path) -> Table:
    """Keep the plans, and time reading them from S3 and `copies`, unpacking them, and proving isolation over all."""
    place = place_of(ROOT, ENVIRONMENT, variables)
    client, bucket = aws.client("s3", place.spec, variables), Names(place.spec).bucket("ledger")
    client.create_bucket(Bucket=bucket)
    place = replace(place, plans=StandingPlans(client, bucket, ENVIRONMENT, copies))
    names = (PLATFORM, *(f"t{number:05}" for number in range(tenants)))
    stacks = tuple(StackId(ENVIRONMENT, name) for name in names)
    listed = {stack: StandingPlan(place.plans.keep(_content(stack.name)), "mark", "1") for stack in stacks}
    known = Standing(stacks, {}, "1", listed)
    table = Table(title=f"Kept plans of {tenants:,} tenants like annuity, and of the platform")
    for heading in ("step", "CPU s", "wall s", "what"):
        table.add_column(heading)
    _timed(table, "read from S3, compared with their digests", lambda: kept_plans(place, known, stacks))
    bodies = _timed(table, "the next time: read from this machine", lambda: kept_plans(place, known, stacks))
    texts = _timed(table, "unpacked", lambda: {stack: opened(body) for stack, body in bodies.items()})
    surroundings = Surroundings(ROOT, date(2026, 11, 23))
    gc.disable()  # as the gate does
    plans = _timed(table, "read as plans", lambda: [_plan(surroundings, *item, names) for item in texts.items()])
    proof = _timed(table, "isolation proved", lambda: prove(plans))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    packed = sum(map(len, bodies.values())) / 2**20
    table.add_row("", "", "", f"{packed:.0f} MiB packed, {peak:,.0f} MiB resident at most, {_said(proof)}")
    return table


def _content(name: str) -> bytes:
    if name == PLATFORM:
        return gzip.decompress((PLANS / "applied-platform.json.gz").read_bytes())
    text = gzip.decompress((PLANS / f"applied-{MODEL}.json.gz").read_bytes()).decode()
    for key in _key_ids(text):
        text = text.replace(key, f"{key[:-5]}{name[1:]}")
    return text.replace(MODEL, name).encode()


def _key_ids(text: str) -> set[str]:
    plan = read_plan(text.encode())
    return {str(item.get("key_id")) for item in plan.of_type("aws_kms_key")}


def _plan(surroundings: Surroundings, stack: StackId, text: bytes, names: tuple[str, ...]) -> Plan:
    is_platform = stack.name == PLATFORM
    root = PLATFORM if is_platform else MODEL
    context = surroundings.context(ENVIRONMENT, root)
    tenants = tuple(sorted(set(names) - {PLATFORM}))
    code = ROOT / f"environments/{ENVIRONMENT}/rendered/{root}/terraform"
    return read_plan(text, replace(context, stack=stack.name, tenants=tenants), root=code, where=str(stack))


def _timed(table: Table, label: str, work: Callable[[], Result]) -> Result:
    cpu, wall = time.process_time(), time.monotonic()
    result = work()
    found: Any = len(result) if isinstance(result, list | dict) else ""
    table.add_row(label, f"{time.process_time() - cpu:.1f}", f"{time.monotonic() - wall:.1f}", str(found))
    return result


def _said(proof: Proof) -> str:
    return (
        "no tenant reaches another" if proof.holds else f"{len(proof.breaches)} breaches, {len(proof.undecided)} open"
    )
