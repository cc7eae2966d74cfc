"""What a Pulumi program declares, told as Terraform would tell it: the JSON of a plan, which the gate reads.

Explicit: types.yaml names every type and property that it knows, and anything else is refused. What only the engine
would know stays unknown, with its reference where it is another resource's id; a secret is never written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from delivery.ephemeral.errors import CannotBeShown
from policies import strict_yaml

TABLE = Path(__file__).with_name("types.yaml")
PROVIDER = "pulumi:providers:aws"
PROVIDER_PROPERTIES = frozenset({"region", "allowedAccountIds", "skipCredentialsValidation", "skipRegionValidation"})
"""Anything else, default tags or another endpoint, would change resources where nobody sees it."""
UNKNOWN, SECRET = {"$": "unknown"}, {"$": "secret"}
CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
NAME = re.compile(r"[a-z][a-z0-9_]*")

Properties = Mapping[str, Any]
Declared = Mapping[str, Any]


@dataclass(frozen=True)
class Existing:
    """A resource that stands already, beside what the program declares; `values` as Terraform's plan has them."""

    type: str
    name: str
    values: Mapping[str, Any]

    @property
    def address(self) -> str:
        return f"{self.type}.{self.name}"


@dataclass
class Told:
    """One declared resource or block as a plan tells it.

    Attributes:
        values: `{attribute: value}`, of blocks a list of objects.
        unknown: of the same form, true where the engine alone will know.
        expressions: of the same form, with the references of what is unknown.
    """

    values: dict[str, Any] = field(default_factory=dict)
    unknown: dict[str, Any] = field(default_factory=dict)
    expressions: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ShownPlan:
    """The JSON of a plan, and the addresses of what the program makes."""

    json: bytes
    addresses: frozenset[str]
    types: frozenset[str]


def plan_of(declared: Sequence[Declared], existing: Iterable[Existing], *, account_id: str, region: str) -> ShownPlan:
    """Return what the program declares as a plan.

    Args:
        declared: what `delivery.ephemeral.record` printed.
        existing: what stands already and has to be seen to judge it: the plan shows it unchanged.
        account_id, region: where everything must be.

    Raises:
        CannotBeShown: a type or property is not in the table, a value is secret, or a resource would be elsewhere.
    """
    table = strict_yaml.read(TABLE)["types"]
    providers = [item for item in declared if item["type"] == PROVIDER]
    for item in providers:
        _require_here(item, account_id, region)
    made = [item for item in declared if item["type"] != PROVIDER]
    addresses = {item["id"]: f"{_entry(item, table)['terraform']}.{_name(item)}" for item in made}
    known = {item["id"] for item in providers}
    told = {addresses[item["id"]]: _resource(item, table, addresses, known) for item in made}
    if len(told) != len(made):
        raise CannotBeShown("two resources of one type and name are declared")
    stands = {item.address: Told(dict(item.values)) for item in existing}
    document = _document({**stands, **told}, created=set(told), account_id=account_id)
    types = frozenset(address.partition(".")[0] for address in told)
    return ShownPlan(json.dumps(document).encode(), frozenset(told), types)


def _require_here(provider: Declared, account_id: str, region: str) -> None:
    """Refuse a provider that would work in another account or region, or change what it makes."""
    inputs = provider["inputs"]
    where = {"region": region, "allowedAccountIds": json.dumps([account_id])}
    others = {"skipCredentialsValidation": "false", "skipRegionValidation": "true"}  # pulumi-aws's own defaults
    for name, value in inputs.items():
        wanted = {**others, **where}.get(name)
        if value != wanted:
            raise CannotBeShown(f"provider {provider['name']}: {name} is {value!r}, expected {wanted!r}")
    for name in where.keys() - inputs.keys():
        raise CannotBeShown(f"provider {provider['name']}: does not say {name}")


def _entry(item: Declared, table: Mapping[str, Any]) -> Mapping[str, Any]:
    entry: Mapping[str, Any] | None = table.get(item["type"])
    if entry is None:
        raise CannotBeShown(
            f"{item['name']}: no table says what {item['type']!r} is in a plan",
            expected=", ".join(sorted(table)),
            why="what cannot be shown to the gate cannot be judged",
            fix=f"add the type to delivery/ephemeral/{TABLE.name}, with every property that the controls ask for",
        )
    return entry


def _name(item: Declared) -> str:
    name: str = item["name"]
    if not NAME.fullmatch(name):
        raise CannotBeShown(f"{name!r}: no Terraform resource can be called so", expected="a-z, 0-9 and _")
    return name


def _resource(item: Declared, table: Mapping[str, Any], addresses: Mapping[str, str], providers: Iterable[str]) -> Told:
    name = item["name"]
    if item["provider"] not in providers:
        raise CannotBeShown(f"{name}: no provider says in which account and region it would be")
    if item["existing"]:
        raise CannotBeShown(f"{name}: takes over {item['existing']!r}, of which a program under mocks sees nothing")
    entry = _entry(item, table)
    told = _told(item["inputs"], entry["properties"], addresses, name)
    if entry.get("is_tagged"):
        for part in (told.values, told.unknown):
            if "tags" in part:
                part["tags_all"] = part["tags"]  # the provider has no default tags, see PROVIDER_PROPERTIES
    told.unknown["id"] = True
    return told


def _told(inputs: Mapping[str, Any], properties: Properties, addresses: Mapping[str, str], where: str) -> Told:
    told = Told()
    for key, value in inputs.items():
        form = properties.get(key)
        if form is None:
            raise CannotBeShown(f"{where}.{key}: no table says what this property is in a plan")
        if isinstance(form, str):
            _tell_value(told, CAPITAL.sub("_", key).lower(), value, form, addresses, f"{where}.{key}")
        else:
            _tell_blocks(told, value, form, addresses, f"{where}.{key}")
    return told


def _tell_value(told: Told, name: str, value: Any, form: str, addresses: Mapping[str, str], where: str) -> None:
    references: set[str] = set()
    is_unknown = False
    for leaf in _leaves(value):
        if leaf == SECRET:
            raise CannotBeShown(f"{where}: is a secret, which no plan may hold", fix="name the secret, do not hold it")
        if leaf == UNKNOWN:
            is_unknown = True
        elif isinstance(leaf, str):
            references |= {address for id, address in addresses.items() if id in leaf}
    if not is_unknown and not references:
        if form == "value" and isinstance(value, dict):
            raise CannotBeShown(f"{where}: is an object where the table expects a value")
        told.values[name] = _whole(value)
        return
    told.unknown[name] = True
    if references and not is_unknown:
        told.expressions[name] = {"references": [text for one in sorted(references) for text in (f"{one}.id", one)]}


def _leaves(value: Any) -> Iterable[Any]:
    if value in (UNKNOWN, SECRET) or not isinstance(value, dict | list):
        yield value
    else:
        for item in value.values() if isinstance(value, dict) else value:
            yield from _leaves(item)


def _tell_blocks(told: Told, value: Any, form: Mapping[str, Any], addresses: Mapping[str, str], where: str) -> None:
    blocks = value if isinstance(value, list) else [value]
    if value in (UNKNOWN, SECRET) or not all(isinstance(block, dict) and block != UNKNOWN for block in blocks):
        raise CannotBeShown(f"{where}: is {value!r}, not blocks")
    parts = [_told(block, form["of"], addresses, where) for block in blocks]
    name = form["block"]
    told.values[name] = [part.values for part in parts]
    if any(part.unknown for part in parts):
        told.unknown[name] = [part.unknown for part in parts]
        told.expressions[name] = [part.expressions for part in parts]


def _whole(value: Any) -> Any:
    """Return a value with whole numbers as such: Pulumi's wire knows only floating ones."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _document(resources: Mapping[str, Told], *, created: set[str], account_id: str) -> dict[str, Any]:
    """Return the parts of `terraform show -json` that the gate reads."""
    planned, changes, configuration = [], [], []
    for address, told in resources.items():
        type, _, name = address.partition(".")
        which = {"address": address, "mode": "managed", "type": type, "name": name}
        actions = ["create"] if address in created else ["no-op"]
        planned.append({**which, "values": told.values})
        changes.append(
            {**which, "change": {"actions": actions, "after": told.values, "after_unknown": told.unknown}},
        )
        configuration.append({**which, "expressions": told.expressions})
    return {
        "format_version": "1.2",
        "variables": {"account_id": {"value": account_id}},
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": configuration}},
    }
