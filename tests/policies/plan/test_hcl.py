"""Locals are split as Terraform splits them, and what cannot be split is given up."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.plan.hcl import Code


def references(tmp_path: Path, text: str, name: str = "x") -> list[str] | None:
    (tmp_path / "main.tf").write_text(text)
    return Code(tmp_path).references_of_local(tmp_path, name)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("var.a", ["var.a"]),
        ('"${var.a}-b"', ["var.a"]),
        ('"${"}"}${var.a}"', ["var.a"]),
        ('"$${var.a}"', ["var.a"]),  # no reference to Terraform, one to us: less is traced, nothing is missed
        ("aws_kms_key.this.arn", ["aws_kms_key.this.arn"]),
        ('module.b["raw"].arn', ['module.b["raw"].arn']),
        ("module.b[each.key].arn", ["module.b", "each.key"]),
        ("var.a[*].arn", ["var.a"]),
        ("{\n  b = var.a # }\n  c = [var.d]\n}", ["var.a", "var.d"]),
        ('<<-EOT\n  { ${var.a} "\n  EOT', ["var.a"]),
        ("var . a", ["var.a"]),
        ("/* } */ var.a", ["var.a"]),
        ("true", []),
    ],
)
def test_references(tmp_path: Path, expression: str, expected: list[str]) -> None:
    text = f"locals {{\n  x = {expression}\n  y = var.other\n}}\n"
    assert references(tmp_path, text) == expected
    assert references(tmp_path, text, "y") == ["var.other"]


@pytest.mark.parametrize(
    "text",
    [
        "locals {\n  x = [var.a\n}\n",
        'locals {\n  x = "var.a\n}\n',
        "locals {\n  x = <<EOT\nvar.a\n",
        "locals {\n  x = var.a\n}\nlocals {\n  x = var.b\n}\n",
        "locals {\n  x = var.a\n  ?\n}\n",
    ],
)
def test_what_cannot_be_split_is_given_up(tmp_path: Path, text: str) -> None:
    assert references(tmp_path, text) is None


def test_a_local_that_is_not_there(tmp_path: Path) -> None:
    assert references(tmp_path, "locals {\n  y = 1\n}\n") is None


def test_locals_in_json_are_given_up(tmp_path: Path) -> None:
    (tmp_path / "more.tf.json").write_text('{"locals": {"z": 1}}')
    assert references(tmp_path, "locals {\n  x = var.a\n}\n") is None


def test_what_other_blocks_hold_is_no_local(tmp_path: Path) -> None:
    text = 'resource "a" "b" {\n  c = "locals {"\n  x = var.no\n}\n\nlocals {\n  x = var.a\n}\n'
    assert references(tmp_path, text) == ["var.a"]


def refuses(tmp_path: Path, text: str) -> bool | None:
    (tmp_path / "main.tf").write_text(text)
    return Code(tmp_path).refuses_to_destroy(tmp_path, "aws_kms_key", "this")


def key(body: str) -> str:
    return f'resource "aws_kms_key" "this" {{\n  description = "{{"\n{body}\n}}\n'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("  lifecycle {\n    prevent_destroy = true # for the data\n  }", True),
        ("  lifecycle { prevent_destroy = true }", True),
        ("  lifecycle {\n    ignore_changes  = [tags]\n    prevent_destroy = true\n  }", True),
        ("", False),
        ("  lifecycle {\n    prevent_destroy = false\n  }", False),
        ("  lifecycle {\n    # prevent_destroy = true\n  }", False),
        ("  lifecycle {\n    /*\n    prevent_destroy = true\n    */\n  }", False),
        ("  # lifecycle { prevent_destroy = true }", False),
        ("  /*\n  lifecycle {\n    prevent_destroy = true\n  }\n  */", False),
        ("  policy = <<EOT\n  lifecycle {\n    prevent_destroy = true\n  }\nEOT", False),
        ("  timeouts {\n    lifecycle {\n      prevent_destroy = true\n    }\n  }", False),
        ("  lifecycle {\n    precondition {\n      prevent_destroy = true\n    }\n  }", False),
        ('  lifecycle {\n    prevent_destroy = "true\n  }', None),
    ],
)
def test_what_a_lifecycle_says(tmp_path: Path, body: str, expected: bool | None) -> None:
    assert refuses(tmp_path, key(body)) is expected


def test_a_block_that_may_be_another_one_tells_nothing(tmp_path: Path) -> None:
    prevented, plain = key("  lifecycle { prevent_destroy = true }"), key("")
    assert refuses(tmp_path, f"/*\n{prevented}*/\n{plain}") is None
    assert refuses(tmp_path, 'resource "aws_kms_key" "other" {\n}\n') is None
    (tmp_path / "key_override.tf").write_text("")
    assert refuses(tmp_path, prevented) is None
