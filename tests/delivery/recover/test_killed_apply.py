"""A real apply, killed; then what people do: look, break the lock, import, apply. Nothing is made twice."""

from __future__ import annotations

import json

import pytest

from tests.delivery.recover.conftest import STATE, Ground

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox]

MADE = {
    "aws_cloudwatch_log_group.this",
    "aws_glue_catalog_database.this",
    "aws_iam_policy.boundary",
    "aws_iam_role.job",
    'aws_s3_bucket.zone["raw"]',
    "aws_secretsmanager_secret.this",
    "aws_ssm_parameter.this",
    "module.key.aws_kms_alias.this",
    "module.key.aws_kms_key.this",
}
"""What exists once only; policies and settings of it are written over by the next apply."""


def imported(output: str, verb: str) -> set[str]:
    lines = [line.strip() for line in output.splitlines()]
    return {line.removeprefix(verb).split(" = ")[0].strip() for line in lines if line.startswith(f"{verb} ")}


def test_a_killed_apply_is_mended_and_nothing_is_made_twice(killed: Ground) -> None:
    lock = killed.lock()
    assert lock is not None, "the killed apply has left its lock"

    code, output = killed.recover("--unlock", lock["ID"], "--import")
    assert code == 0, output
    assert killed.lock() is None
    assert f"import {len(MADE)} together" in output
    assert imported(output, "imported") == MADE
    assert "in doubt" not in output
    body = killed.client("s3").get_object(Bucket=STATE["bucket"], Key=STATE["key"])["Body"].read()
    assert json.loads(body)["serial"] == 1, "they were recorded by one write of the state"

    code, output = killed.sluice("plan", "--env", "dev", "--stack", "annuity")
    assert code == 0, output
    assert "5 to create" in output, "the role's policy, the bucket's settings, the slow one, and what came after it"
