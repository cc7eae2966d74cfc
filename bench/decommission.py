"""Orphans after decommissioning many tenants: `python -m bench.decommission [TENANTS]`; a hundred take most of an hour.

Each is made and unmade by real Terraform in a local cloud of its own, two at a time: half of them in dev, where all
goes, half in prod, where keys and data under retention stay. What is left is listed without the product's own search.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from bench.measure import ROOT
from bench.slim_release import NoAirflow, Silence, make, publish
from bench.slim_tenant import render_slim
from delivery import aws
from delivery.decommission.carry_out import Order
from delivery.decommission.run import Decommission, Places
from delivery.supervision import Interruption
from delivery.tagged import Clients
from delivery.workspace import StackId
from generator.model import EnvironmentSpec
from generator.names import Names
from generator.spec import load_environment
from sandbox import lifecycle

ENVIRONMENTS = ("dev", "prod")
PARALLEL = 2
PREFIX = "slim"


@dataclass(frozen=True)
class Ground:
    """One environment in the local cloud: its spec, its release's tree, and a checkout without tenants."""

    spec: EnvironmentSpec
    tree: Path
    checkout: Path
    variables: dict[str, str]
    clients: Clients


@dataclass(frozen=True)
class Ended:
    """One tenant's end: what is kept of it, what AWS deletes after its waiting time, and how long it took."""

    kept: tuple[str, ...]
    ending: tuple[str, ...]
    destroyed: int
    seconds: float


def main(tenants: int) -> int:
    """Make and unmake `tenants` tenants, print what is left, and return 1 where it is more than what was kept."""
    with tempfile.TemporaryDirectory() as folder:
        box = lifecycle.up(Path(folder, "cloud"))
        try:
            host = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
            grounds = [_ground(Path(folder), name, {**host, **box.terraform_environment()}) for name in ENVIRONMENTS]
            first = grounds[0].spec
            box.bootstrap({ground.spec.environment: ground.spec.account_id for ground in grounds}, first.organisation)
            return _measure(grounds, tenants)
        finally:
            lifecycle.down(Path(folder, "cloud"))


def _ground(folder: Path, environment: str, variables: dict[str, str]) -> Ground:
    spec = load_environment(ROOT, environment)
    tree, checkout = folder / f"{environment}-tree", folder / f"{environment}-checkout"
    checkout.mkdir()
    return Ground(spec, tree, checkout, variables, cache(lambda service: aws.client(service, spec, variables)))


def _measure(grounds: list[Ground], tenants: int) -> int:
    work = [(grounds[number % len(grounds)], f"{PREFIX}-{number:03d}") for number in range(tenants)]
    for ground, tenant in work:
        render_slim(ground.tree, ground.spec, tenant, ["landing"], ["landing"])
    for ground in grounds:
        publish(ground.tree, ground.checkout, ground.spec, ground.clients)
    began = time.monotonic()
    with ThreadPoolExecutor(PARALLEL) as pool:
        ended = list(pool.map(lambda item: _end(*item), work))
    kept = {arn for item in ended for arn in item.kept}
    ending = {arn for item in ended for arn in item.ending}
    left = {arn for ground in grounds for arn in _left(ground)}
    seconds = sorted(item.seconds for item in ended)
    print(f"{tenants} tenants in {time.monotonic() - began:.0f} s, {PARALLEL} at a time")
    print(f"destroyed {sum(item.destroyed for item in ended)} resources, kept {len(kept)}, ending {len(ending)}")
    print(f"a decommission took {seconds[len(seconds) // 2]:.0f} s (median), {seconds[-1]:.0f} s at most")
    orphans = sorted(left - kept - ending)
    print(f"orphans: {len(orphans)}", *orphans, sep="\n  ")
    lost = sorted(arn for arn in kept - left if ":alias/" not in arn)
    print(f"kept and not found: {len(lost)}", *lost, sep="\n  ")
    return 1 if orphans or lost else 0


def _end(ground: Ground, tenant: str) -> Ended:
    stack = StackId(ground.spec.environment, tenant)
    make(ground.tree, stack, ground.variables)
    bucket = Names(ground.spec, tenant).bucket("landing")
    for number in range(3):
        ground.clients("s3").put_object(Bucket=bucket, Key=f"policies/{number}.csv", Body=b"policy_id\n")
    began = time.monotonic()
    places = Places(
        ground.spec,
        ground.clients,
        NoAirflow(),
        None,
        ground.variables,
        Interruption(),
        Silence(),
        lambda text: None,
    )
    work = Decommission(ground.checkout, tenant, places, today=datetime.now(UTC).date())
    decision = work.decide()
    work.drain(0)
    order = Order("bench@example.com", "BENCH-1", datetime.now(UTC).isoformat(timespec="seconds"))
    evidence = work.carry_out(decision, order)
    seconds = time.monotonic() - began
    print(f"{stack}: {seconds:.0f} s", flush=True)
    return Ended(
        tuple(item.arn for item in decision.kept),
        tuple(item["arn"] for item in evidence["ending"]),
        len(decision.destroyed),
        seconds,
    )


def _left(ground: Ground) -> Iterator[str]:
    """Yield the ARN of everything in the account that a slim tenant's name or tag is on, listed service by service."""
    clients, begin = ground.clients, f"{Names(ground.spec, PREFIX).prefix}-"
    for page in clients("resourcegroupstaggingapi").get_paginator("get_resources").paginate():
        for item in page["ResourceTagMappingList"]:
            arn = item["ResourceARN"]
            is_slim = any(tag["Key"] == "tenant" and tag["Value"].startswith(PREFIX) for tag in item["Tags"])
            if is_slim and ":glue:" not in arn:  # the local cloud's search still shows deleted databases
                yield arn
    for bucket in clients("s3").list_buckets()["Buckets"]:
        if bucket["Name"].startswith(begin):
            yield f"arn:aws:s3:::{bucket['Name']}"
    for page in clients("iam").get_paginator("list_roles").paginate(PathPrefix="/tenant/"):
        yield from (role["Arn"] for role in page["Roles"])
    for page in clients("iam").get_paginator("list_policies").paginate(Scope="Local"):
        yield from (policy["Arn"] for policy in page["Policies"] if policy["PolicyName"].startswith(begin))
    for page in clients("glue").get_paginator("get_databases").paginate():
        yield from (f"glue:{item['Name']}" for item in page["DatabaseList"] if f"_{PREFIX}_" in item["Name"])
    for page in clients("kms").get_paginator("list_aliases").paginate():
        yield from (item["AliasArn"] for item in page["Aliases"] if item["AliasName"].startswith(f"alias/{begin}"))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
