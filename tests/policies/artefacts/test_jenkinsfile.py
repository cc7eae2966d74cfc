"""A Jenkinsfile as data: what is read, and that everything else is said."""

from __future__ import annotations

from datetime import date

import pytest

from policies.artefacts.groovy_form import Name, Node, Text, read
from policies.artefacts.jenkinsfile import Jenkinsfile
from policies.check import Context, Undecided

CONTEXT = Context("", "", date(2026, 11, 23), True)


def one(text: str) -> Node:
    statements, problems = read(text, "Jenkinsfile")
    assert problems == []
    [node] = statements
    return node


@pytest.mark.parametrize(
    ("text", "values", "named"),
    [
        ("sh 'a'", (Text("a"),), {}),
        ('sh "a ${b.c} $d"', (Text("a ${b.c} $d", ("${b.c}", "$d")),), {}),
        ("sh 'a ${b}'", (Text("a ${b}"),), {}),
        ("sh '''a\nb'''", (Text("a\nb"),), {}),
        (r"sh 'a\'b\n'", (Text("a'b\n"),), {}),
        ("sh(script: 'a', returnStdout: true)", (), {"script": Text("a"), "returnStdout": True}),
        ("checkout scm", (Name("scm"),), {}),
        ("timeout(time: 1, unit: 'HOURS')", (), {"time": 1, "unit": Text("HOURS")}),
        ("x([1, 2])", ([1, 2],), {}),
        ("x([a: 1])", ({"a": 1},), {}),
        ("TOKEN = credentials('t')", (), {"=": Node("credentials", 1, (Text("t"),))}),
        ("x(\n  'a',\n  'b'\n)", (Text("a"), Text("b")), {}),
    ],
)
def test_statements(text: str, values: tuple[object, ...], named: dict[str, object]) -> None:
    node = one(text)
    assert (node.values, node.named) == (values, named)


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_a_comment_ends_where_groovy_ends_it(end: str) -> None:
    nodes, problems = read(f"// first{end}sh 'a'{end}sh 'b'", "Jenkinsfile")
    assert problems == []
    assert [(node.name, node.line) for node in nodes] == [("sh", 2), ("sh", 3)]


@pytest.mark.parametrize(
    ("text", "evaluates"),
    [(r'x "\${b}"', ()), (r'x "\\${b}"', ("${b}",)), (r'x "\\\${b}"', ()), (r'x "\$b"', ())],
)
def test_a_dollar_is_escaped_by_an_odd_number_of_backslashes(text: str, evaluates: tuple[str, ...]) -> None:
    assert one(text).values[0].evaluates == evaluates


def test_blocks_and_comments() -> None:
    node = one("// first\npipeline { /* { */ agent any; stages {\n stage('a') { steps { sh 'x' } } } }")
    assert [child.name for child in node.children] == ["agent", "stages"]
    assert [inner.name for inner in node.walk()] == ["pipeline", "agent", "stages", "stage", "steps", "sh"]
    assert next(inner for inner in node.walk() if inner.name == "sh").line == 3


@pytest.mark.parametrize(
    "text",
    [
        "def x = 1",
        "x.each { y -> z }",
        "@Library('a') _",
        "a + b",
        "x = { }",
        "sh 'a' 'b'",
        "x(a: 1, a: 2)",
        "sh /a/",
        "sh $/a/$",
        "x; }",
        "x {",
        "x(",
        "!x",
        "a ? b : c",
        "x { -> y }",
        "x\n{ }",
        "'a'",
        "1",
        "x(y: )",
        "x(,)",
        "a " * 3 + "{" * 60,
        "x([1, a: 2])",
        "x = y { z }",
        r"x '\u0027'",
        r"// \u000a y",
    ],
)
def test_every_other_form_is_a_problem(text: str) -> None:
    statements, problems = read(text, "Jenkinsfile")
    assert problems
    assert statements == ()


@pytest.mark.parametrize("text", ["sh 'a", "/* a", 'sh "a\n"', "sh '''a''"])
def test_a_text_without_an_end_is_undecided(text: str) -> None:
    with pytest.raises(Undecided, match="has no end"):
        read(text, "Jenkinsfile")


def test_a_broken_form_has_no_commands() -> None:
    file = Jenkinsfile("Jenkinsfile", "def x = 1\npipeline { sh 'make x' }", CONTEXT)
    with pytest.raises(Undecided, match="another form"):
        _ = file.commands
