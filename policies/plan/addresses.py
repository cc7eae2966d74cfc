"""Terraform's addresses and references, taken apart. Knows their grammar and no plan."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

Key = str | int | None
Step = str | int
"""A name, an instance's key or a list's index."""

STEP = re.compile(r'([^.\[\]"]+)|\[(?:"((?:[^"\\]|\\.)*)"|(\d+))\]')
ESCAPED = re.compile(r"\\([\\\"])")


class Reference:
    """One reference of an expression: `module.key.arn` has the names module, key, arn; a key in brackets is a Key."""

    __slots__ = ("steps", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.steps: tuple[tuple[Step, bool], ...] = tuple(_steps(text))

    def name(self, at: int) -> str | None:
        """Return the name at position `at`; None when there is none, or a key stands there."""
        if at < len(self.steps) and not self.steps[at][1]:
            return str(self.steps[at][0])
        return None

    def key(self, at: int) -> tuple[Key, int]:
        """Return the instance key in brackets at position `at`, None without, and the position after it."""
        if at < len(self.steps) and self.steps[at][1]:
            return self.steps[at][0], at + 1
        return None, at

    def rest(self, at: int) -> tuple[Step, ...]:
        return tuple(step for step, _ in self.steps[at:])


def _steps(text: str) -> Iterator[tuple[Step, bool]]:
    """Yield (step, whether it stood in brackets)."""
    for match in STEP.finditer(text):
        name, key, index = match.groups()
        if name is not None:
            yield name, False
        else:
            yield (int(index) if index is not None else ESCAPED.sub(r"\1", key)), True


def outermost(references: Iterable[str]) -> list[Reference]:
    """Return what an expression refers to, without the prefixes that Terraform lists behind each reference.

    `["module.key.arn", "module.key", "var.name"]` gives module.key.arn and var.name.
    """
    kept: list[str] = []
    last = ""
    for text in references:
        if last.startswith(text) and last[len(text) : len(text) + 1] in (".", "["):
            last = text
            continue
        kept.append(text)
        last = text
    return [reference(text) for text in kept]


@lru_cache(maxsize=65536)
def reference(text: str) -> Reference:
    return Reference(text)


MODULE = re.compile(r'module\.([\w-]+)(?:\[(?:"((?:[^"\\]|\\.)*)"|(\d+))\])?(?:\.|$)')


@lru_cache(maxsize=65536)
def module_steps(address: str) -> tuple[tuple[str, Key, str], ...]:
    """Return (call, instance key, address so far) for each module on the way to `address`; none for the root."""
    found: list[tuple[str, Key, str]] = []
    for match in MODULE.finditer(address):
        name, text, index = match.groups()
        key: Key = int(index) if index else ESCAPED.sub(r"\1", text) if text is not None else None
        found.append((name, key, address[: match.end()].rstrip(".")))
    return tuple(found)


def child_address(parent: str, call: str, key: Key) -> str:
    """Return the address of a module instance, `module.lake.module.bucket["raw"]`."""
    written = "" if key is None else f"[{key}]" if isinstance(key, int) else f'["{_quoted(key)}"]'
    return f"{parent}.module.{call}{written}" if parent else f"module.{call}{written}"


def _quoted(key: str) -> str:
    return key.replace("\\", "\\\\").replace('"', '\\"')
