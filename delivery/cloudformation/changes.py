"""What one change set, or the deletion of a stack, would do: a value that people review and an approval names."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from policies.data.cloudformation_types import types

KEEPS = frozenset({"Retain", "Snapshot", "ReplaceAndRetain", "ReplaceAndSnapshot"})
"""Policy actions by which what is let go of is still there afterwards, outside of the stack."""


class Kind(Enum):
    """What happens to the stack as a whole."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True)
class ResourceChange:
    """One resource that changes.

    Attributes:
        action: add, modify, replace, remove, import or dynamic. What CloudFormation itself cannot tell yet (a
            `Conditional` replacement, a `Dynamic` change) counts as a replacement.
        policy_action: what becomes of the resource that is let go of: Delete, Retain, Snapshot, ReplaceAndDelete, …
        details: why, as CloudFormation lists it, in one order.
    """

    logical_id: str
    type: str
    action: str
    physical_id: str = ""
    policy_action: str = ""
    details: tuple[str, ...] = ()

    @property
    def is_destructive(self) -> bool:
        """Whether a stateful resource is replaced or let go of; it is, too, where only its old content is kept."""
        return self.action in ("replace", "remove", "dynamic") and is_stateful(self.type)

    @property
    def is_kept(self) -> bool:
        return self.policy_action in KEEPS


def is_stateful(type: str) -> bool:
    """Tell whether a type holds data, or what opens data; one that the CSO's table does not know counts as such."""
    mapped = types().get(type)
    return mapped is None or mapped.is_stateful


@dataclass(frozen=True)
class StackPlan:
    """What would be done to one stack.

    Attributes:
        environment, tenant: whose it is; the tenant of the account's own stack is `platform`.
        name: of the stack.
        changes: destructive ones first, then by logical id.
        change_set: ARN of the change set that does exactly this; empty for a deletion, and where nothing changes.
        digest: of what would be done to which version of the stack; equal for a plan made again that means the same.
        is_compared: found by reading alone: it can be shown, and neither approved nor executed.
    """

    environment: str
    tenant: str
    name: str
    kind: Kind
    changes: tuple[ResourceChange, ...] = ()
    change_set: str = ""
    digest: str = ""
    is_compared: bool = False

    @property
    def key(self) -> str:
        """The name by which summaries and approvals know the stack: `<environment>/<stack>`."""
        return f"{self.environment}/{self.name}"

    @property
    def is_empty(self) -> bool:
        return self.kind is not Kind.DELETE and not (self.changes if self.is_compared else self.change_set)

    @property
    def destructive(self) -> list[ResourceChange]:
        return [change for change in self.changes if change.is_destructive]

    @property
    def counts(self) -> Counter[str]:
        return Counter(change.action for change in self.changes)

    @property
    def done(self) -> dict[str, int]:
        """What executing it does, counted as Terraform counts: a replacement is added and removed."""
        counts = self.counts
        return {
            "add": counts["add"] + counts["import"] + counts["replace"],
            "change": counts["modify"] + counts["dynamic"],
            "remove": counts["remove"] + counts["replace"],
        }


def read_changes(pages: Sequence[Mapping[str, Any]]) -> tuple[ResourceChange, ...]:
    """Return the changes in the pages of DescribeChangeSet."""
    found = [_resource_change(item["ResourceChange"]) for page in pages for item in page.get("Changes", ())]
    return in_order(found)


def in_order(changes: Sequence[ResourceChange]) -> tuple[ResourceChange, ...]:
    return tuple(sorted(changes, key=lambda item: (not item.is_destructive, item.logical_id)))


def _resource_change(item: Mapping[str, Any]) -> ResourceChange:
    action = str(item["Action"]).lower()
    if action == "modify" and item.get("Replacement") in ("True", "Conditional"):
        action = "replace"
    return ResourceChange(
        logical_id=item["LogicalResourceId"],
        type=item["ResourceType"],
        action=action,
        physical_id=item.get("PhysicalResourceId", ""),
        policy_action=item.get("PolicyAction", ""),
        details=tuple(sorted(json.dumps(detail, sort_keys=True) for detail in item.get("Details", ()))),
    )


def digest(
    plan: StackPlan, *, template: str, parameters: Mapping[str, str], tags: Mapping[str, str], version: Sequence[str]
) -> str:
    """Return the SHA-256 of what `plan` would do, hexadecimal.

    Args:
        version: what tells this stack from any other, and its state now from any other: id, time of its last update.
            An approved change set that was executed can so never be approved again by the same words.
    """
    meaning = {
        "stack": plan.key,
        "kind": plan.kind.value,
        "changes": [asdict(change) for change in sorted(plan.changes, key=lambda item: item.logical_id)],
        "template": hashlib.sha256(template.encode()).hexdigest(),
        "parameters": dict(parameters),
        "tags": dict(tags),
        "version": list(version),
    }
    return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()
