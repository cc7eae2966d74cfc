"""A CloudFormation template, read strictly and put into Terraform's words, so that the same checks judge it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, ClassVar

from policies.artefacts import cloudformation_mapping, cloudformation_yaml
from policies.artefacts.base import Artefact
from policies.artefacts.cloudformation_functions import FOUND_LATER, Functions
from policies.artefacts.template_parameters import given_parameters
from policies.check import Block, Resource
from policies.data import cloudformation_types
from policies.errors import Undecided
from policies.plan import Plan
from policies.values import Unknown

ROLE = "AWS::IAM::Role"
UNFIT = re.compile(r"[^\w-]+")


@dataclass(frozen=True)
class Declared:
    """One entry of the template's Resources.

    Attributes:
        properties: with functions worked out; Unknown where the template does not show a value.
        settings: everything beside Type and Properties, `DeletionPolicy`, `Condition` and so on, as written.
    """

    logical_id: str
    type: str
    properties: Mapping[str, Any]
    settings: Mapping[str, Any]
    line: int


@dataclass(frozen=True)
class Template(Artefact):
    """tenants/<tenant>/cloudformation/*.yaml, and the template with which an account is prepared.

    Attributes:
        values, values_path: the file with its parameters in the environment; empty where there is none.
    """

    kind: ClassVar[str] = "cloudformation"
    values: str = ""
    values_path: str = ""

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """The template with functions in their long form.

        Raises:
            Undecided: it is not one YAML mapping, or names a key twice.
        """
        return cloudformation_yaml.load(self.text, self.path)

    @cached_property
    def declared(self) -> dict[str, Declared]:
        """`{logical id: resource}` in the file's order.

        Raises:
            Undecided: Resources, or one of them, is not of CloudFormation's form.
        """
        functions = Functions(self._parameters, self._section("Mappings"), self._attribute, self.context)
        found = {}
        for logical_id, entry in self._section("Resources").items():
            properties = functions.value(self._properties(logical_id))
            if not isinstance(properties, Mapping):
                raise Undecided(f"{self.path}#{logical_id}: its properties are known only when the stack is made")
            settings = {key: value for key, value in entry.items() if key not in ("Type", "Properties")}
            line = self._lines.get(logical_id, 0)
            found[logical_id] = Declared(logical_id, entry["Type"], properties, settings, line)
        return found

    @cached_property
    def resources(self) -> list[Resource]:
        """What the template makes, in Terraform's words; types without a mapping are left to CSO_CFN_02."""
        return list(self._resources())

    def as_plan(self, beside: Plan | None = None) -> Plan:
        """Return the template as a plan.

        Only `resources` are the template's own and to be judged; whole-plan rules ask for things that another stack
        holds, so they are not for it.

        Args:
            beside: the Terraform plan of the same stack, whose resources, such as the tenant's key, are then there too.
        """
        others = list(beside.resources.values()) if beside else []
        return Plan(self.context, [*self.resources, *others], beside.variables if beside else {})

    def locate(self, address: str) -> tuple[str, int]:
        """Return (path, line) of the resource at an address of `resources`."""
        logical_id = address.rpartition(".")[2].partition("[")[0]
        return self.path, self._lines.get(logical_id, 0)

    def holders_elsewhere(self, policy: Declared) -> Iterator[str]:
        """Yield whom a policy gives rights besides roles of this template.

        Raises:
            Undecided: a holder is known only when the stack is made.
        """
        properties = Block(policy.properties, policy.logical_id)
        roles = [item.logical_id for item in self.declared.values() if item.type == ROLE]
        own = {self._attribute(role, "") for role in roles}
        for key in ("Roles", "RoleName"):
            if properties.is_unknown(key) and self._refers_only_to(policy, key, roles):
                continue
            yield from (f"the role {name!r}" for name in properties.strings(key) if name not in own)
        for key in ("Users", "Groups"):
            if properties.get(key):
                yield f"{key} {properties.get(key)!r}"

    def _refers_only_to(self, item: Declared, key: str, own: Sequence[str]) -> bool:
        """Tell whether a property is a list of `Ref`s to resources of the template, whose names are not known yet."""
        written = self._properties(item.logical_id).get(key)
        items = written if isinstance(written, list) else [written]
        return all(isinstance(ref, dict) and list(ref) == ["Ref"] and ref["Ref"] in own for ref in items)

    def _resources(self) -> Iterator[Resource]:
        for item in self.declared.values():
            mapped = cloudformation_types.types().get(item.type)
            if mapped is not None:
                yield from cloudformation_mapping.resources(
                    self._module, item.logical_id, mapped, item.properties, self.context
                )

    @property
    def _module(self) -> str:
        """The module that stands for the template: its addresses are Terraform's, and none of the stack's own."""
        return f"module.cloudformation-{UNFIT.sub('-', PurePosixPath(self.path).stem)}"

    @cached_property
    def _lines(self) -> Mapping[str, int]:
        return cloudformation_yaml.lines(self.text)

    @cached_property
    def _parameters(self) -> Mapping[str, Any]:
        """The section Parameters, what is given in the place of defaults."""
        declared = self._section("Parameters")
        given = given_parameters(declared, self.context, self.values, self.values_path)
        return {
            name: {**entry, "Default": given[name]} if name in given and isinstance(entry, Mapping) else entry
            for name, entry in declared.items()
        }

    def _section(self, name: str) -> Mapping[str, Any]:
        section = self.document.get(name) or {}
        if not isinstance(section, Mapping):
            raise Undecided(f"{self.path}: {name} holds {type(section).__name__}, not a mapping")
        return section

    def _properties(self, logical_id: str) -> Mapping[str, Any]:
        entry = self._section("Resources").get(logical_id)
        if not isinstance(entry, Mapping) or not isinstance(entry.get("Type"), str):
            raise Undecided(f"{self.path}#{logical_id} is no resource with a Type")
        properties = entry.get("Properties") or {}
        if not isinstance(properties, Mapping):
            raise Undecided(f"{self.path}#{logical_id}: Properties holds {type(properties).__name__}")
        return properties

    def _attribute(self, logical_id: str, name: str, behind: tuple[str, ...] = ()) -> Any:
        """Return what `Ref` (name "") or `Fn::GetAtt` gives of a resource of the template."""
        entry = self._section("Resources").get(logical_id)
        mapped = cloudformation_types.types().get(str(entry.get("Type"))) if isinstance(entry, Mapping) else None
        if mapped is None or logical_id in behind:  # a circle: CloudFormation refuses it
            return FOUND_LATER
        functions = Functions(
            self._parameters,
            self._section("Mappings"),
            lambda other, wanted: self._attribute(other, wanted, (*behind, logical_id)),
            self.context,
        )
        properties = functions.value(dict(self._properties(logical_id)))
        found = cloudformation_mapping.identity(self._module, logical_id, mapped, properties, self.context)
        attribute = mapped.ref if not name else "arn" if name == "Arn" else name
        source = f"{self._module}.{mapped.makes[0].type}.{logical_id}.{attribute}"
        return found.get(attribute, Unknown(frozenset({source})) if attribute else FOUND_LATER)
