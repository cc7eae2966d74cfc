"""Faults that someone asked the local cloud to suffer: which kinds exist, and whose turn it is.

Services take a fault when they reach the place where the cloud would fail; this module knows none of them.
"""

from __future__ import annotations

import difflib
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

KINDS: Mapping[str, frozenset[str]] = {
    "emr_no_capacity": frozenset(),
    "emr_spot_interruption": frozenset({"after_seconds"}),
    "emr_step_failure": frozenset({"after_seconds"}),
    "emr_slow_step": frozenset({"seconds"}),
    "streamsets_outage": frozenset({"seconds"}),
    "streamsets_run_error": frozenset({"message", "after_records"}),
    "streamsets_restart": frozenset({"seconds"}),
    "s3_error": frozenset({"status", "code", "method"}),
}
"""{kind: options it understands}. `match` is compared with the cluster, step, pipeline or `bucket/key` in question."""


class InvalidFaultError(ValueError):
    """A fault was described that nothing could suffer."""

    exit_code = 2

    def __init__(self, where: str, problem: str, expected: str, fix: str) -> None:
        super().__init__(f"fault: {where}: {problem}\n  expected: {expected}\n  fix:      {fix}")
        self.where = where


@dataclass(frozen=True)
class Fault:
    """One kind of failure, waiting for a subject.

    Attributes:
        kind: one of `KINDS`.
        match: regular expression searched in the subject's name.
        times: how often it still strikes, 1 or more.
        options: {option: value} as `KINDS` lists them for the kind; durations in seconds.
    """

    kind: str
    match: str = ".*"
    times: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidFaultError(
                "kind", f"{self.kind!r} is not a fault", ", ".join(KINDS), _suggestion(self.kind, KINDS)
            )
        try:
            re.compile(self.match)
        except (re.error, TypeError) as error:
            raise InvalidFaultError(
                "match", f"{self.match!r} is not a regular expression ({error})", "a Python regex", "quote it with re"
            ) from error
        if type(self.times) is not int or self.times < 1:
            raise InvalidFaultError(
                "times", f"{self.times!r} is not a count", "an integer of 1 or more", "leave it out for 1"
            )
        for option in sorted(set(self.options) - KINDS[self.kind]):
            known = KINDS[self.kind]
            raise InvalidFaultError(
                f"options.{option}",
                f"{option!r} is not an option of {self.kind}",
                ", ".join(sorted(known)) or "no options",
                _suggestion(option, known),
            )

    def strikes(self, kind: str, subject: str, **facts: str) -> bool:
        agrees = all(self.options.get(name, fact) == fact for name, fact in facts.items())
        return self.kind == kind and agrees and re.search(self.match, subject) is not None

    def seconds(self, option: str, default: float) -> float:
        """Return an option that is a duration in seconds."""
        return float(self.options.get(option, default))

    def to_json(self) -> dict[str, Any]:
        """Return {"kind", "match", "times", **options}: what `from_json` reads."""
        return {"kind": self.kind, "match": self.match, "times": self.times, **self.options}

    @classmethod
    def from_json(cls, document: str | bytes | Mapping[str, Any]) -> Fault:
        """Read a fault from a JSON object; keys other than kind, match and times are its options.

        Raises:
            InvalidFaultError: the document is no JSON object, or describes no fault.
        """
        if isinstance(document, str | bytes):
            try:
                document = json.loads(document)
            except ValueError as error:
                raise InvalidFaultError("body", f"not JSON ({error})", "a JSON object", 'send {"kind": …}') from error
        if not isinstance(document, Mapping) or "kind" not in document:
            raise InvalidFaultError("kind", "missing", ", ".join(KINDS), 'send {"kind": …}')
        own = {name: document[name] for name in ("kind", "match", "times") if name in document}
        return cls(**own, options={name: value for name, value in document.items() if name not in own})


def _suggestion(name: object, known: Mapping[str, Any] | frozenset[str]) -> str:
    near = difflib.get_close_matches(str(name), known, n=1)
    return f"did you mean {near[0]!r}?" if near else "leave it out, or take one of those"


class Faults:
    """The faults waiting, oldest first. Safe to use from the threads of all services."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def list(self) -> list[Fault]:
        with self._lock:
            return [*self._waiting]

    def take(self, kind: str, subject: str, **facts: str) -> Fault | None:
        """Return the oldest fault of a kind that matches a subject, counting it as having struck once.

        Args:
            kind: one of `KINDS`.
            subject: what is about to happen: a cluster's or step's name, a pipeline's id, `bucket/key`.
            facts: options known of the moment, such as `method="PUT"`: a fault that asks for another does not strike.
        """
        with self._lock:
            for position, fault in enumerate(self._waiting):
                if fault.strikes(kind, subject, **facts):
                    remaining = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                    self._waiting[position : position + 1] = remaining
                    return fault
        return None
