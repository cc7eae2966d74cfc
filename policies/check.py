"""The one module that check files import: what a check is, and what it can ask.

Three kinds. A ResourceCheck judges one resource and is a real Checkov check: `checkov --external-checks-dir` runs it.
A PlanRule judges a resource among its plan, where the fault is that something is missing beside it. An ArtefactCheck
judges what is no Terraform: job flows, DAGs, SQL, code, specs.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, ClassVar

from policies import lean_checkov
from policies.companions import (
    bucket_arn,
    bucket_name,
    companion,
    left_to_aws,
    log_target,
    own_keys,
    said_blocks,
    shortest_days,
    whole_bucket,
    zone,
)
from policies.context import Context
from policies.databases import log_groups_kept, parameter_group, parameters, security_groups, ways_in
from policies.documents import PolicyDocument, Statement
from policies.errors import NotApplicable, Undecided
from policies.globs import matches, overlap, within
from policies.grants import (
    boundaries,
    deploys_only,
    elsewhere,
    identity_policy,
    is_wild,
    own_policies,
    policy_named,
    tenant_patterns,
    too_wide,
    trust_policy,
    writing_actions,
)
from policies.key_use import administers, decrypts, deletes, encrypts, grants_freely, may_use_key
from policies.lf_tags import lf_tags
from policies.perimeter import left_open, producers_of
from policies.principals import account_of, callers, is_of, outside_services, stacks_of
from policies.recovery import backed_up, replicates
from policies.statements import (
    binds_everyone,
    covers,
    covers_everything_below,
    covers_nothing_outside,
    denies_to_everyone,
    differs,
    holds,
    holds_unless,
    pins,
    services_via,
    tests,
)
from policies.values import Block, Unknown

lean_checkov.prepare()

from checkov.common.models.enums import CheckCategories, CheckResult  # noqa: E402 -- after the lean packages
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck  # noqa: E402

from policies.checkov_cloudformation import register_sister  # noqa: E402
from policies.checkov_values import plain  # noqa: E402

__all__ = [
    "ArtefactCheck",
    "Block",
    "Context",
    "NotApplicable",
    "PlanRule",
    "PolicyDocument",
    "Resource",
    "ResourceCheck",
    "Statement",
    "Undecided",
    "Unknown",
    "Warn",
    "account_of",
    "administers",
    "backed_up",
    "binds_everyone",
    "boundaries",
    "bucket_arn",
    "bucket_name",
    "callers",
    "companion",
    "covers",
    "covers_everything_below",
    "covers_nothing_outside",
    "decrypts",
    "deletes",
    "denies_to_everyone",
    "deploys_only",
    "differs",
    "elsewhere",
    "encrypts",
    "grants_freely",
    "holds",
    "holds_unless",
    "identity_policy",
    "is_of",
    "is_wild",
    "left_open",
    "left_to_aws",
    "lf_tags",
    "log_groups_kept",
    "log_target",
    "matches",
    "may_use_key",
    "outside_services",
    "overlap",
    "own_keys",
    "own_policies",
    "parameter_group",
    "parameters",
    "pins",
    "policy_named",
    "producers_of",
    "replicates",
    "said_blocks",
    "security_groups",
    "services_via",
    "shortest_days",
    "stacks_of",
    "tenant_patterns",
    "tests",
    "too_wide",
    "trust_policy",
    "ways_in",
    "whole_bucket",
    "within",
    "writing_actions",
    "zone",
]


class Warn(str):
    """Yielded by a check instead of plain text: passed today, but not for long. The text says until when."""

    __slots__ = ()


class Resource(Block):
    """One planned resource.

    Attributes:
        address: Terraform's, `module.lake.module.key.aws_kms_key.this`.
        type, name: of the resource block.
        context: where and when it is judged; its absence (inside the `checkov` command) leaves undecided what needs it.
    """

    def __init__(
        self, address: str, type: str, values: Mapping[str, Any], context: Context | None, name: str = ""
    ) -> None:
        super().__init__(values)
        self.address, self.type, self.name = address, type, name
        self._context = context

    @property
    def context(self) -> Context:
        """Where and when the resource is judged.

        Raises:
            Undecided: nobody said, as when Checkov's command runs the check.
        """
        if self._context is None:
            raise Undecided("the environment and the day of the judgement are not known here; `sluice gate` knows them")
        return self._context

    def says(self, attribute: str) -> bool:
        """Tell whether the code writes an attribute, and not the provider alone, which reports what AWS has made.

        Without the code's configuration: whether there is a value.
        """
        return bool(self.values.get(attribute))

    def __repr__(self) -> str:
        return f"Resource({self.address})"


class ResourceCheck(BaseResourceCheck, ABC):
    """Judges one Terraform resource; write the class, then `check = TheClass()` at the end of the file.

    Class attributes:
        control: id in the register. Also the start of `check_id`.
        check_id: unique; the control's id, and a suffix where a control has several checks.
        title: the secure condition, in the present tense.
        types: Terraform resource types that it judges.
    """

    control: ClassVar[str]
    check_id: ClassVar[str]
    title: ClassVar[str]
    types: ClassVar[tuple[str, ...]]

    def __init__(self) -> None:
        super().__init__(
            name=self.title, id=self.check_id, categories=[CheckCategories.CONVENTION], supported_resources=self.types
        )
        register_sister(self)

    @abstractmethod
    def judge(self, resource: Resource) -> Iterable[str]:
        """Yield what is wrong with `resource`, one sentence fragment each; nothing when it is as it must be.

        Raises:
            Undecided: a value that the control needs is unknown or unreadable.
            NotApplicable: the control says nothing about this resource.
        """

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """Answer Checkov's own runner. What is undecided is UNKNOWN there, which its command drops: use the gate."""
        address = str(conf.get("__address__", ""))
        resource = Resource(address, self.entity_type, plain(conf), context_of_process())
        try:
            problems = [problem for problem in self.judge(resource) if not isinstance(problem, Warn)]
        except (Undecided, NotApplicable):
            return CheckResult.UNKNOWN
        self.details = problems
        return CheckResult.FAILED if problems else CheckResult.PASSED


def context_of_process() -> Context | None:
    """Return the context that SLUICE_GATE_ENVIRONMENT, _STACK, _TODAY … name for Checkov's command; None without."""
    environment, today = os.environ.get("SLUICE_GATE_ENVIRONMENT"), os.environ.get("SLUICE_GATE_TODAY")
    if not environment or not today:
        return None
    return Context(
        environment=environment,
        stack=os.environ.get("SLUICE_GATE_STACK", ""),
        today=date.fromisoformat(today),
        is_production=os.environ.get("SLUICE_GATE_PRODUCTION", "true") != "false",
        organisation=os.environ.get("SLUICE_GATE_ORGANISATION", ""),
        account_id=os.environ.get("SLUICE_GATE_ACCOUNT", ""),
        region=os.environ.get("SLUICE_GATE_REGION", ""),
    )


class PlanRule(ABC):
    """Judges resources among their plan; class attributes as for ResourceCheck, `types` are those it judges."""

    control: ClassVar[str]
    check_id: ClassVar[str]
    title: ClassVar[str]
    types: ClassVar[tuple[str, ...]]

    @abstractmethod
    def judge(self, resource: Resource, plan: Any) -> Iterable[str]:
        """Yield what is wrong around `resource`, which is one of `types`; `plan` is a `policies.plan.Plan`."""

    def judge_plan(self, plan: Any) -> Iterator[str]:
        """Yield what is wrong with the plan as a whole, for example that a resource is not there at all."""
        del plan
        yield from ()


class ArtefactCheck(ABC):
    """Judges one artefact that is no Terraform plan.

    Class attributes:
        control, check_id, title: as for ResourceCheck.
        artefact: the kind it judges, one of `policies.artefacts.kinds.KINDS`.
    """

    control: ClassVar[str]
    check_id: ClassVar[str]
    title: ClassVar[str]
    artefact: ClassVar[str]

    @abstractmethod
    def judge(self, artefact: Any) -> Iterable[str | tuple[str, int]]:
        """Yield what is wrong, as text or as (text, line); `artefact` is the kind's class in `policies.artefacts`."""
