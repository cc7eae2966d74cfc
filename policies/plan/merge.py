"""A resource's planned values with each unknown one put in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from policies.errors import Undecided
from policies.plan.addresses import Step

Path = tuple[Step, ...]
Siblings = Callable[[int], int]
Fill = Callable[[Path, Siblings], Any]
"""Gives what stands for the unknown value at a path; told also how many blocks there are on the way to it."""


def merged(values: Any, mask: Any, fill: Fill) -> Any:
    """Return `values` with what `mask`, its `after_unknown`, marks as unknown filled in; inputs are left as they are.

    Raises:
        Undecided: values and mask do not fit: the plan contradicts itself.
    """
    return _merged(values, mask, fill, (), ())


def _merged(value: Any, mask: Any, fill: Fill, path: Path, counts: tuple[int, ...]) -> Any:
    if mask is True:
        return fill(path, lambda depth: counts[depth])
    if not mask:
        return value
    if isinstance(mask, dict) and (value is None or isinstance(value, dict)):
        result = dict(value or {})
        for name, part in mask.items():
            if part:
                result[name] = _merged(result.get(name), part, fill, (*path, name), (*counts, 1))
        return result
    if isinstance(mask, list) and (value is None or isinstance(value, list)):
        items = list(value or [])
        items += [None] * (len(mask) - len(items))
        here = (*counts, len(items))
        return [
            _merged(item, part, fill, (*path, index), here)
            for index, (item, part) in enumerate(zip(items, [*mask, *[None] * (len(items) - len(mask))], strict=True))
        ]
    raise Undecided(f"the plan contradicts itself at {'.'.join(map(str, path)) or 'a resource'}")
