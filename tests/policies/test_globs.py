"""The glob prover against two oracles: every text over a small alphabet, and z3's regular expressions."""

from __future__ import annotations

import itertools
import random

import pytest
import z3  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from policies import globs
from policies.errors import Undecided

ALPHABET = "ab"
LONGEST = 7
TEXTS = ["".join(letters) for length in range(LONGEST + 1) for letters in itertools.product(ALPHABET, repeat=length)]

patterns = st.text(alphabet="ab*?", max_size=6)


def random_question(source: random.Random, letters: str, longest: int) -> tuple[list[str], list[str]]:
    def pattern() -> str:
        return "".join(source.choice(letters) for _ in range(source.randint(0, longest)))

    return [pattern() for _ in range(source.randint(1, 3))], [pattern() for _ in range(source.randint(0, 2))]


def is_witness(text: str, positive: list[str], negative: list[str]) -> bool:
    return all(globs.matches(p, text) for p in positive) and not any(globs.matches(n, text) for n in negative)


def test_agrees_with_brute_force_on_thousands_of_questions() -> None:
    """A text of at most 7 letters is a witness: then one must be found. A found one must be a witness, and shortest."""
    source = random.Random(20261123)  # noqa: S311 -- repeatable, not secret
    found_some = found_none = 0
    for _ in range(3000):
        positive, negative = random_question(source, "ab*?", 4)
        found = globs.witness(positive, negative)
        expected = next((text for text in TEXTS if is_witness(text, positive, negative)), None)
        if found is None:
            assert expected is None, (positive, negative, expected)
            found_none += 1
        else:
            assert is_witness(found, positive, negative), (positive, negative, found)
            assert expected is None or len(found) <= len(expected), (positive, negative, found, expected)
            found_some += 1
    assert found_some > 500, "the questions are too hard to mean much"
    assert found_none > 500, "the questions are too easy to mean much"


def regex(pattern: str) -> z3.ReRef:
    any_char = z3.AllChar(z3.ReSort(z3.StringSort()))
    parts = [
        z3.Star(any_char) if char == "*" else any_char if char == "?" else z3.Re(z3.StringVal(char)) for char in pattern
    ]
    return z3.Re(z3.StringVal("")) if not parts else parts[0] if len(parts) == 1 else z3.Concat(*parts)


def z3_says(positive: list[str], negative: list[str]) -> z3.CheckSatResult:
    text = z3.String("text")
    solver = z3.Solver()
    solver.set("timeout", 2000)
    solver.add(*(z3.InRe(text, regex(pattern)) for pattern in positive))
    solver.add(*(z3.Not(z3.InRe(text, regex(pattern))) for pattern in negative))
    return solver.check()


def test_agrees_with_z3() -> None:
    """300 questions of the size that z3 answers in milliseconds; those it gives up on are not counted."""
    source = random.Random(7)  # noqa: S311 -- repeatable, not secret
    answered = 0
    for _ in range(300):
        positive, negative = random_question(source, "abc*?", 4)
        answer = z3_says(positive, negative)
        if answer == z3.unknown:
            continue
        answered += 1
        assert (globs.witness(positive, negative) is not None) == (answer == z3.sat), (positive, negative)
    assert answered >= 290


@settings(max_examples=300, deadline=None)
@given(patterns, patterns)
def test_within_is_an_order_and_overlap_symmetric(one: str, other: str) -> None:
    assert globs.within(one, [one])
    assert globs.within(one, ["*"])
    assert globs.overlap(one, other) == globs.overlap(other, one)
    if globs.within(one, [other]):
        assert globs.overlap(one, other)


@settings(max_examples=300, deadline=None)
@given(st.lists(patterns, min_size=1, max_size=3), st.lists(patterns, max_size=3))
def test_a_witness_keeps_its_word(positive: list[str], negative: list[str]) -> None:
    found = globs.witness(positive, negative)
    if found is not None:
        assert is_witness(found, positive, negative)


@pytest.mark.parametrize(
    ("positive", "negative", "expected"),
    [
        (["arn:aws:s3:::corp-acme-*", "arn:aws:s3:::corp-acme-eu-raw/*"], [], "arn:aws:s3:::corp-acme-eu-raw/"),
        (["arn:aws:s3:::corp-acme-*/*", "arn:aws:s3:::corp-zeta-raw/*"], [], None),
        (["secret:db/*", "secret:db/login-??????"], ["secret:db/*-xxxxxx"], "secret:db/login-axxxxx"),
        (["*"], [], ""),
        (["*"], ["*"], None),
        (["?"], ["*a*"], "x"),
        (["a**b"], ["a*b"], None),
    ],
)
def test_known_answers(positive: list[str], negative: list[str], expected: str | None) -> None:
    found = globs.witness(positive, negative)
    assert (found is None) == (expected is None)
    assert expected is None or (found is not None and len(found) == len(expected))


def test_a_question_too_intricate_is_undecided() -> None:
    blown_up = ["*a" + "?" * 17 + "b*" + letter for letter in "ab?"] + ["*b" + "?" * 17 + "a"]
    with pytest.raises(Undecided, match="too intricate"):
        globs.witness(blown_up, ["*" + "a?" * 9 + "*", "*" + "b?" * 9])
