"""A short-lived cluster from wish to end: decided, shown, judged, and only then handed to Pulumi.

Decides the order of things. What runs is asked of EMR each time; Pulumi's record only follows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from delivery.ephemeral import gate, python, wish
from delivery.ephemeral.account import Account
from delivery.ephemeral.cluster import Cluster, to_json
from delivery.ephemeral.ends import require_end
from delivery.ephemeral.errors import CannotBeShown, NotForThis, PulumiFailed
from delivery.ephemeral.neighbours import neighbours
from delivery.ephemeral.running import Running, end, running, why_over
from delivery.ephemeral.translate import ShownPlan, plan_of
from delivery.ephemeral.wish import Wish
from generator.model import EnvironmentSpec
from generator.names import Names
from policies.result import GateResult

RECORD, ENGINE = "delivery.ephemeral.record", "delivery.ephemeral.engine"
HOME = Path(".sluice/pulumi")
KEY_CONTEXT = "context_sluice=ephemeral"
"""KMS's encryption context, to which the key's policy pins this use of it."""


@dataclass(frozen=True)
class Prepared:
    """A cluster that the gate lets start.

    Attributes:
        running: the cluster of that name that runs already, which is finished and not started anew.
    """

    cluster: Cluster
    plan: ShownPlan
    result: GateResult
    running: Running | None


def clusters(account: Account) -> list[Running]:
    return running(account.client("emr"))


def prepare(account: Account, asked: Wish) -> Prepared:
    """Decide everything about a cluster and have it judged.

    A cluster of that name that runs already keeps its end: nobody lives longer by asking again.

    Raises:
        NotForThis, ToolMissing, CloudRefused, CannotBeShown, WouldNotEnd, EphemeralRefused: see there.
        PolicyError: the gate cannot be relied on.
    """
    wish.check(asked, account.spec)
    now = account.now()
    before = _of_this_name(account, asked, now)
    expires_at = before.expires_at if before and before.expires_at else wish.expiry(asked, now)
    tags = wish.tags_of(account.root, asked, account.spec, expires_at)
    cluster = wish.cluster_of(asked, account.spec, tags, wish.published(account.client("ssm"), account.spec))
    plan = shown(account, cluster)
    require_end(plan, now)
    result = gate.require(account.root, now.date(), account.spec.environment, asked.tenant, plan)
    return Prepared(cluster, plan, result, before)


def _of_this_name(account: Account, asked: Wish, now: datetime) -> Running | None:
    """Return the cluster that a wish would find running, if it is the same person's and its time is not over."""
    found = next(iter(_called(account, asked.name)), None)
    if found and (found.owner, found.tenant) != (asked.owner, asked.tenant):
        raise NotForThis(
            f"{asked.name!r} runs already, for {found.owner} and tenant {found.tenant}",
            expected="a name of one's own",
            fix="--name another",
        )
    if found and (why := why_over(found, now)):
        fix = f"sluice ephemeral down --env {account.spec.environment} {asked.name}, then up again"
        raise NotForThis(f"{asked.name!r} runs still, and its time is over: it {why}", fix=fix)
    return found


def shown(account: Account, cluster: Cluster) -> ShownPlan:
    """Return what the program declares for `cluster`, as a plan.

    Raises:
        CannotBeShown: the program fails under mocks, or no plan can show what it declares.
    """
    code, output = python.run(account.root, RECORD, given=to_json(cluster), variables=account.variables)
    if code:
        raise CannotBeShown(f"the program fails under mocks with exit code {code}", why=output.strip()[-2000:])
    declared = json.loads(output.splitlines()[-1])
    around = neighbours(account.client("ec2"), cluster.subnet_ids)
    return plan_of(declared, around, account_id=account.spec.account_id, region=account.spec.region)


def start(account: Account, prepared: Prepared, listener: python.Listener) -> None:
    """Hand a judged cluster to Pulumi's engine.

    Raises:
        ToolMissing, PulumiFailed: see there.
    """
    python.find_pulumi(account.variables)
    name = prepared.cluster.tags["ephemeral"]
    if prepared.running is None:
        _order(account, "forget", name, listener)  # of an earlier cluster that has ended by itself
    _order(account, "finish" if prepared.running else "up", name, listener, cluster=to_json(prepared.cluster))


def stop(account: Account, name: str, listener: python.Listener) -> list[Running]:
    """End the cluster called `name` and drop Pulumi's record of it; return what ran.

    What runs on then is in no record, a killed start's for example: EMR ends it.

    Raises:
        ToolMissing, PulumiFailed, CloudRefused: see there.
    """
    python.find_pulumi(account.variables)
    found = _called(account, name)
    _order(account, "down" if found else "forget", name, listener)
    end(account.client("emr"), _called(account, name))
    return found


def _called(account: Account, name: str) -> list[Running]:
    return [one for one in clusters(account) if one.name == name]


def over(account: Account) -> list[tuple[Running, str]]:
    """Return the clusters whose time is over, and why."""
    now = account.now()
    found = [(one, why_over(one, now)) for one in clusters(account)]
    return [(one, why) for one, why in found if why]


def reap(account: Account, ended: list[Running]) -> None:
    """End clusters through EMR itself; Pulumi's record is dropped by the next up or down of that name."""
    end(account.client("emr"), ended)


def _order(account: Account, action: str, name: str, listener: python.Listener, cluster: str = "") -> None:
    spec = account.spec
    order = {
        "action": action,
        "stack": f"{spec.environment}-{name}",
        "backend": f"s3://{Names(spec).bucket('tfstate')}/pulumi?region={spec.region}&awssdk=v2",
        "secrets_provider": f"awskms://{_delivery_key(spec)}?region={spec.region}&awssdk=v2&{KEY_CONTEXT}",
        "home": str((account.root / HOME).absolute()),
        "cluster": cluster,
    }
    code, _ = python.run(
        account.root,
        ENGINE,
        given=json.dumps(order),
        variables=account.variables,
        own=account.credentials(),
        listener=listener,
    )
    if code:
        raise PulumiFailed(
            f"{spec.environment}/{name}: pulumi {action} failed with exit code {code}",
            why="see its output above; what it made is in its record and bears its tags, so that it ends in time",
            fix=f"run the same command again, or: sluice ephemeral down --env {spec.environment} {name}",
        )


def _delivery_key(spec: EnvironmentSpec) -> str:
    """Return the alias of the key that encrypts what is kept about an account; delivery/bootstrap/account.yaml."""
    return f"alias/{spec.organisation}-{spec.environment}-delivery"
