"""Why the gate could not reach a verdict. None of these is ever a pass."""

from __future__ import annotations


class PolicyError(Exception):
    """The gate itself, or what it was asked to judge, is broken: no verdict, exit code 4.

    Attributes:
        what: first line, where and what.
        expected, why, fix: the lines below it; empty ones are left out.
    """

    exit_code = 4

    def __init__(self, what: str, *, expected: str = "", why: str = "", fix: str = "") -> None:
        self.what, self.expected, self.why, self.fix = what, expected, why, fix
        details = {"expected:": expected, "why:": why, "fix:": fix}
        super().__init__("\n".join([what, *(f"  {label:<9} {text}" for label, text in details.items() if text)]))


class RegisterBroken(PolicyError):
    """controls.yaml, waivers.yaml or a file of policies/data cannot be relied on."""


class ChecksBroken(PolicyError):
    """A check file does not load, or checks and register do not name each other."""


class ArtefactUnreadable(PolicyError):
    """A plan or a rendered file is truncated, foreign or undecodable."""


class UnknownControl(PolicyError):
    """A control was named that the register does not hold."""


class Undecided(Exception):
    """Raised inside a check: the control needs a value that is unknown or cannot be read. Becomes no verdict."""


class NotApplicable(Exception):
    """Raised inside a check: the control says nothing about this very resource; the message says why."""
