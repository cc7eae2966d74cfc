"""Estates to prove: the recorded platform and any number of tenants like the recorded one, to be changed."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from policies.check import Resource
from policies.context import PLATFORM, Context
from policies.plan import Plan
from policies.values import Unknown

PLANS = Path(__file__).parent / "plans"
RECORDED = "annuity"
DOCUMENTS = frozenset({"policy", "assume_role_policy", "configuration"})
UNKNOWN = Unknown()

Values = dict[str, dict[str, Any]]
"""`{address: {type: …, values: {…}}}` of one stack."""


class Estate:
    """The plans of one environment, to be changed before they are proved."""

    def __init__(self, tenants: Iterable[str], environment: str = "prod") -> None:
        self.tenants = tuple(sorted(tenants))
        self.environment = environment
        self.stacks: dict[str, Values] = {PLATFORM: _resources(_text(environment, PLATFORM))}
        for tenant in self.tenants:
            self.stacks[tenant] = _resources(_renamed(environment, tenant))

    def plans(self) -> list[Plan]:
        return [self._plan(stack, resources) for stack, resources in self.stacks.items()]

    def _plan(self, stack: str, resources: Values) -> Plan:
        about = json.loads(_text(self.environment, PLATFORM))
        context = Context(
            environment=self.environment,
            stack=stack,
            today=date(2026, 11, 23),
            is_production=self.environment == "prod",
            organisation="meridian",
            account_id=about["account_id"],
            region=about["region"],
            tenants=self.tenants,
        )
        made = [Resource(address, item["type"], item["values"], context) for address, item in resources.items()]
        return Plan(context, made, {})

    def add(self, stack: str, address: str, type: str, values: Mapping[str, Any]) -> None:
        """Add a resource; policies may be given decoded."""
        assert address not in self.stacks[stack], address
        self.stacks[stack][address] = {"type": type, "values": _encoded(values)}

    def set(self, stack: str, address: str, values: Mapping[str, Any]) -> None:
        """Change attributes of a resource."""
        self.stacks[stack][address]["values"].update(_encoded(values))

    def remove(self, stack: str, address: str) -> None:
        del self.stacks[stack][address]

    def add_statement(self, stack: str, address: str, statement: Mapping[str, Any], attribute: str = "policy") -> None:
        """Add a statement to a policy that is there."""
        values = self.stacks[stack][address]["values"]
        document = json.loads(values[attribute])
        document["Statement"] = [*_listed(document["Statement"]), statement]
        values[attribute] = json.dumps(document)

    def drop_boundaries(self, stack: str) -> None:
        for item in self.stacks[stack].values():
            if item["type"] == "aws_iam_role":
                item["values"].pop("permissions_boundary", None)

    def allow(self, stack: str, statements: Any, role: str = "job-conform") -> None:
        """Give one of a tenant's roles a further policy."""
        values = {"name": "further", "role": f"meridian-{self.environment}-{stack}-{role}"}
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **item} for item in _listed(statements)]}
        self.add(stack, "aws_iam_role_policy.further", "aws_iam_role_policy", {**values, "policy": policy})


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _encoded(values: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(values)
    for key, value in values.items():
        if value == "unknown after apply":
            found[key] = UNKNOWN
        elif key in DOCUMENTS and isinstance(value, dict):
            found[key] = json.dumps({"Version": "2012-10-17", **value} if "Statement" in value else value)
    return found


@cache
def _text(environment: str, stack: str) -> str:
    return (PLANS / f"{environment}-{stack}.json").read_text(encoding="utf-8")


def _renamed(environment: str, tenant: str) -> str:
    """Return the recorded tenant's plan as if it were `tenant`'s, with a key of its own."""
    text = _text(environment, RECORDED)
    if tenant == RECORDED:
        return text
    for key_id in _key_ids(environment):
        text = text.replace(key_id, str(uuid.uuid5(uuid.NAMESPACE_DNS, tenant)))
    database = f"meridian_{environment}_{RECORDED}"
    return text.replace(database, f"meridian_{environment}_{tenant.replace('-', '_')}").replace(RECORDED, tenant)


@cache
def _key_ids(environment: str) -> tuple[str, ...]:
    resources = json.loads(_text(environment, RECORDED))["resources"]
    return tuple(item["values"]["key_id"] for item in resources if item["type"] == "aws_kms_key")


def _resources(text: str) -> Values:
    return {item["address"]: {"type": item["type"], "values": item["values"]} for item in json.loads(text)["resources"]}


def changed(tenants: Iterable[str], change: Mapping[str, Any]) -> Estate:
    """Return an estate with the changes that a case file writes down.

    Args:
        change: `environment`; `unbounded`: stacks whose roles lose their boundary; `allow`: statements for a role of
            the first tenant, and `role` its name; `add`, `set`: `{stack: {address: values}}`, `type` among them;
            `remove`: `{stack: [address]}`; `statements`: `{stack: {address: statement}}`, with `attribute` where the
            policy is not in `policy`.
    """
    estate = Estate(tenants, change.get("environment", "prod"))
    for stack in change.get("unbounded", ()):
        estate.drop_boundaries(stack)
    if "allow" in change:
        estate.allow(estate.tenants[0], copy.deepcopy(change["allow"]), change.get("role", "job-conform"))
    for stack, addresses in change.get("remove", {}).items():
        for address in addresses:
            estate.remove(stack, address)
    for stack, address, values in _each(change, "add"):
        estate.add(stack, address, values.pop("type"), values)
    for stack, address, values in _each(change, "set"):
        estate.set(stack, address, values)
    for stack, address, values in _each(change, "statements"):
        attribute = values.pop("attribute", "policy")
        estate.add_statement(stack, address, values, attribute)
    return estate


def _each(change: Mapping[str, Any], kind: str) -> Iterable[tuple[str, str, dict[str, Any]]]:
    for stack, resources in change.get(kind, {}).items():
        for address, values in resources.items():
            yield stack, address, copy.deepcopy(values)
