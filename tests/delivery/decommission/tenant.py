"""A tenant in moto, and a Terraform for it that fits into a test: a state in memory, and AWS calls that destroy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from delivery.decommission.carry_out import Order, Site, carry_out
from delivery.decommission.decision import Decision, decide
from delivery.decommission.evidence import Evidence, kept_in
from delivery.decommission.kept import Rules
from delivery.decommission.run import is_finished
from delivery.decommission.terraform_steps import DestroyPlan
from delivery.ledger import Ledger
from delivery.plan import Change, Plan
from delivery.plan_digest import StateVersion, plan_digest
from delivery.tagged import Clients
from delivery.workspace import StackId
from generator.model import EnvironmentSpec
from generator.names import Names

TODAY = datetime.now(UTC).date()
RETENTION_DAYS = 365
NUMBERS = count()
READS = ("get_", "list_", "head_", "describe_", "can_paginate")
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


class Killed(BaseException):
    """The process was killed: nothing below may catch it."""


@dataclass
class Killer:
    """Counts calls that change something, and kills when one of them was carried out: its caller never hears of it.

    Attributes:
        at: number of the call, from 1; 0 kills never.
    """

    at: int = 0
    calls: int = 0

    def __call__(self, change: Callable[[], Any]) -> Any:
        self.calls += 1
        done = change()
        if self.calls == self.at:
            raise Killed
        return done

    def over(self, clients: Clients) -> Clients:
        """Return `clients` whose changes are counted."""
        return lambda service: _Counted(clients(service), self)


class _Counted:
    def __init__(self, client: Any, killer: Killer) -> None:
        self._client, self._killer = client, killer

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if name.startswith(READS) or not callable(found):
            return found
        return lambda **given: self._killer(lambda: found(**given))


@dataclass
class Tenant:
    """One tenant: landing under retention, raw past it, curated with a legal hold; a key, a role, a parameter."""

    spec: EnvironmentSpec
    clients: Clients
    name: str = field(default_factory=lambda: f"tenant-{next(NUMBERS)}")
    state: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    serial: int = 1
    killer: Killer = field(default_factory=Killer)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names = Names(self.spec, self.name)
        self.stack = StackId(self.spec.environment, self.name)
        self.tags = {"tenant": self.name, "env": self.spec.environment}
        listed = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        for zone in ("landing", "raw", "curated"):
            hold = [{"Key": "legal-hold", "Value": "case 12"}] if zone == "curated" else []
            self._bucket(zone, listed + hold)
        key = self.clients("kms").create_key(
            Tags=[{"TagKey": key, "TagValue": value} for key, value in self.tags.items()]
        )["KeyMetadata"]
        self.clients("kms").create_alias(AliasName=self.names.kms_alias, TargetKeyId=key["KeyId"])
        alias = f"{key['Arn'].rpartition('key/')[0]}{self.names.kms_alias}"
        role = self.names.entity("job-conform")
        path = f"/tenant/{self.name}/"
        self.clients("iam").create_role(RoleName=role, Path=path, AssumeRolePolicyDocument=TRUST, Tags=listed)
        parameter = self.names.parameter("kms_key_arn")
        self.clients("ssm").put_parameter(Name=parameter, Value="x", Type="String", Tags=listed)
        self.state |= {
            "module.key.aws_kms_key.this": ("aws_kms_key", {"arn": key["Arn"], "tags_all": self.tags}),
            "module.key.aws_kms_alias.this": ("aws_kms_alias", {"arn": alias, "name": self.names.kms_alias}),
            "aws_iam_role.job": ("aws_iam_role", {"name": role, "tags_all": self.tags}),
            "aws_ssm_parameter.this": ("aws_ssm_parameter", {"name": parameter, "tags_all": self.tags}),
        }

    def _bucket(self, zone: str, tags: list[dict[str, str]]) -> None:
        name, s3 = self.names.bucket(zone), self.clients("s3")
        s3.create_bucket(Bucket=name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
        s3.put_object(Bucket=name, Key="data", Body=b"data")
        self.state[f'aws_s3_bucket.zone["{zone}"]'] = ("aws_s3_bucket", {"bucket": name, "tags_all": self.tags})
        self.state[f'aws_s3_bucket_versioning.zone["{zone}"]'] = ("aws_s3_bucket_versioning", {"bucket": name})

    def plan(self) -> DestroyPlan:
        items = [
            {
                "address": address,
                "type": type_,
                "mode": "managed",
                "provider_name": "aws",
                "change": {"actions": ["delete"], "before": attributes, "after": None},
            }
            for address, (type_, attributes) in sorted(self.state.items())
        ]
        document = {"terraform_version": "1.11.4", "resource_changes": items}
        changes = tuple(Change(address, type_, "delete") for address, (type_, _) in sorted(self.state.items()))
        digest = plan_digest(str(self.stack), document, StateVersion("lineage", self.serial))
        return DestroyPlan(Plan(self.stack, Path(), changes, "0"), document, digest)

    def forget(self, addresses: Sequence[str]) -> None:
        def leave() -> None:
            for address in addresses:
                del self.state[address]
            self.serial += 1

        self.killer(leave)

    def apply(self, shown: DestroyPlan) -> int:
        for change in shown.planned.changes:
            self.killer(lambda address=change.address: self._destroy(address))  # type: ignore[misc]
        return len(shown.planned.changes)

    def _destroy(self, address: str) -> None:
        type_, it = self.state[address]
        if type_ == "aws_s3_bucket":
            self.clients("s3").delete_bucket(Bucket=it["bucket"])
        elif type_ == "aws_kms_key":
            self.clients("kms").schedule_key_deletion(KeyId=it["arn"], PendingWindowInDays=7)
        elif type_ == "aws_kms_alias":
            self.clients("kms").delete_alias(AliasName=it["name"])
        elif type_ == "aws_iam_role":
            self.clients("iam").delete_role(RoleName=it["name"])
        elif type_ == "aws_ssm_parameter":
            self.clients("ssm").delete_parameter(Name=it["name"])
        del self.state[address]
        self.serial += 1

    def rules(self, days_later: int, **changed: Any) -> Rules:
        today: date = TODAY + timedelta(days=days_later)
        given = {"is_protected": self.spec.deletion_protection, "hold_until": None} | changed
        return Rules(RETENTION_DAYS, raw_bucket=self.names.bucket("raw"), today=today, **given)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.clients("s3"), self.names.platform.bucket("ledger"), self.name)  # one a tenant, for tests

    def evidence(self, clients: Clients) -> Evidence:
        bucket = self.names.platform.bucket("ledger")
        return Evidence(clients("s3"), bucket, self.spec.environment, self.name)

    def decide(self, rules: Rules) -> Decision:
        documents = self.evidence(self.clients).documents()
        earlier = kept_in(documents[-1]) if documents else []
        return decide(self.stack, self.names, self.plan(), self.clients, rules, earlier)

    def decommission(self, rules: Rules, killer: Killer | None = None) -> Decision:
        """Run the whole of it once, as the command does after the approval."""
        self.killer = killer or Killer()
        counted = self.killer.over(self.clients)
        documents = self.evidence(self.clients).documents()
        decision = self.decide(rules)
        last = documents[-1] if documents else {}
        if decision.is_empty and is_finished(self.stack, last, self.ledger.history()):
            return decision
        ledger = Ledger(counted("s3"), self.names.platform.bucket("ledger"), self.name)
        site = Site(
            self.names, counted, self, self.evidence(counted), ledger, self.said.append, lambda: None, settle_seconds=0
        )
        order = Order("ann@example.com", "DATA-1", "2026-11-23T10:00:00+00:00")
        carry_out(site, decision, rules, order, {"release": "a" * 64}, len(documents))
        return decision

    def zones(self) -> Iterator[str]:
        """Yield the zones whose buckets there are."""
        there = {bucket["Name"] for bucket in self.clients("s3").list_buckets()["Buckets"]}
        yield from (zone for zone in ("curated", "landing", "raw") if self.names.bucket(zone) in there)
