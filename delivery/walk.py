"""The order in which stacks are planned and applied: the same walk for both.

An environment's platform comes before its tenants; environments, and tenants among themselves, go side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from threading import Semaphore
from typing import TypeVar

from delivery.errors import DeliveryError
from delivery.workspace import PLATFORM, StackId, rendered_stacks

Result = TypeVar("Result")


class StacksFailed(DeliveryError):
    """Some stacks could not be visited; the message holds each one's error in full."""

    def __init__(self, errors: Mapping[StackId, DeliveryError], not_tried: Sequence[StackId]) -> None:
        self.errors = errors
        self.exit_code = next(iter(errors.values())).exit_code
        note = f"\nnot tried, because a stack before them failed: {', '.join(map(str, not_tried))}" if not_tried else ""
        super().__init__("\n".join(map(str, errors.values())) + note)


def walk(
    root: Path,
    environments: Sequence[str],
    visit: Callable[[StackId], Result],
    *,
    only: str | Collection[StackId] | None = None,
    jobs: int = 2,
) -> dict[StackId, Result]:
    """Call `visit` for every rendered stack in dependency order and return what it gave.

    Args:
        only: name of the one stack to visit in each environment, or the stacks to visit.
        jobs: most visits at one time.

    Raises:
        StacksFailed: a visit raised a DeliveryError. The other environments were still finished.
        NotRendered: an environment has no rendered tree.
    """
    slots = Semaphore(jobs)
    plans = {name: _chosen(rendered_stacks(root, name), only) for name in environments}
    results: dict[StackId, Result] = {}
    errors: dict[StackId, DeliveryError] = {}

    def attempt(stack: StackId) -> None:
        with slots:
            try:
                results[stack] = visit(stack)
            except DeliveryError as error:
                errors[stack] = error

    def walk_environment(stacks: list[StackId]) -> None:
        platform = [stack for stack in stacks if stack.name == PLATFORM]
        _in_threads(attempt, platform, jobs)
        if not errors.keys() & set(platform):
            _in_threads(attempt, [stack for stack in stacks if stack.name != PLATFORM], jobs)

    _in_threads(walk_environment, list(plans.values()), len(plans))
    if errors:
        tried = results.keys() | errors.keys()
        raise StacksFailed(errors, [stack for stacks in plans.values() for stack in stacks if stack not in tried])
    return results


def _chosen(stacks: list[StackId], only: str | Collection[StackId] | None) -> list[StackId]:
    if only is None or isinstance(only, str):
        return [stack for stack in stacks if only in (None, stack.name)]
    wanted = frozenset(only)
    return [stack for stack in stacks if stack in wanted]


Item = TypeVar("Item")


def _in_threads(function: Callable[[Item], None], items: Sequence[Item], most: int) -> None:
    """Call `function` for each item in `most` threads; what it raises is raised here, when all have ended."""
    with ThreadPoolExecutor(max_workers=max(1, most)) as pool:
        futures = [pool.submit(function, item) for item in items]
        wait(futures)
    for future in futures:
        future.result()
