"""Which resource that exists is the one that a plan would make again. Pure: a plan's JSON and what was found.

A pair is proposed only when nothing else fits on either side. Who is in doubt is told, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from delivery.recover.search import Existing


@dataclass(frozen=True)
class Candidate:
    """A resource that the plan would create and that seems to exist.

    Attributes:
        address: Terraform's, in the plan.
        import_id: as `terraform import` takes it.
        how: how it was found, for people.
    """

    address: str
    type: str
    import_id: str
    how: str


@dataclass(frozen=True)
class Doubt:
    """Something that a person must look at: `what` was found, `why` it is not imported, what to `do`."""

    what: str
    why: str
    do: str


def creates(plan: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return `{address: {type, after}}` of what the plan would make; `after` holds only what is known now."""
    return {
        item["address"]: {"type": item["type"], "after": _known(item["change"])}
        for item in plan["resource_changes"]
        if item["mode"] == "managed" and item["change"]["actions"] == ["create"]
    }


def _known(change: Mapping[str, Any]) -> dict[str, Any]:
    unknown = change.get("after_unknown") or {}
    return {key: value for key, value in (change.get("after") or {}).items() if unknown.get(key) is not True}


@dataclass(frozen=True)
class Recorded:
    """What a state holds: `arns`, without the `:*` of log groups, and `ids`, `(type, id)` each."""

    arns: frozenset[str]
    ids: frozenset[tuple[str, str]]

    def holds(self, item: Existing) -> bool:
        """Tell whether the state knows the resource, by its id where a service writes its ARN another way."""
        return item.arn.removesuffix(":*") in self.arns or (bool(item.type) and (item.type, item.import_id) in self.ids)


def recorded(plan: Mapping[str, Any]) -> Recorded:
    """Return what the state holds that the plan was made on."""
    state = plan.get("prior_state", {}).get("values", {}).get("root_module", {})
    managed = [resource for resource in _resources(state) if resource["mode"] == "managed"]
    arns = (str(resource["values"]["arn"]).removesuffix(":*") for resource in managed if resource["values"].get("arn"))
    return Recorded(
        frozenset(arns), frozenset((resource["type"], str(resource["values"].get("id"))) for resource in managed)
    )


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from _resources(child)


def match(
    planned: Mapping[str, Mapping[str, Any]], existing: Sequence[Existing]
) -> tuple[list[Candidate], list[Doubt]]:
    """Pair what exists and no state knows with what the plan would make."""
    fits = {
        item.arn: [
            address for address, row in planned.items() if row["type"] == item.type and _fits(row["after"], item)
        ]
        for item in existing
    }
    wanted = [address for addresses in fits.values() for address in addresses]
    candidates, doubts = [], []
    for item in existing:
        addresses = fits[item.arn]
        if len(addresses) == 1 and wanted.count(addresses[0]) == 1:
            candidates.append(Candidate(addresses[0], item.type, item.import_id, "by its tags"))
        else:
            doubts.append(_doubt(item, addresses))
    return candidates, doubts


def _fits(after: Mapping[str, Any], item: Existing) -> bool:
    """Tell whether everything that both sides know is equal; where an ARN holds no name, all tags must be, too."""
    shared = [name for name in item.facts if after.get(name) is not None]
    if any(str(after[name]) != str(item.facts[name]) for name in shared):
        return False
    return bool(shared) if item.is_named else after.get("tags_all") == item.tags


def _doubt(item: Existing, addresses: Sequence[str]) -> Doubt:
    look = "look at it in the cloud; delete it there, or `terraform import` it in the run folder"
    if not item.type:
        return Doubt(item.arn, "no row of delivery/recover/kinds.py knows this ARN", look)
    if not addresses:
        return Doubt(item.arn, f"no {item.type} that the plan would make is like it", look)
    return Doubt(item.arn, f"more than one pair fits: {', '.join(addresses)}", look)
