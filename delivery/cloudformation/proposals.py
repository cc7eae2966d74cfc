"""Change sets: made, read to their end, and never left lying about."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from delivery.cloudformation import states
from delivery.cloudformation.changes import Kind, StackPlan, digest, read_changes
from delivery.cloudformation.stacks import REVIEW, Stack, Stacks
from delivery.errors import DeliveryError
from policies.artefacts import cloudformation_yaml

BODY_LIMIT = 51_200
"""Bytes of a template that a request may hold; source: CloudFormation User Guide, "Quotas"."""
EMPTY = ("didn't contain changes", "No updates are to be performed")
PREFIX = "sluice-"
"""Beginning of the names of our change sets; those of anybody else are left alone."""


class TemplateRefused(DeliveryError):
    """CloudFormation does not take a template, or its parameters."""

    exit_code = 2


class ForeignStack(DeliveryError):
    """A stack of the wanted name belongs to something else."""

    exit_code = 1


@dataclass(frozen=True)
class Wanted:
    """A stack as Git wants it.

    Attributes:
        tenant: whose it is; `platform` for the account's own.
        path: of the template, from the repository's root.
        parameters: values of everything that is not left to its default.
        tags: of the stack, which CloudFormation hands on to its resources; `identity` among them.
        identity: names of the tags by which the stack is known as this one.
        since: what tells a creation from that of an earlier stack of the same name; part of its digest.
    """

    environment: str
    tenant: str
    name: str
    path: str
    template: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    identity: tuple[str, ...] = ()
    since: str = ""

    @property
    def capabilities(self) -> list[str]:
        """What CloudFormation wants to be told before it makes identities, and only then."""
        resources = cloudformation_yaml.load(self.template, self.path).get("Resources") or {}
        makes_identities = any(str(entry.get("Type", "")).startswith("AWS::IAM::") for entry in resources.values())
        return ["CAPABILITY_NAMED_IAM"] if makes_identities else []


def propose(stacks: Stacks, wanted: Wanted) -> StackPlan:
    """Make a change set that brings the stack to what Git wants, and return what it would do.

    Where it would do nothing, or cannot be made, nothing of it is left.

    Raises:
        ForeignStack, TemplateRefused, StackStuck, StackTimeout: see there.
    """
    if len(wanted.template.encode()) > BODY_LIMIT:
        raise TemplateRefused(f"{wanted.path}: has more than {BODY_LIMIT} bytes", fix="split it into two templates")
    existing = states.ready(stacks, wanted.name)
    require_own(existing, wanted)
    kind = Kind.CREATE if existing is None else Kind.UPDATE
    plan = StackPlan(wanted.environment, wanted.tenant, wanted.name, kind)
    if existing is None:
        states.clear_way(stacks, wanted.name)
        discard_all(stacks, wanted.name)
    change_set = _create(stacks, wanted, kind)
    try:
        pages = _read(stacks, wanted, change_set)
    except BaseException:
        discard(stacks, replace(plan, change_set=change_set))
        raise
    if not pages:
        discard(stacks, replace(plan, change_set=change_set))
        return plan
    version = [existing.id, existing.updated, existing.status] if existing else [wanted.since]
    proposed = replace(plan, changes=read_changes(pages), change_set=change_set)
    meaning = digest(
        proposed, template=wanted.template, parameters=wanted.parameters, tags=wanted.tags, version=version
    )
    return replace(proposed, digest=meaning)


def require_own(existing: Stack | None, wanted: Wanted) -> None:
    """Refuse a stack of the wanted name that is not the wanted one.

    Raises:
        ForeignStack: see there.
    """
    if existing is None:
        return
    other = [
        f"{name} is {existing.tags.get(name)!r}"
        for name in wanted.identity
        if existing.tags.get(name) != wanted.tags[name]
    ]
    if other:
        raise ForeignStack(
            f"{wanted.name}: a stack of this name exists and is not that of {wanted.path}",
            expected=", ".join(f"the tag {name} {wanted.tags[name]!r}" for name in wanted.identity),
            why="; ".join(other),
            fix="give the template another name, or remove that stack",
        )


def _create(stacks: Stacks, wanted: Wanted, kind: Kind) -> str:
    """Have the change set made and return its ARN."""
    try:
        made = stacks.client.create_change_set(
            StackName=wanted.name,
            ChangeSetName=f"{PREFIX}{uuid4().hex}",
            ChangeSetType=kind.value.upper(),
            TemplateBody=wanted.template,
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in sorted(wanted.parameters.items())
            ],
            Tags=[{"Key": key, "Value": value} for key, value in sorted(wanted.tags.items())],
            Capabilities=wanted.capabilities,
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("ValidationError", "InsufficientCapabilitiesException"):
            raise
        raise TemplateRefused(
            f"{wanted.path}: CloudFormation does not take it", why=error.response["Error"].get("Message", "")
        ) from error
    return str(made["Id"])


def _read(stacks: Stacks, wanted: Wanted, change_set: str) -> list[Mapping[str, Any]]:
    """Return every page of a change set once it is whole; none when it would do nothing.

    Raises:
        TemplateRefused: it could not be made.
    """

    def whole() -> Mapping[str, Any] | None:
        found: Mapping[str, Any] = stacks.client.describe_change_set(StackName=wanted.name, ChangeSetName=change_set)
        return None if found["Status"] in ("CREATE_PENDING", "CREATE_IN_PROGRESS") else found

    first = stacks.wait_for("making a change set", wanted.name, whole)
    reason = first.get("StatusReason", "")
    if first["Status"] == "FAILED" and any(text in reason for text in EMPTY):
        return []
    if first["Status"] != "CREATE_COMPLETE" or first.get("ExecutionStatus") != "AVAILABLE":
        raise TemplateRefused(
            f"{wanted.path}: the change set is {first['Status']}", why=reason or "CloudFormation gives no reason"
        )
    pages = [first]
    while token := pages[-1].get("NextToken"):
        pages.append(
            stacks.client.describe_change_set(StackName=wanted.name, ChangeSetName=change_set, NextToken=token)
        )
    return pages


def discard(stacks: Stacks, plan: StackPlan) -> None:
    """Remove the change set of a plan that nobody will execute, and the empty stack that was made to hold it."""
    if plan.change_set:
        with suppress(stacks.client.exceptions.ChangeSetNotFoundException):
            stacks.client.delete_change_set(StackName=plan.name, ChangeSetName=plan.change_set)
    if plan.kind is Kind.CREATE:
        _remove_empty(stacks, plan.name)


def discard_all(stacks: Stacks, name: str) -> None:
    """Remove what an interrupted run left of a stack that was never created: its change sets, and the empty stack.

    Raises:
        ForeignStack: a change set of somebody else waits there.
    """
    stack = stacks.find(name)
    if stack is None or stack.status != REVIEW:
        return
    pages = stacks.client.get_paginator("list_change_sets").paginate(StackName=name)
    for item in [item for page in pages for item in page["Summaries"] if item["StackName"] == name]:
        if not item["ChangeSetName"].startswith(PREFIX):
            raise ForeignStack(
                f"{name}: the change set {item['ChangeSetName']!r} waits for its execution, and is none of Sluice's",
                fix="delete it, or have its maker execute it",
            )
        stacks.client.delete_change_set(StackName=name, ChangeSetName=item["ChangeSetId"])
    _remove_empty(stacks, name)


def _remove_empty(stacks: Stacks, name: str) -> None:
    """Delete a stack that only ever held change sets: it has no resources, so this destroys nothing."""
    stack = stacks.find(name)
    if stack is not None and stack.status == REVIEW:
        stacks.client.delete_stack(StackName=stack.id)
        stacks.at_rest(stack.id)
