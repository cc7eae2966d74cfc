"""The sister of a check in Checkov's CloudFormation registry, so that its own command judges templates too.

Only for the command: the gate reads templates by itself (policies.artefacts.cloudformation), with what stands around
them. Here each resource is seen alone: what refers to another one is unknown, and Checkov drops what is unknown.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policies.check import Resource, ResourceCheck

REGISTRY = "checkov.cloudformation.checks.resource.registry"
MODULE = "module.cloudformation-template"
MARK = re.compile(r"__\w+__")


def register_sister(check: ResourceCheck) -> None:
    """Register a check for the CloudFormation types that make what it judges; outside the command, do nothing."""
    if REGISTRY not in sys.modules:
        return
    from policies.data.cloudformation_types import types_of  # noqa: PLC0415 -- the table is only for the command

    names = sorted({name for type in check.types for name in types_of(type)})
    if names:
        _sister_class()(check, names)


@cache
def _sister_class() -> Callable[[ResourceCheck, list[str]], Any]:
    from checkov.cloudformation.checks.resource.base_resource_check import BaseResourceCheck  # noqa: PLC0415
    from checkov.common.models.enums import CheckCategories, CheckResult  # noqa: PLC0415

    class Sister(BaseResourceCheck):
        """Judges what a CloudFormation resource is in Terraform's words, by the Terraform check of the same id."""

        def __init__(self, check: ResourceCheck, names: list[str]) -> None:
            self._check = check
            super().__init__(check.title, check.check_id, [CheckCategories.CONVENTION], names)

        def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
            from policies.check import NotApplicable, Undecided, Warn  # noqa: PLC0415 -- it imports this module

            logical_id = self.entity_path.rpartition(":")[2]
            problems: list[str] = []
            judged = unclear = False
            for resource in _resources(conf, logical_id):
                if resource.type not in self._check.types:
                    continue
                try:
                    problems += [text for text in self._check.judge(resource) if not isinstance(text, Warn)]
                    judged = True
                except Undecided:
                    unclear = True
                except NotApplicable:
                    continue
            self.details = problems
            if problems:
                return CheckResult.FAILED
            return CheckResult.PASSED if judged and not unclear else CheckResult.UNKNOWN

    return Sister


def _resources(conf: Mapping[str, Any], logical_id: str) -> Iterator[Resource]:
    """Yield what one resource of a template, as Checkov hands it over, is in Terraform's words."""
    from policies.artefacts import cloudformation_mapping  # noqa: PLC0415
    from policies.artefacts.cloudformation_functions import FOUND_LATER, Functions  # noqa: PLC0415
    from policies.check import context_of_process  # noqa: PLC0415
    from policies.data.cloudformation_types import types  # noqa: PLC0415

    context = context_of_process()
    functions = Functions({}, {}, lambda name, attribute: FOUND_LATER, context)
    written = {key: value for key, value in (conf.get("Properties") or {}).items() if key != "resource_type"}
    properties = functions.value(_plain(written))
    mapped = types()[str(conf["Type"])]
    if isinstance(properties, Mapping):
        yield from cloudformation_mapping.resources(MODULE, logical_id, mapped, properties, context)


def _plain(value: Any) -> Any:
    """Return a value without Checkov's marks of lines and files."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items() if not MARK.fullmatch(str(key))}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value
