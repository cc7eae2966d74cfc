"""The expressions of one block in a plan's `configuration`: which of them a value comes from. Follows no reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from policies.plan.addresses import Step


def expressions_at(
    expressions: Mapping[str, Any], path: tuple[Step, ...], siblings: Callable[[int], int]
) -> list[Any] | None:
    """Return every expression that the value at `path` can come from; None for one that the provider computes.

    Blocks of one name are taken together, because a set's order in the plan is not its order in the code. Returns None
    where the code writes fewer blocks than there are: a `dynamic` block, which the configuration leaves out.
    """
    found: list[Any] = [expressions]
    for depth, step in enumerate(path):
        if all(is_expression(node) for node in found):
            break
        if isinstance(step, str):
            found = [node.get(step) if isinstance(node, dict) and not is_expression(node) else node for node in found]
            if found == [None] and depth + 1 < len(path):
                return None
        elif any(isinstance(node, list) and len(node) != siblings(depth) for node in found):
            return None
        else:
            found = [item for node in found for item in (node if isinstance(node, list) else [node])]
    return found


def is_expression(node: Any) -> bool:
    return isinstance(node, dict) and ("references" in node or "constant_value" in node)


def repetition(block: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the references of a block's for_each or count."""
    node = block.get("for_each_expression") or block.get("count_expression") or {}
    return tuple(node.get("references") or ())
