"""Secrets in files: found with their line, never quoted."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.artefacts.secrets import TextFile, detectors
from policies.check import Context
from policies.checks.secrets.no_secret_in_a_text import check

CONTEXT = Context("", "", date(2026, 11, 23), True)
SECRET = "hunter2hunter2"


def suspects(text: str, path: str = "ci/x.sh") -> list[tuple[str, int]]:
    return TextFile(path, text, CONTEXT).suspects


def test_all_detectors_are_there() -> None:
    kinds = {kind for kind, _ in detectors()}
    assert {"AWS Access Key", "Private Key", "GitHub Token", "Slack Token", "JSON Web Token"} <= kinds
    assert len(kinds) >= 18


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"a\nb\nPASSWORD='{SECRET}'\n", 3),
        ("\n\n# AKIAIOSFODNN7EXAMPLE", 3),
        (f"password:\n\n  '{SECRET}'\n", 1),
        (f'İİİ\nAPI_KEY = "{SECRET}"', 2),
        (f'{{\r\n "token": "{SECRET}"\r\n}}', 2),
    ],
)
def test_the_line_is_said(text: str, line: int) -> None:
    assert [number for _, number in suspects(text)] == [line]


@pytest.mark.parametrize(
    "name", ["password", "DB_PASSWORD", "apiKey", "api-key", "secret", "access_key_id", "client.secret", "x.token"]
)
@pytest.mark.parametrize("form", ['{} = "{}"', '"{}": "{}"', "{}: {}", "export {}={}", "{} := '{}'", "--{} {}"])
def test_names_and_forms(name: str, form: str) -> None:
    assert suspects(form.format(name, SECRET))


@pytest.mark.parametrize(
    "text",
    [
        "token: ${TOKEN}",
        "password: $PASSWORD",
        "secret: arn:aws:secretsmanager:x",
        "password = var.password",
        "token: <your token>",
        "password: null",
        "api_key: {{ vault }}",
        "secret: /meridian/prod/x",
        "password: !GetAtt X.Y",
        'TOKEN = ""',
        "tokens: 12345",
    ],
)
def test_what_points_elsewhere_is_none(text: str) -> None:
    assert suspects(text, "ci/x.yaml") == []


@given(st.text(alphabet=st.characters(codec="ascii", categories=("L", "N")), min_size=12, max_size=60))
def test_findings_never_quote(secret: str) -> None:
    text = f'password = "{secret}"\ntoken: {secret}\n'
    for problem, _ in check.judge(TextFile("ci/x.sh", text, CONTEXT)):
        assert secret not in problem


def test_lines_are_judged_once_and_alike() -> None:
    text = "# AKIAIOSFODNN7EXAMPLE\n" * 3
    assert [line for _, line in suspects(text)] == [1, 2, 3]
