"""What hand-written code reaches, as it is found without running it."""

from __future__ import annotations

from datetime import date

import pytest

from policies.artefacts.code import Import, SparkJob, Use
from policies.check import Context, Undecided


def job(text: str, stack: str = "annuity") -> SparkJob:
    return SparkJob(f"spark_jobs/{stack}/x.py", text, Context("", stack, date(2026, 11, 23), True))


def test_imports_wherever_they_stand() -> None:
    text = "import os.path as p\ndef go():\n    if True:\n        from ..a import b as c, d\nimport json\n"
    assert job(text).reach.imports == [
        Import("os.path", "p", 1),
        Import("json", "json", 5),
        Import("..a.b", "c", 4),
        Import("..a.d", "d", 4),
    ]


def test_uses_of_imports() -> None:
    text = "import json as j\nj.loads(x)\nj.codecs.open(x)\ny = j\n"
    uses = job(text).reach.uses
    assert sorted(uses, key=lambda use: use.line) == [
        Use("json", "loads", True, 2),
        Use("json", "codecs", False, 3),
        Use("json", "", False, 4),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "x._jvm",
        "getattr(x, '_jvm')",
        "match x:\n    case A(_jvm=y): pass",
        "x.a._jvm.b",
        "del x._jvm",
        "x._jvm = 1",
        "hasattr(x, '_jvm')",
    ],
)
def test_attributes_are_found_in_every_form(text: str) -> None:
    assert "_jvm" in {name for name, _ in job(text).reach.attributes}


@pytest.mark.parametrize(
    "text", ["getattr(x, y)", "getattr(x, 'a' + b)", "setattr(x, *y)", "getattr(*y)", "getattr(self, x)"]
)
def test_computed_names_are_said(text: str) -> None:
    assert [line for _, line in job(text).reach.computed] == [1]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('x = "s3://a"', ["s3://a"]),
        ('x = "s3:" + "//a"', ["s3://a"]),
        ('x = "s3:" "//a"', ["s3://a"]),
        ('x = f"s3://{y}/z"', ["s3://{}/z"]),
        ('x = "s3:" + "//" + y', ["s3://{}"]),
        ('x = b"s3://a"', ["s3://a"]),
        ('"""s3://a"""\ndef f():\n    """s3://b"""\n', []),
        ('x = ["s3://a", {"k": "s3://b"}]', ["s3://a", "k", "s3://b"]),
    ],
)
def test_texts(text: str, found: list[str]) -> None:
    assert sorted(value for value, _ in job(text).reach.texts) == sorted(found)


def test_packages() -> None:
    assert job("", "annuity-eu").package == "spark_jobs.annuity_eu"
    assert job("", "").package == "spark_jobs.runtime"


@pytest.mark.parametrize("text", ["def (", "\0", "# coding: utf-7\n", "x = " + "(" * 1000])
def test_what_cannot_be_read_is_undecided(text: str) -> None:
    with pytest.raises(Undecided):
        _ = job(text).reach
