"""A plan's JSON without what Terraform marks sensitive, to be kept and shown to people and tools.

Only marks decide: a secret that no provider, variable or output declares sensitive is not recognised. A mark that does
not fit its value hides the whole value, and what is hidden once is hidden where the code or a variable repeats it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

HIDDEN = "(sensitive)"
MARKED = (("before", "before_sensitive"), ("after", "after_sensitive"), ("values", "sensitive_values"))
"""(value, its marks), siblings wherever they stand; source: "JSON Output Format" of the Terraform documentation."""
UNMARKED = ("variables", "configuration")
"""Parts of a plan whose values carry no marks in place."""
SHORTEST = 4
"""A hidden text of fewer characters is not looked for elsewhere: it would be found in every name."""


def redacted(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return `plan`, as `terraform show -json` gives it, with every sensitive value replaced by HIDDEN."""
    secrets: set[str] = set()
    document: dict[str, Any] = _visit(plan, secrets)
    declared = plan.get("configuration", {}).get("root_module", {}).get("variables", {})
    for name, variable in document.get("variables", {}).items():
        if declared.get(name, {}).get("sensitive", False):
            variable["value"] = _hide(variable.get("value"), secrets)
    return {key: _without(value, secrets) if key in UNMARKED else value for key, value in document.items()}


def _visit(node: Any, secrets: set[str]) -> Any:
    """Return a copy of `node` without what marks beside a value say; the texts that were hidden go to `secrets`."""
    if isinstance(node, list):
        return [_visit(item, secrets) for item in node]
    if not isinstance(node, Mapping):
        return node
    hidden = {key: _masked(node[key], node[mark], secrets) for key, mark in MARKED if key in node and mark in node}
    if node.get("sensitive") is True:
        hidden |= {key: _hide(node[key], secrets) for key in ("value", "default", "expression") if key in node}
    if "generated_config" in node:  # HCL written for an import, with values in its text
        hidden["generated_config"] = HIDDEN
    return {key: hidden[key] if key in hidden else _visit(value, secrets) for key, value in node.items()}


def _masked(value: Any, marks: Any, secrets: set[str]) -> Any:
    """Return `value` without what `marks` names; they have its shape, and true where it is sensitive."""
    if marks is False or marks is None or marks in ({}, []):
        return value
    if isinstance(marks, Mapping) and isinstance(value, Mapping):
        return {key: _masked(item, marks.get(key, False), secrets) for key, item in value.items()}
    if isinstance(marks, list) and isinstance(value, list) and len(marks) <= len(value):
        padded = [*marks, *[False] * (len(value) - len(marks))]
        return [_masked(item, mark, secrets) for item, mark in zip(value, padded, strict=True)]
    return _hide(value, secrets)


def _hide(value: Any, secrets: set[str]) -> Any:
    secrets.update(text for text in _texts(value) if len(text) >= SHORTEST)
    return None if value is None else HIDDEN


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)


def _without(node: Any, secrets: set[str]) -> Any:
    """Return a copy of `node` in which each text that holds one of `secrets` is hidden."""
    if isinstance(node, Mapping):
        return {key: _without(value, secrets) for key, value in node.items()}
    if isinstance(node, list):
        return [_without(item, secrets) for item in node]
    return HIDDEN if isinstance(node, str) and any(secret in node for secret in secrets) else node
