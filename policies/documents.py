"""IAM policy documents: identity, resource, key and trust policies, read strictly.

What this reader does not understand is undecided, never ignored: the skipped statement may be the one that leaks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from policies import globs
from policies.errors import Undecided

ELEMENTS = frozenset(
    {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"}
)


@lru_cache(maxsize=65536)
def _covered(patterns: tuple[str, ...], action: str) -> bool:
    """Remembered: the tenants' policies name the same few lists of actions."""
    return any(globs.matches(pattern, action) for pattern in patterns)


@dataclass(frozen=True)
class Statement:
    """One statement. Actions are lower-cased, because IAM compares them so; `("*",)` is written out, absent is empty.

    Attributes:
        principals, not_principals: `{"AWS" | "Service" | "Federated" | "CanonicalUser" | "*": (value, …)}`.
        conditions: `{operator as written: {key lower-cased: (value, …)}}`.
        index: position in its document, from 0.
    """

    effect: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_principals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    conditions: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    sid: str = ""
    index: int = 0

    @property
    def is_allow(self) -> bool:
        return self.effect == "Allow"

    @property
    def label(self) -> str:
        return self.sid or f"statement {self.index + 1}"

    def covers_action(self, action: str) -> bool:
        """Tell whether the statement speaks about `action`, `s3:GetObject`, by Action or NotAction."""
        action = action.lower()
        if self.not_actions:
            return not _covered(self.not_actions, action)
        return _covered(self.actions, action)

    def condition(self, operator: str, key: str) -> tuple[str, ...]:
        """Return the values of one condition, compared without regard to case; empty when it is not there."""
        for written, tests in self.conditions.items():
            if written.lower() == operator.lower():
                return tests.get(key.lower(), ())
        return ()


@dataclass(frozen=True)
class PolicyDocument:
    """A policy's statements in order."""

    statements: tuple[Statement, ...] = ()

    def __iter__(self) -> Iterator[Statement]:
        return iter(self.statements)

    @property
    def allows(self) -> list[Statement]:
        return [statement for statement in self.statements if statement.is_allow]

    @property
    def denies(self) -> list[Statement]:
        return [statement for statement in self.statements if not statement.is_allow]

    @classmethod
    def of(cls, document: Mapping[str, Any], where: str) -> PolicyDocument:
        """Read a decoded policy document; an empty mapping is a policy without statements.

        Args:
            where: for messages.

        Raises:
            Undecided: an element is unknown until apply, malformed, or not one that IAM has.
        """
        if not document:
            return cls()
        extra = document.keys() - {"Version", "Statement", "Id"}
        if extra:
            raise Undecided(f"{where} has no policy element {sorted(extra)[0]!r}")
        statements = document.get("Statement")
        if isinstance(statements, Mapping):
            statements = [statements]
        if not isinstance(statements, list):
            raise Undecided(f"{where}.Statement holds {type(statements).__name__}, not a list of statements")
        return cls(tuple(_statement(item, index, where) for index, item in enumerate(statements)))


def _statement(item: Any, index: int, where: str) -> Statement:
    here = f"{where}.Statement[{index}]"
    if not isinstance(item, Mapping):
        raise Undecided(f"{here} is {type(item).__name__}, not a statement")
    extra = item.keys() - ELEMENTS
    if extra:
        raise Undecided(f"{here} has no element {sorted(extra)[0]!r}")
    if item.get("Effect") not in ("Allow", "Deny"):
        raise Undecided(f"{here}.Effect is {item.get('Effect')!r}, neither Allow nor Deny")
    for one, other in (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal")):
        if one in item and other in item:
            raise Undecided(f"{here} has both {one} and {other}")
    if "Action" not in item and "NotAction" not in item:
        raise Undecided(f"{here} has neither Action nor NotAction")
    if item.get("NotAction") == []:
        raise Undecided(f"{here}.NotAction is an empty list, which would mean every action")
    return Statement(
        effect=item["Effect"],
        actions=tuple(action.lower() for action in _texts(item.get("Action"), f"{here}.Action")),
        not_actions=tuple(action.lower() for action in _texts(item.get("NotAction"), f"{here}.NotAction")),
        resources=_texts(item.get("Resource"), f"{here}.Resource"),
        not_resources=_texts(item.get("NotResource"), f"{here}.NotResource"),
        principals=_principals(item.get("Principal"), f"{here}.Principal"),
        not_principals=_principals(item.get("NotPrincipal"), f"{here}.NotPrincipal"),
        conditions=_conditions(item.get("Condition"), f"{here}.Condition"),
        sid=item.get("Sid") or "",
        index=index,
    )


def _texts(value: Any, where: str) -> tuple[str, ...]:
    items = [] if value is None else value if isinstance(value, list) else [value]
    for item in items:
        if not isinstance(item, str):
            raise Undecided(f"{where} is known only after the apply, or is not text")
    return tuple(items)


def _principals(value: Any, where: str) -> dict[str, tuple[str, ...]]:
    if value is None:
        return {}
    if value == "*":
        return {"*": ("*",)}
    if not isinstance(value, Mapping):
        raise Undecided(f"{where} is neither '*' nor a mapping")
    return {kind: _texts(items, f"{where}.{kind}") for kind, items in value.items()}


def _conditions(value: Any, where: str) -> dict[str, dict[str, tuple[str, ...]]]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Undecided(f"{where} is not a mapping of operators")
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for operator, tests in value.items():
        if not isinstance(tests, Mapping):
            raise Undecided(f"{where}.{operator} is not a mapping of keys")
        found[operator] = {
            key.lower(): _texts(_as_text(values), f"{where}.{operator}.{key}") for key, values in tests.items()
        }
        if len(found[operator]) < len(tests):
            raise Undecided(f"{where}.{operator} names a key twice, in capitals and not")
    return found


def _as_text(values: Any) -> Any:
    """Return booleans and numbers as IAM compares them: as text."""
    if isinstance(values, bool):
        return str(values).lower()
    if isinstance(values, int | float):
        return str(values)
    if isinstance(values, list):
        return [_as_text(value) for value in values]
    return values


@lru_cache(maxsize=4096)
def service_of(action: str) -> str:
    """Return the service prefix of an action, `s3` of `s3:GetObject`; `*` for the action `*`."""
    return action.split(":", 1)[0].lower()
