"""Every decision about a stack, taken once: names, access, locations, sizes, schedules. Pure; writes nothing."""

from __future__ import annotations

from generator.resolve.decisions import resolve, resolve_platform
from generator.resolve.stack import PlatformStack, Stack

__all__ = ["PlatformStack", "Stack", "resolve", "resolve_platform"]
