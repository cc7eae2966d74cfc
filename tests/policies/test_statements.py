"""What a statement covers is claimed only where it holds for every text: sampled texts never contradict it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from policies.documents import PolicyDocument, Statement
from policies.globs import matches
from policies.statements import covers_everything_below, covers_nothing_outside, denies_to_everyone, holds_unless

BUCKET = "arn:aws:s3:::data"
KEYS = st.text("ab*?/", min_size=1, max_size=6)
PATTERNS = st.text("ab*?/", max_size=5).map(lambda tail: f"{BUCKET}{tail}")
HEADER = "s3:x-amz-server-side-encryption"


def statement(**elements: Any) -> Statement:
    content = {"Effect": "Deny", "Action": "s3:*", "Principal": "*", "Resource": "*", **elements}
    return PolicyDocument.of({"Statement": [content]}, "policy").statements[0]


@given(PATTERNS, KEYS)
def test_everything_below_is_everything(pattern: str, key: str) -> None:
    if covers_everything_below(statement(Resource=pattern), f"{BUCKET}/"):
        assert matches(pattern, f"{BUCKET}/{key}")


@given(PATTERNS, KEYS)
def test_nothing_outside_is_nothing(pattern: str, key: str) -> None:
    if covers_nothing_outside(statement(Resource=pattern), [f"{BUCKET}/a/"]) and matches(pattern, f"{BUCKET}/{key}"):
        assert key.startswith("a/")


def test_a_denial_of_one_action_by_one_statement_and_another_by_another() -> None:
    parts = [statement(Action="s3:Get*"), statement(Action="s3:Put*")]
    assert denies_to_everyone(parts, ["s3:GetObject", "s3:PutObject"], f"{BUCKET}/")
    assert not denies_to_everyone(parts, ["s3:DeleteObject"], f"{BUCKET}/")
    assert not denies_to_everyone([statement(Principal={"AWS": "222222222222"})], ["s3:GetObject"], BUCKET)
    assert not denies_to_everyone([statement(Effect="Allow")], ["s3:GetObject"], BUCKET)


def test_an_exception_is_no_proof() -> None:
    document = {"Effect": "Deny", "Action": "s3:*", "Principal": "*", "NotResource": f"{BUCKET}/public/*"}
    excepting = PolicyDocument.of({"Statement": [document]}, "policy").statements
    assert not denies_to_everyone(excepting, ["s3:GetObject"], f"{BUCKET}/")


def test_a_denial_of_other_values() -> None:
    other = {"StringNotEquals": {HEADER: "aws:kms"}}
    assert holds_unless(statement(Condition=other), HEADER, ["aws:kms"])
    assert holds_unless(statement(Condition={**other, "Null": {HEADER: "false"}}), HEADER, ["aws:kms"])
    assert not holds_unless(statement(Condition={**other, "Null": {HEADER: "true"}}), HEADER, ["aws:kms"])
    assert not holds_unless(
        statement(Condition={"StringNotEquals": {HEADER: ["aws:kms", "AES256"]}}), HEADER, ["aws:kms"]
    )
    assert not holds_unless(statement(Condition={"StringEquals": {HEADER: "AES256"}}), HEADER, ["aws:kms"])
    assert not holds_unless(statement(), HEADER, ["aws:kms"])
