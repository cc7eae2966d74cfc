"""What a template would change, found by reading alone: for a pull request, whose role may make no change set.

It sees resources that come, go or are written otherwise, and no outputs. Whether AWS would replace one, a change set
alone tells: what holds data and is written otherwise counts as replaced here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from delivery.cloudformation import states
from delivery.cloudformation.changes import Kind, ResourceChange, StackPlan, in_order, is_stateful
from delivery.cloudformation.deletions import orphans, plan_deletion, template_of
from delivery.cloudformation.proposals import Wanted, require_own
from delivery.cloudformation.stacks import Stack, Stacks
from policies.artefacts import cloudformation_yaml

SETTLED = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})
"""States in which a stack is surely what its template and parameters say."""
LOOKED_UP = "AWS::SSM::Parameter"
"""Beginning of the types of parameters whose value is another one when somebody changes it elsewhere."""


def compare_stacks(
    stacks: Stacks, environment: str, wanted: Iterable[Wanted], *, tenants: Collection[str]
) -> list[StackPlan]:
    """Return what would be done to every stack, as far as reading tells; nothing is made, and nothing can be applied.

    Raises:
        DeliveryError: a stack is stuck, or belongs to something else.
    """
    plans = [compare(stacks, item) for item in wanted]
    gone = orphans(stacks.all(), environment, {plan.name for plan in plans}, tenants)
    deletions = [plan_deletion(stacks, environment, owner, stack) for stack, owner in gone]
    return [*plans, *(replace(plan, digest="") for plan in deletions)]


def is_as_wanted(stacks: Stacks, existing: Stack | None, wanted: Wanted) -> bool:
    """Tell whether a change set would surely change nothing, so that none is needed.

    Raises:
        ForeignStack: the stack belongs to something else.
    """
    require_own(existing, wanted)
    if existing is None or existing.status not in SETTLED or _own_tags(existing) != wanted.tags:
        return False
    document = cloudformation_yaml.load(wanted.template, wanted.path)
    declared = document.get("Parameters") or {}
    return (
        not any(str(entry.get("Type", "")).startswith(LOOKED_UP) for entry in declared.values())
        and _values(document, existing.parameters) == _values(document, wanted.parameters)
        and template_of(stacks, existing) == wanted.template
    )


def compare(stacks: Stacks, wanted: Wanted) -> StackPlan:
    """Return what a template would change in its stack."""
    existing = states.ready(stacks, wanted.name)
    require_own(existing, wanted)
    document = cloudformation_yaml.load(wanted.template, wanted.path)
    new = _resources(document)
    kind = Kind.CREATE if existing is None else Kind.UPDATE
    plan = StackPlan(wanted.environment, wanted.tenant, wanted.name, kind, is_compared=True)
    if existing is None:
        return replace(plan, changes=in_order([_change(name, "add", entry) for name, entry in new.items()]))
    before = cloudformation_yaml.load(template_of(stacks, existing), wanted.name)
    old = _resources(before)
    changes = [
        *(_change(name, "add", new[name]) for name in new.keys() - old.keys()),
        *(_change(name, "remove", old[name]) for name in old.keys() - new.keys()),
    ]
    is_other_value = _values(before, existing.parameters) != _values(document, wanted.parameters)
    is_other_tag = _own_tags(existing) != wanted.tags
    for name in new.keys() & old.keys():
        if old[name] != new[name] or is_other_value:
            changes.append(_rewritten(name, old[name], new[name]))
        elif is_other_tag:
            changes.append(_change(name, "modify", new[name]))
    return replace(plan, changes=in_order(changes))


def _own_tags(stack: Stack) -> dict[str, str]:
    return {key: value for key, value in stack.tags.items() if not key.startswith("aws:")}


def _values(document: Mapping[str, Any], given: Mapping[str, str]) -> Any:
    """Return all that a resource's own text can name: parameters with their values, mappings and the like."""
    parameters = document.get("Parameters") or {}
    values = {
        name: given.get(name, str(entry.get("Default")) if isinstance(entry, dict) else "")
        for name, entry in parameters.items()
    }
    return values, document.get("Mappings"), document.get("Conditions")


def _rewritten(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> ResourceChange:
    is_other = old.get("Type") != new.get("Type")
    change = _change(name, "replace" if is_other or is_stateful(str(new.get("Type"))) else "modify", new)
    return replace(change, policy_action=f"ReplaceAnd{old.get('UpdateReplacePolicy', 'Delete')}")


def _change(name: str, action: str, entry: Mapping[str, Any]) -> ResourceChange:
    return ResourceChange(name, str(entry.get("Type")), action, policy_action=str(entry.get("DeletionPolicy", "")))


def _resources(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    found = document.get("Resources") or {}
    return {name: entry if isinstance(entry, dict) else {} for name, entry in found.items()}
