"""The roles of all plans with everything that is attached to them, whichever stack attached it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from policies.check import Resource
from policies.errors import Undecided
from policies.isolation.model import Problem, Role, Rules
from policies.isolation.reading import allows_only, is_computed, problem, referred, rules_in, rules_of, tags_of, text
from policies.plan import Plan

MANAGED = Path(__file__).parent / "data" / "aws_managed_policies.json"


@cache
def aws_managed() -> Mapping[str, Any]:
    """Return `{ARN: policy document}` of the AWS managed policies that somebody has reviewed."""
    policies: Mapping[str, Any] = json.loads(MANAGED.read_text(encoding="utf-8"))["policies"]
    return policies


class RoleReader:
    """Collects roles and policies over all plans, then puts them together."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.problems: list[Problem] = []
        self._roles: dict[str, Role] = {}
        self._managed: dict[str, tuple[Rules | None, str, str]] = {}
        self._inline: list[tuple[str, Rules]] = []
        self._attached: list[tuple[str, str, Problem]] = []
        self._shown: list[tuple[str, str, Problem]] = []
        self._lost: list[tuple[str, Problem]] = []

    def read(self, plan: Plan) -> None:
        """Read one plan's roles, policies and attachments."""
        readers: dict[str, Callable[[Plan, Resource], None]] = {
            "aws_iam_role": self._role,
            "aws_iam_policy": self._policy,
            "aws_iam_role_policy": self._inline_policy,
            "aws_iam_role_policy_attachment": self._attachment,
            "aws_iam_policy_attachment": self._attachments,
        }
        for type, reader in readers.items():
            for resource in plan.of_type(type):
                try:
                    reader(plan, resource)
                except Undecided as reason:
                    self.problems.append(problem(plan.context.stack, resource, reason))

    def roles(self) -> list[Role]:
        """Return every role, and whoever holds the managed policies that no role of the plans holds."""
        for name, rules in self._inline:
            self._of(name).rules += rules
        for name, arn, at in self._attached:
            self._give(self._of(name), arn, at)
        for name, arn, at in self._shown:
            if arn not in self._of(name).attached:
                self._give(self._of(name), arn, at, allows_only)
        for name, found in self._lost:
            self._of(name).problems += (found,)
        for role in self._roles.values():
            self._bound(role)
        return [*self._roles.values(), *self._people()]

    def _role(self, plan: Plan, resource: Resource) -> None:
        stack = plan.context.stack
        name = text(resource, "name")
        if not name:
            raise Undecided("the role's name is chosen at the apply: write `name`")
        arn = f"arn:aws:iam::{self.account}:role{text(resource, 'path') or '/'}{name}"
        if name in self._roles:
            raise Undecided(f"role {name} is also in {self._roles[name].stack}")
        boundary = self._arn_of_policy(plan, resource, "permissions_boundary")
        role = Role(stack, resource.address, arn, name, tags=tags_of(resource) or {}, bounded_by=boundary)
        self._roles[name] = role
        role.trust = rules_of(resource, "assume_role_policy", stack)
        if tags_of(resource) is None:
            raise Undecided("the role's tags are known only after the apply")
        self._embedded(plan, resource, name)

    def _embedded(self, plan: Plan, resource: Resource, name: str) -> None:
        """Read policies that the role's own block holds; Terraform shows there also what other resources attached.

        An entry is as old as the last refresh: only what it allows counts, and a resource of its name supersedes it.
        """
        stack, own = plan.context.stack, plan.of_type("aws_iam_role_policy")
        apart = {item.values.get("name") for item in own if item.values.get("role") == name}
        if not is_computed(resource, "inline_policy"):
            for block in resource.blocks("inline_policy"):
                if block.get("name") not in apart:
                    document = block.document("policy")
                    where = f"{stack}: {resource.address}"
                    self._inline.append((name, allows_only(rules_in(document.values, where, "inline_policy"))))
        if not is_computed(resource, "managed_policy_arns"):
            for arn in resource.strings("managed_policy_arns"):
                self._shown.append((name, arn, problem(stack, resource, f"nobody has reviewed {arn}")))

    def _policy(self, plan: Plan, resource: Resource) -> None:
        stack = plan.context.stack
        arn = self._arn_of(resource)
        self._managed[arn] = (None, stack, resource.address)
        self._managed[arn] = (rules_of(resource, "policy", stack), stack, resource.address)

    def _arn_of(self, policy: Resource) -> str:
        name = text(policy, "name")
        if not name:
            raise Undecided("the policy's name is chosen at the apply: write `name`")
        return f"arn:aws:iam::{self.account}:policy{text(policy, 'path') or '/'}{name}"

    def _arn_of_policy(self, plan: Plan, resource: Resource, path: str) -> str:
        made_from = referred(plan, resource, path, "aws_iam_policy")
        return self._arn_of(made_from) if made_from else text(resource, path)

    def _name_of_role(self, plan: Plan, resource: Resource) -> str:
        made_from = referred(plan, resource, "role", "aws_iam_role")
        return text(made_from or resource, "name" if made_from else "role").rsplit("/", 1)[-1]

    def _inline_policy(self, plan: Plan, resource: Resource) -> None:
        name = self._name_of_role(plan, resource)
        try:
            self._inline.append((name, rules_of(resource, "policy", plan.context.stack)))
        except Undecided as reason:
            self._lost.append((name, problem(plan.context.stack, resource, reason)))

    def _attachment(self, plan: Plan, resource: Resource) -> None:
        self._attach(plan, resource, [self._name_of_role(plan, resource)])

    def _attachments(self, plan: Plan, resource: Resource) -> None:
        if resource.strings("users") or resource.strings("groups"):
            raise Undecided("the policy is attached to users or groups: the proof knows roles only")
        self._attach(plan, resource, resource.strings("roles"))

    def _attach(self, plan: Plan, resource: Resource, names: Iterable[str]) -> None:
        arn = self._arn_of_policy(plan, resource, "policy_arn")
        at = problem(plan.context.stack, resource, f"nobody has reviewed {arn}")
        self._attached.extend((name, arn, at) for name in names)

    def _of(self, name: str) -> Role:
        """Return the role of a name; one that no plan makes stands for itself, and nothing is known about it."""
        if name not in self._roles:
            self._roles[name] = Role("", f"role {name}", f"arn:aws:iam::{self.account}:role/{name}", name)
            self.problems.append(Problem("", f"role {name}", "something is attached to it, but it is in no plan"))
        return self._roles[name]

    def _give(self, role: Role, arn: str, at: Problem, counting: Callable[[Rules], Rules] = tuple) -> None:
        role.attached |= {arn}
        rules = self._rules_of(arn)
        if rules is None:
            role.problems += (at,)
        else:
            role.rules += counting(rules)

    def _rules_of(self, arn: str) -> Rules | None:
        if arn in self._managed:
            return self._managed[arn][0]
        document = aws_managed().get(arn)
        return None if document is None else rules_in(document, arn, "policy")

    def _bound(self, role: Role) -> None:
        if role.bounded_by:
            role.boundary = self._rules_of(role.bounded_by)
            if role.boundary is None:
                role.boundary = ()
                why = f"its permission boundary {role.bounded_by} is in no plan, or cannot be read"
                role.problems += (Problem(role.stack, role.address, why),)

    def _people(self) -> Iterator[Role]:
        """Yield one holder of all the policies of a stack that no role has: people, whose tag names their tenant."""
        used = {arn for role in self._roles.values() for arn in (*role.attached, role.bounded_by)}
        holders: dict[str, Role] = {}
        for arn, (rules, stack, address) in self._managed.items():
            if arn in used:
                continue
            holder = holders.setdefault(stack, Role(stack, "", f"arn:aws:iam::{self.account}:*", is_person=True))
            holder.address = f"{holder.address}, {address}".removeprefix(", ")
            holder.rules += rules or ()
            holder.attached |= {arn}
            if rules is None:
                holder.problems += (Problem(stack, address, "the policy is unknown or cannot be read"),)
        yield from holders.values()
