"""Stacks whose template is gone from Git: found by their tags, and what their deletion would let go of."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from delivery.cloudformation.changes import Kind, ResourceChange, StackPlan, digest, in_order
from delivery.cloudformation.stacks import REVIEW, UPDATABLE, Stack, Stacks, StackStuck
from policies.artefacts import cloudformation_yaml
from policies.errors import Undecided

ENVIRONMENT, TENANT, TEMPLATE = "env", "tenant", "sluice-template"
"""Tags by which a stack is known as one that a template in Git made."""
DELETABLE = UPDATABLE | {"ROLLBACK_COMPLETE", "DELETE_FAILED"}


def orphans(
    found: Iterable[Stack], environment: str, wanted: Collection[str], tenants: Collection[str]
) -> list[tuple[Stack, str]]:
    """Return (stack, tenant) of the stacks that a template made which Git does not hold any more.

    Args:
        found: every stack of the account.
        wanted: names of the stacks that Git wants.
        tenants: those that Git holds: the stacks of any other stay until the tenant is decommissioned.
    """
    own = made_by_templates(found, environment, tenants)
    return [(stack, stack.tags[TENANT]) for stack in own if stack.name not in wanted and stack.status != REVIEW]


def made_by_templates(found: Iterable[Stack], environment: str, tenants: Collection[str]) -> list[Stack]:
    """Return those of `found` that templates of `tenants` made, by name."""
    own = [
        stack
        for stack in found
        if stack.tags.get(ENVIRONMENT) == environment and TEMPLATE in stack.tags and stack.tags.get(TENANT) in tenants
    ]
    return sorted(own, key=lambda stack: stack.name)


def plan_deletion(stacks: Stacks, environment: str, tenant: str, stack: Stack) -> StackPlan:
    """Return what the deletion of a stack would do: nothing is changed yet.

    Raises:
        StackStuck: it moves, or is in a state from which it cannot be deleted.
    """
    found = stacks.at_rest(stack.id) or stack
    if found.status not in DELETABLE:
        raise StackStuck(
            f"{stack.name}: its template is gone from Git, and it is {found.status}",
            expected=", ".join(sorted(DELETABLE)),
            fix="bring it to rest, or put its template back",
        )
    policies = _deletion_policies(stacks, found)
    changes = [
        ResourceChange(
            logical_id=item["LogicalResourceId"],
            type=item["ResourceType"],
            action="remove",
            physical_id=item.get("PhysicalResourceId", ""),
            policy_action=policies.get(item["LogicalResourceId"], "Delete"),
        )
        for item in stacks.resources(found)
        if item["ResourceStatus"] != "DELETE_COMPLETE"
    ]
    plan = StackPlan(environment, tenant, found.name, Kind.DELETE, in_order(changes))
    version = [found.id, found.updated, found.status]
    return replace(plan, digest=digest(plan, template="", parameters={}, tags=found.tags, version=version))


def template_of(stacks: Stacks, stack: Stack) -> str:
    """Return the template that made a stack, as it was sent; one in JSON is written anew."""
    body: Any = stacks.client.get_template(StackName=stack.id, TemplateStage="Original")["TemplateBody"]
    return body if isinstance(body, str) else json.dumps(body)


def _deletion_policies(stacks: Stacks, stack: Stack) -> Mapping[str, str]:
    """Return `{logical id: DeletionPolicy}` of the template that made the stack; what it does not say is Delete."""
    try:
        entries = cloudformation_yaml.load(template_of(stacks, stack), stack.name).get("Resources") or {}
        return {name: str(entry.get("DeletionPolicy", "Delete")) for name, entry in entries.items()}
    except (Undecided, AttributeError):
        return {}  # what nobody can read keeps nothing, as far as an approver is told
