"""CloudFormation's functions, worked out as far as a template shows their values.

Parameters count as their defaults, pseudo parameters as the environment's. Conditions are not decided: what `Fn::If`
gives is unknown, like all that only the deployment knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from policies.context import Context
from policies.values import Unknown

REMOVED = object()
"""What `Ref: AWS::NoValue` stands for: the property is not there."""

PLACEHOLDER = re.compile(r"\$\{(!?)([^}]*)\}")
DYNAMIC = re.compile(r"\{\{resolve:")
FOUND_LATER = Unknown()

Attribute = Callable[[str, str], Any]
"""Gives the value of an attribute of the resource with a logical id; the attribute "" is what `Ref` gives."""


class Functions:
    """Works out the values of one template.

    Args:
        parameters, mappings: sections of the template.
        attribute: of its resources; Unknown for a resource or attribute that it does not know.
        context: for pseudo parameters; None where nobody said.
    """

    def __init__(
        self, parameters: Mapping[str, Any], mappings: Mapping[str, Any], attribute: Attribute, context: Context | None
    ) -> None:
        self._parameters, self._mappings, self._attribute = parameters, mappings, attribute
        self._pseudo = _pseudo_parameters(context)

    def value(self, value: Any) -> Any:
        """Return `value` with every function worked out, Unknown where it cannot be."""
        if isinstance(value, str):
            return FOUND_LATER if DYNAMIC.search(value) else value
        if isinstance(value, list):
            return [item for item in map(self.value, value) if item is not REMOVED]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name == "Ref" or name.startswith("Fn::"):
                return self._function(name, argument)
        found = {key: self.value(item) for key, item in value.items()}
        return {key: item for key, item in found.items() if item is not REMOVED}

    def _function(self, name: str, argument: Any) -> Any:
        handler = {
            "Ref": self._ref,
            "Fn::Sub": self._sub,
            "Fn::Join": self._join,
            "Fn::GetAtt": self._get_att,
            "Fn::FindInMap": self._find_in_map,
            "Fn::Select": self._select,
        }.get(name)
        return handler(argument) if handler else FOUND_LATER

    def _ref(self, name: Any) -> Any:
        if not isinstance(name, str):
            return FOUND_LATER
        if name in self._pseudo:
            return self._pseudo[name]
        if name.startswith("AWS::"):
            return FOUND_LATER
        if name in self._parameters:
            return self._parameter(name)
        return self._attribute(name, "")

    def _parameter(self, name: str) -> Any:
        """Return a parameter's default; what a default names in Parameter Store is known when the stack is made."""
        given = self._parameters[name]
        if not isinstance(given, Mapping) or "Default" not in given or str(given.get("Type")).startswith("AWS::SSM"):
            return FOUND_LATER
        default, kind = given["Default"], str(given.get("Type"))
        if isinstance(default, str) and (kind == "CommaDelimitedList" or "List<" in kind):
            return [item.strip() for item in default.split(",")]
        if kind == "Number":
            return int(default) if isinstance(default, str) and default.isdecimal() else default
        return str(default).lower() if isinstance(default, bool) else str(default)

    def _get_att(self, argument: Any) -> Any:
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if not isinstance(parts, list) or len(parts) != 2 or not all(isinstance(part, str) for part in parts):
            return FOUND_LATER
        return self._attribute(parts[0], parts[1])

    def _sub(self, argument: Any) -> Any:
        text, own = (argument[0], argument[1]) if isinstance(argument, list) and len(argument) == 2 else (argument, {})
        if not isinstance(text, str) or not isinstance(own, Mapping):
            return FOUND_LATER
        pieces: list[Any] = []
        at = 0
        for match in PLACEHOLDER.finditer(text):
            pieces.append(text[at : match.start()])
            name = match[2].strip()
            if match[1]:
                pieces.append("${" + match[2] + "}")
            elif name in own:
                pieces.append(self.value(own[name]))
            else:
                pieces.append(self._get_att(name) if "." in name else self._ref(name))
            at = match.end()
        return self._text([*pieces, text[at:]])

    def _join(self, argument: Any) -> Any:
        if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], str):
            return FOUND_LATER
        items = self.value(argument[1])
        if not isinstance(items, list):
            return FOUND_LATER
        return self._text([piece for item in items for piece in (argument[0], item)][1:])

    @staticmethod
    def _text(pieces: list[Any]) -> Any:
        """Return the pieces as one text, or an Unknown made of what the unknown ones are made of."""
        unknown = [piece for piece in pieces if isinstance(piece, Unknown)]
        if unknown:
            sources = [piece.sources for piece in unknown]
            return Unknown(frozenset().union(*sources) if all(sources) else frozenset())
        if any(isinstance(piece, list | Mapping) or piece is REMOVED for piece in pieces):
            return FOUND_LATER
        text = "".join(str(piece) for piece in pieces)
        return FOUND_LATER if DYNAMIC.search(text) else text

    def _find_in_map(self, argument: Any) -> Any:
        keys = self.value(argument)
        if not isinstance(keys, list) or len(keys) != 3 or not all(isinstance(key, str) for key in keys):
            return FOUND_LATER
        found: Any = self._mappings
        for key in keys:
            found = found.get(key, FOUND_LATER) if isinstance(found, Mapping) else FOUND_LATER
        return found

    def _select(self, argument: Any) -> Any:
        found = self.value(argument)
        if not isinstance(found, list) or len(found) != 2 or not isinstance(found[1], list):
            return FOUND_LATER
        index = int(found[0]) if str(found[0]).isdecimal() else -1
        return found[1][index] if 0 <= index < len(found[1]) else FOUND_LATER


def _pseudo_parameters(context: Context | None) -> dict[str, Any]:
    known: dict[str, Any] = {"AWS::NoValue": REMOVED, "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
    if context is not None and context.account_id:
        known["AWS::AccountId"] = context.account_id
    if context is not None and context.region:
        known["AWS::Region"] = context.region
    return known
