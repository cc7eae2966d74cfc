"""A real apply, killed; then what people do: look, break the lock, import, apply. Nothing is made twice."""

from __future__ import annotations

import pytest

from tests.delivery.recover.conftest import STATE, Ground

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox]

MADE = {
    "aws_cloudwatch_log_group.this",
    "aws_glue_catalog_database.this",
    "aws_iam_role.job",
    "aws_kms_alias.this",
    "aws_kms_key.this",
    "aws_s3_bucket.raw",
}
"""What exists once only; the role's policy is written over by the next apply."""


def imported(output: str, verb: str) -> set[str]:
    lines = [line.strip() for line in output.splitlines()]
    return {line.removeprefix(verb).split(" = ")[0].strip() for line in lines if line.startswith(f"{verb} ")}


def test_a_killed_apply_is_mended_and_nothing_is_made_twice(killed: Ground) -> None:
    lock = killed.lock()
    assert lock is not None, "the killed apply has left its lock"

    code, output = killed.recover()
    assert code == 1, output
    assert f"dev/annuity: the state is locked by {lock['Who']} (OperationTypeApply, since" in output
    assert f"sluice recover --env dev --stack annuity --unlock {lock['ID']}" in output

    code, output = killed.recover("--unlock", lock["ID"])
    assert code == 1, output
    assert killed.lock() is None
    assert imported(output, "exists, and no state knows it") == MADE
    assert "in doubt" not in output
    assert not killed.client("s3").list_objects_v2(Bucket=STATE["bucket"]).get("Contents"), "looking wrote a state"

    code, output = killed.recover("--import")
    assert code == 0, output
    assert imported(output, "imported") == MADE

    code, output = killed.sluice("apply", "--env", "dev", "--stack", "annuity", "--yes")
    assert code == 0, output
    assert "3 added, 0 changed, 0 removed" in output, "the role's policy, the slow one, and what came after it"
    assert len(killed.client("kms").list_keys()["Keys"]) == 1 + 2, "one key, beside those of the account's bootstrap"

    code, output = killed.recover()
    assert (code, output.splitlines()[-1]) == (0, "dev/annuity: nothing is left behind"), output
