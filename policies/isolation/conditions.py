"""Whether a statement's conditions hold: never, always, or for some requests.

An Allow is excluded only by NEVER; a Deny counts only with ALWAYS. What this module does not know is MAYBE.
Source: IAM User Guide, "Condition operators" and "Multivalued context keys".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import Enum

from policies import globs
from policies.isolation.facts import ABSENT, Absent, Domain, Facts, Like, Value

VARIABLE = re.compile(r"\$\{[^}]*\}")

NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnlike",
    "arnnotlike": "arnlike",
}
POSITIVE = {
    "stringequals": "stringequals",
    "stringequalsignorecase": "stringequalsignorecase",
    "stringlike": "stringlike",
    "arnequals": "arnlike",
    "arnlike": "arnlike",
    "bool": "stringequalsignorecase",
}


class Truth(Enum):
    NEVER = 0
    MAYBE = 1
    ALWAYS = 2

    @property
    def opposite(self) -> Truth:
        return Truth(2 - self.value)

    @classmethod
    def both(cls, parts: Iterable[Truth]) -> Truth:
        """All must hold; nothing to hold is ALWAYS."""
        return min(parts, key=lambda truth: truth.value, default=cls.ALWAYS)

    @classmethod
    def either(cls, parts: Iterable[Truth]) -> Truth:
        """One must hold; nothing to hold is NEVER."""
        return max(parts, key=lambda truth: truth.value, default=cls.NEVER)

    @classmethod
    def over(cls, possibilities: Iterable[Truth]) -> Truth:
        """The same for every possibility, or MAYBE."""
        different = set(possibilities)
        return different.pop() if len(different) == 1 else cls.MAYBE


def hold(conditions: Mapping[str, Mapping[str, tuple[str, ...]]], facts: Facts) -> Truth:
    """Tell when all of a statement's conditions hold, given `facts` about the request."""
    return Truth.both(
        _test(operator.lower(), values, facts[key], facts)
        for operator, tests in conditions.items()
        for key, values in tests.items()
    )


def substitute(text: str, facts: Facts) -> str | None:
    """Return `text` with policy variables replaced; None when one of them is not known for certain.

    A value with a wildcard in it is not known for certain either: whether IAM reads it as one is not documented.
    """
    if "${" not in text:
        return text
    certain = facts.has_variables

    def value_of(found: re.Match[str]) -> str:
        nonlocal certain
        domain = facts[found[0][2:-1]]
        if len(domain) == 1 and isinstance(domain[0], str) and globs.is_literal(domain[0]):
            return domain[0]
        certain = False
        return ""

    replaced = VARIABLE.sub(value_of, text)
    return replaced if certain else None


def _test(operator: str, values: tuple[str, ...], domain: Domain, facts: Facts) -> Truth:
    quantifier, _, rest = operator.rpartition(":")
    if quantifier not in ("", "forallvalues", "foranyvalue"):
        return Truth.MAYBE
    if_exists = rest.endswith("ifexists")
    base = rest.removesuffix("ifexists")
    if base == "null":
        return Truth.MAYBE if quantifier or if_exists else Truth.over(_null(value, values) for value in domain)
    if base not in POSITIVE and base not in NEGATED:
        return Truth.MAYBE
    return Truth.over(_one(base, quantifier, if_exists, values, value, facts) for value in domain)


def _null(value: Value, wanted: tuple[str, ...]) -> Truth:
    """Judge `Null`: "true" asks for absence, "false" for presence."""
    if value == frozenset():
        return Truth.MAYBE
    said = "true" if value == ABSENT else "false"
    return Truth.ALWAYS if said in {text.lower() for text in wanted} else Truth.NEVER


def _one(base: str, quantifier: str, if_exists: bool, values: tuple[str, ...], value: Value, facts: Facts) -> Truth:
    """Judge one possible value of the key."""
    if isinstance(value, Absent):
        return _absent(base, quantifier, if_exists)
    if isinstance(value, frozenset):
        if not quantifier:
            return Truth.MAYBE
        if not value:
            return _absent(base, quantifier, if_exists)
        parts = [_single(base, values, item, facts) for item in value]
        return Truth.both(parts) if quantifier == "forallvalues" else Truth.either(parts)
    if quantifier and isinstance(value, Like):
        return Truth.MAYBE  # several values may come with the request
    return _single(base, values, value, facts)


def _absent(base: str, quantifier: str, if_exists: bool) -> Truth:
    if quantifier == "forallvalues" or if_exists:
        return Truth.ALWAYS
    if base in NEGATED:
        return Truth.MAYBE if quantifier else Truth.ALWAYS
    return Truth.NEVER


def _single(base: str, values: tuple[str, ...], value: str | Like, facts: Facts) -> Truth:
    if base in NEGATED:
        return _matched(NEGATED[base], values, value, facts).opposite
    return _matched(POSITIVE[base], values, value, facts)


def _matched(base: str, values: tuple[str, ...], value: str | Like, facts: Facts) -> Truth:
    """Tell whether `value` is one of `values` as `base` compares them."""
    known = [substitute(text, facts) for text in values]
    texts = [text for text in known if text is not None]
    unsure = [Truth.MAYBE] * (len(known) - len(texts))
    if isinstance(value, Like):
        return Truth.either([_pattern_matched(base, texts, value.pattern), *unsure])
    return Truth.either([*(_text_matched(base, text, value) for text in texts), *unsure])


def _text_matched(base: str, wanted: str, value: str) -> Truth:
    if base == "stringequals":
        return _certain(wanted == value)
    if base == "stringequalsignorecase":
        return _certain(wanted.lower() == value.lower())
    if base == "stringlike":
        return _certain(globs.matches(wanted, value))
    return _arn_matched(wanted, value)


def _arn_matched(wanted: str, value: str) -> Truth:
    """Compare ARNs part by part: a wildcard does not reach over a colon of the first five."""
    wanted_parts, parts = wanted.split(":", 5), value.split(":", 5)
    if len(wanted_parts) != 6 or len(parts) != 6:
        return Truth.MAYBE
    return _certain(all(globs.matches(one, other) for one, other in zip(wanted_parts, parts, strict=True)))


def _pattern_matched(base: str, wanted: list[str], pattern: str) -> Truth:
    """Judge every text that `pattern` covers at once."""
    if base == "stringequalsignorecase":
        return Truth.MAYBE if wanted else Truth.NEVER
    if base == "stringequals":
        possible = [text for text in wanted if globs.matches(pattern, text)]
        return _certain(bool(possible)) if globs.is_literal(pattern) or not possible else Truth.MAYBE
    if not any(globs.overlap(pattern, text) for text in wanted):
        return Truth.NEVER
    return Truth.ALWAYS if base == "stringlike" and globs.within(pattern, wanted) else Truth.MAYBE


def _certain(is_true: bool) -> Truth:
    return Truth.ALWAYS if is_true else Truth.NEVER
