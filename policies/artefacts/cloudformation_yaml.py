"""CloudFormation's YAML, read strictly: short functions in their long form, no key twice, dates left as text."""

from __future__ import annotations

from typing import Any

import yaml

from policies.errors import Undecided

PLAIN = frozenset({"Ref", "Condition"})
"""Tags whose long form bears no `Fn::`."""


class Loader(yaml.SafeLoader):
    """SafeLoader with CloudFormation's tags and without YAML's aliases, as CloudFormation has it. JSON is YAML too."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "CloudFormation has no aliases", None)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
                raise yaml.constructor.ConstructorError(None, None, "a key is no plain text", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} stands twice", key.start_mark)
            seen.add(key.value)
        return {
            str(self.construct_object(key, deep=True)): self.construct_object(value, deep=True)
            for key, value in node.value
        }


# "2012-10-17", the version of every policy, is a date to YAML and a text to CloudFormation.
Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _function(loader: Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = str(value).split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in PLAIN else f"Fn::{suffix}": value}


def _mapping(loader: Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    return loader.construct_mapping(node, deep=True)


Loader.add_multi_constructor("!", _function)
Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load(text: str, path: str) -> dict[str, Any]:
    """Return a template.

    Raises:
        Undecided: it is not one YAML mapping, or names a key twice.
    """
    try:
        value = yaml.load(text, Loader)  # noqa: S506 -- a SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Undecided(f"{path} is no CloudFormation template: {error}") from None
    if not isinstance(value, dict):
        raise Undecided(f"{path} holds {type(value).__name__} where a template was expected")
    return value


def lines(text: str) -> dict[str, int]:
    """Return `{logical id: line}` of a template's resources, from 1; empty when it cannot be read."""
    try:
        root = yaml.compose(text, Loader)
    except (yaml.YAMLError, RecursionError):
        return {}
    resources = next((value for key, value in _items(root) if key.value == "Resources"), None)
    return {key.value: key.start_mark.line + 1 for key, _ in _items(resources)}


def _items(node: yaml.Node | None) -> list[tuple[Any, yaml.Node]]:
    return node.value if isinstance(node, yaml.MappingNode) else []
