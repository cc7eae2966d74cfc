"""Read a plan's JSON strictly: what is truncated, foreign or contradicts itself is unreadable, never empty.

Values are decoded when they are asked for, and an unknown one is traced then; see `sources` for what that assumes.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from policies.check import Resource
from policies.context import Context
from policies.errors import ArtefactUnreadable
from policies.plan import projection
from policies.plan.addresses import Step
from policies.plan.hcl import Code
from policies.plan.merge import Siblings, merged
from policies.plan.model import Plan
from policies.plan.projection import PlanDocument, PlannedValues, ResourceChange
from policies.plan.sources import Tracer
from policies.plan.symbols import HIDDEN, KEY_ATTRIBUTE, Symbols, document_of
from policies.values import Unknown

MAJOR = "1"
GONE = frozenset({"delete", "forget"})
READ_BACK = {"aws_emr_cluster": ("step",)}
"""{type: attributes} that others fill while the resource lives, and Terraform reads back: the steps of pipelines' runs.

Where the code does not write one, this plan makes nothing of it, whatever the cloud has said.
"""


def read_plan(
    data: bytes,
    context: Context | None = None,
    *,
    root: Path | None = None,
    where: str = "plan",
    given: Mapping[str, Any] | None = None,
) -> Plan:
    """Return the plan that `terraform show -json` wrote.

    Args:
        root: folder of the root module that was planned, to follow locals and to find blocks' lines. Optional.
        given: the variables with which the rendered root was planned; None when nobody knows.
        where: name of the plan for messages.

    Raises:
        ArtefactUnreadable: the text is truncated, is no plan, is of another major format, was made by a failed or
            partial run, belongs to another account or stack than `context`, or contradicts itself.
    """
    document = _decode(data, where)
    variables = {name: variable.value for name, variable in document.variables.items()}
    _require_same_stack(variables, context, where)
    if given is not None:
        _require_made_with(given, document, variables, where)
    changes = _changes(document, where)
    reading = Reading(document, changes, context, variables, root)
    resources = [
        PlannedResource(planned, changes[planned.address], reading)
        for planned in document.planned_values.root_module.walk()
        if planned.mode == "managed"
    ]
    plan = Plan(context, resources, variables, hashlib.sha256(data).hexdigest())
    reading.plan = plan
    plan.locate, plan.refuses_to_destroy = reading.locate, reading.refuses_to_destroy
    return plan


def _decode(data: bytes, where: str) -> PlanDocument:
    was_enabled = gc.isenabled()
    gc.disable()  # a plan makes many objects and no garbage
    try:
        document = projection.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ArtefactUnreadable(
            f"{where}: is no complete plan: {error}", expected="the whole output of `terraform show -json <plan>`"
        ) from None
    finally:
        if was_enabled:
            gc.enable()
    if document.format_version.split(".")[0] != MAJOR:
        raise ArtefactUnreadable(
            f"{where}: has plan format {document.format_version!r}",
            expected=f"a format {MAJOR}.x, which this gate knows",
        )
    if document.errored:
        raise ArtefactUnreadable(f"{where}: the run that made it failed, so it is not the whole plan")
    if not document.complete or document.deferred_changes:
        raise ArtefactUnreadable(
            f"{where}: plans only a part of the stack",
            why="what was left out, by -target or deferred, would go unjudged",
        )
    return document


def _changes(document: PlanDocument, where: str) -> dict[str, ResourceChange]:
    """Return the changes by address, after comparing them with the planned values in both directions."""
    current = [change for change in document.resource_changes if not change.deposed]
    changes = {change.address: change for change in current}
    if len(changes) < len(current):
        twice = next(change.address for change in current if changes[change.address] is not change)
        raise ArtefactUnreadable(f"{where}: {twice} changes twice")
    planned = set()
    for resource in document.planned_values.root_module.walk():
        if resource.mode == "managed" and resource.address not in changes:
            raise ArtefactUnreadable(f"{where}: {resource.address} is planned, but not among the changes")
        if resource.mode == "managed" and resource.type != changes[resource.address].type:
            raise ArtefactUnreadable(f"{where}: {resource.address} is planned as one type and changes as another")
        if resource.address in planned:
            raise ArtefactUnreadable(f"{where}: {resource.address} is planned twice")
        planned.add(resource.address)
    for change in changes.values():
        if change.mode == "managed" and change.address not in planned and not GONE.issuperset(change.change.actions):
            raise ArtefactUnreadable(f"{where}: {change.address} changes, but is not among the planned values")
    return changes


def _require_same_stack(variables: Mapping[str, Any], context: Context | None, where: str) -> None:
    """Refuse a plan of another stack. Roots without these variables cannot be told apart and are taken as given."""
    expected = {"account_id": context.account_id, "name": context.name} if context and context.organisation else {}
    for name, value in expected.items():
        if value and variables.get(name, value) != value:
            raise ArtefactUnreadable(
                f"{where}: is a foreign plan: its {name} is {variables[name]!r}", expected=f"{name} {value!r}"
            )


def _require_made_with(
    given: Mapping[str, Any], document: PlanDocument, variables: Mapping[str, Any], where: str
) -> None:
    """Refuse a plan that was not made from the rendered root with its values.

    Lists and maps are not compared: Terraform converts them to the types that the root declares.
    """
    if document.configuration == projection.NOTHING:
        raise ArtefactUnreadable(f"{where}: is no complete plan: it has no configuration")
    for name, value in given.items():
        is_said = name in variables
        if not is_said or (isinstance(value, str | int) and variables[name] != value):
            found = f"its {name} is {variables[name]!r}" if is_said else f"it has no variable {name}"
            raise ArtefactUnreadable(
                f"{where}: is a foreign plan: {found}",
                expected=f"the {name} of the rendered terraform.tfvars.json",
                fix="sluice plan makes it from the tree as it is",
            )


class Reading:
    """What the resources of one plan share while they are read."""

    plan: Plan

    def __init__(
        self,
        document: PlanDocument,
        changes: Mapping[str, ResourceChange],
        context: Context | None,
        variables: Mapping[str, Any],
        root: Path | None,
    ) -> None:
        self.context = context
        self._configuration, self._changes = document.configuration, changes
        self._code = Code(root) if root else None
        self._symbols = Symbols(context, variables)

    @cached_property
    def _tracer(self) -> Tracer:
        return Tracer(projection.plain(self._configuration) or {}, self._changes.values(), self._code)

    def locate(self, address: str) -> tuple[Path, int] | None:
        """Return file and line of the block that makes a resource; None for a module whose code is not at hand."""
        change = self._changes.get(address)
        folder = self._tracer.folder(change.module_address) if change else None
        if change is None or folder is None or self._code is None:
            return None
        return self._code.line_of(folder, change.type, change.name)

    def says(self, change: ResourceChange, attribute: str) -> bool:
        """Tell whether the code of a resource writes an attribute; also where that cannot be told."""
        return self._tracer.says(change, attribute)

    def refuses_to_destroy(self, address: str) -> bool | None:
        """Tell whether the block that makes a resource says prevent_destroy; None for code that is not at hand."""
        change = self._changes.get(address)
        folder = self._tracer.folder(change.module_address) if change else None
        if change is None or folder is None or self._code is None or not folder.is_dir():
            return None
        return self._code.refuses_to_destroy(folder, change.type, change.name)

    def fill(
        self, change: ResourceChange, values: Mapping[str, Any], path: tuple[Step, ...], siblings: Siblings
    ) -> Any:
        """Return what stands for an unknown value: a key's symbol, the document that it encodes, or Unknown."""
        own = self._symbols.own(change.type, change.address, path, values)
        if own is not None:
            return own
        sources = self._tracer.of(change, path, siblings)
        if sources is None:
            return Unknown()
        is_leaf = change.type == "terraform_data" and path[0] in HIDDEN
        attribute = next((step for step in reversed(path) if isinstance(step, str)), "")
        found = self._symbols.of_key(sources) if is_leaf or KEY_ATTRIBUTE.search(attribute) else None
        if found is None and not is_leaf:
            found = self._hidden_document(sources)
        return Unknown(sources) if found is None else found

    def read_back(self, change: ResourceChange, attribute: str, value: Any) -> Any:
        """Return a value that the code may have written; one of the provider's own where it is seen not to have."""
        sources = self._tracer.of(change, (attribute,), lambda depth: 0) if self._code else None
        return Unknown(sources) if sources == frozenset({f"{change.address}.{attribute}"}) else value

    def _hidden_document(self, sources: frozenset[str]) -> Any:
        """Return the object or list that the one source shows; None for anything else."""
        found = document_of(sources)
        if found is None or found[0] not in self.plan.resources:
            return None
        value: Any = self.plan.resources[found[0]].values.get("input")
        for step in found[1]:
            value = value.get(step) if isinstance(value, Mapping) else None
        return value if isinstance(value, dict | list) else None


class PlannedResource(Resource):
    """A resource whose values are decoded, and its unknowns traced, when they are first asked for."""

    def __init__(self, planned: PlannedValues, change: ResourceChange, reading: Reading) -> None:
        self.address, self.type, self.name, self.path = planned.address, planned.type, planned.name, ""
        self._context = reading.context
        self._raw, self._change, self._reading = planned.values, change, reading

    def says(self, attribute: str) -> bool:
        return self._reading.says(self._change, attribute)

    def __getattr__(self, name: str) -> Any:
        if name != "values":
            raise AttributeError(name)
        values = projection.plain(self._raw) or {}
        unknown = self._change.change.after_unknown
        if unknown not in (b"{}", b"null"):
            change, reading = self._change, self._reading
            planned = values
            values = merged(planned, projection.plain(unknown), lambda *at: reading.fill(change, planned, *at))
            if self.type == "terraform_data" and isinstance(values.get("output"), Unknown):
                values["output"] = values.get("input")  # Terraform says that they are equal
        for attribute in READ_BACK.get(self.type, ()):
            values[attribute] = self._reading.read_back(self._change, attribute, values.get(attribute))
        self.values = values
        return values
