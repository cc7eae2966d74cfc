"""What tenants' plans look up, and whether an apply of the platform changes it for them.

A tenant gets to know of the platform by its data sources alone: no stack reads another's resources. What a type of data
source can read stands in a table; of one that is not in it everything is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from delivery.affected import ModuleUse
from delivery.plan_digest import PlanUnreadable
from delivery.workspace import StackId

READ: Mapping[str, frozenset[str]] = {
    "aws_caller_identity": frozenset(),
    "aws_iam_policy_document": frozenset(),
    "aws_partition": frozenset(),
    "aws_region": frozenset(),
    "aws_ssm_parameter": frozenset({"aws_ssm_parameter"}),
}
"""{type of data source: types of resources whose change can change what it gives}."""
DATA = re.compile(r'^\s*(?:data|ephemeral)\s+"?(?P<type>[A-Za-z0-9_-]+)"?', re.MULTILINE)
NOTHING = (["no-op"], ["read"])


def changed_types(plan: Mapping[str, Any]) -> set[str]:
    """Return the types of what a plan changes; `output` among them where it changes an output.

    Args:
        plan: `terraform show -json`, decoded.

    Raises:
        PlanUnreadable: it does not say what it changes.
    """
    try:
        changes = [item for item in plan["resource_changes"] if item["mode"] == "managed"]
        found = {item["type"] for item in changes if item["change"]["actions"] not in NOTHING}
        outputs = plan.get("output_changes", {}).values()
        return found | {"output" for change in outputs if change["actions"] not in NOTHING}
    except (KeyError, TypeError, AttributeError) as error:
        raise PlanUnreadable("the platform's plan lacks what tenants depend on", why=repr(error)) from error


class Lookups:
    """What the tenants of a tree look up."""

    def __init__(self, root: Path) -> None:
        self._root, self._modules = root, ModuleUse(root)
        self._types: dict[Path, frozenset[str]] = {}

    def may_change(self, stack: StackId, changed: set[str]) -> bool:
        """Tell whether a change of resources of the types `changed` may change what `stack` looks up."""
        if not changed:
            return False
        own = self._root / stack.rendered / "terraform"
        folders = [own, *(self._root / "modules" / name for name in self._modules.of(stack))]
        read = {type: READ.get(type) for folder in folders for type in self._looked_up(folder)}
        return any(types is None or not types.isdisjoint(changed) for types in read.values())

    def _looked_up(self, folder: Path) -> frozenset[str]:
        if folder not in self._types:
            types = {match["type"] for path in folder.glob("*.tf") for match in DATA.finditer(path.read_text())}
            unread = {path.name for path in folder.glob("*.tf.json") if '"data"' in path.read_text()}
            self._types[folder] = frozenset(types | unread)  # a file's name is in no table: it reads everything
        return self._types[folder]
