"""A value spelt for another language is data there, whatever it holds."""

from __future__ import annotations

import ast
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.render.escape import Plain, UnsafeSql, comment, python_literal, python_text, sql_identifier, sql_text
from generator.resolve.run_values import AS_OF, ATTEMPT, CONSTANTS

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, derandomize=True)
@given(plain)
def test_python_literal_round_trips(value: Plain) -> None:
    literal = python_literal(value)
    assert literal.isascii()
    assert ast.literal_eval(literal) == value


@settings(deadline=None, derandomize=True)
@given(st.text())
def test_python_text_stays_on_one_line(text: str) -> None:
    assert len(python_text(text).splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("plain", '"plain"'),
        ("it's", '"it\'s"'),
        ('say "so"', "'say \"so\"'"),
        ("\\d\n", '"\\\\d\\n"'),
        ("\x00\xe9\u2028\U0001f600", '"\\x00\\xe9\\u2028\\U0001f600"'),
    ],
)
def test_python_text_is_spelt_as_a_formatter_would(text: str, literal: str) -> None:
    assert python_text(text) == literal


def test_python_literal_puts_one_element_on_a_line() -> None:
    value: Plain = {"a": [1, "b"], "c": [], "d": {}}
    assert python_literal(value, 1) == '{\n        "a": [\n            1,\n            "b",\n        ],\n' + (
        '        "c": [],\n        "d": {},\n    }'
    )


@settings(deadline=None, derandomize=True)
@given(st.lists(st.sampled_from([AS_OF, ATTEMPT, "{", "}", '"', "\\", "s3://x/", "{AS_OF}", "%"])))
def test_templated_text_evaluates_to_itself(pieces: list[str]) -> None:
    text = "".join(pieces)
    expression = python_literal(text, constants=CONSTANTS)
    evaluated = eval(expression, {"__builtins__": {}}, {"AS_OF": AS_OF, "ATTEMPT": ATTEMPT})  # noqa: S307
    assert evaluated == text


def test_templated_text_reads_well() -> None:
    assert python_literal(f"s3://b/as_of={AS_OF}/x", constants=CONSTANTS) == 'f"s3://b/as_of={AS_OF}/x"'
    assert python_literal(AS_OF, constants=CONSTANTS) == "AS_OF"


@settings(deadline=None, derandomize=True)
@given(st.text())
def test_comment_is_one_line_and_round_trips(text: str) -> None:
    written = comment(text)
    assert written.isascii()
    assert len(written.splitlines()) == 1
    assert json.loads(written) == text


@pytest.mark.parametrize("name", ["", "A", "a b", 'a"b', "a;b", "a-b", "1a", "a\n", "é", "a'"])
def test_sql_identifier_refuses(name: str) -> None:
    with pytest.raises(UnsafeSql):
        sql_identifier(name)


@pytest.mark.parametrize("text", ["it's", "a\\", "a;b", "a\nb", "\x00", "é", '"', "a\n"])
def test_sql_text_refuses(text: str) -> None:
    with pytest.raises(UnsafeSql) as caught:
        sql_text(text)
    assert repr(text) in str(caught.value)
