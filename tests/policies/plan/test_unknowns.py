"""What stands where a plan says `known after apply`: a key's symbol, a document, or an honest unknown."""

from __future__ import annotations

import pytest

from policies.check import Undecided, Unknown
from tests.policies.plan import recorded

ARN = "arn:aws:kms:us-east-1:222222222222:key/"
KEY = "module.key.aws_kms_key.this"
TOPIC = "aws_sns_topic"


@pytest.mark.parametrize(
    ("address", "path", "expected"),
    [
        (KEY, "arn", ARN + KEY),
        (KEY, "key_id", KEY),
        ("module.key.aws_kms_alias.this", "arn", "arn:aws:kms:us-east-1:222222222222:alias/meridian-prod-annuity"),
        ("module.key.aws_kms_alias.this", "target_key_id", KEY),
        (f"{TOPIC}.direct", "kms_master_key_id", ARN + KEY),
        (f"{TOPIC}.by_id", "kms_master_key_id", KEY),
        (f"{TOPIC}.through_local", "kms_master_key_id", ARN + KEY),
        (f"{TOPIC}.counted[0]", "kms_master_key_id", f"{ARN}aws_kms_key.counted[0]"),
        (f"{TOPIC}.counted[1]", "kms_master_key_id", f"{ARN}aws_kms_key.counted[1]"),
        (f'{TOPIC}.of_store["raw"]', "kms_master_key_id", ARN + KEY),
        (
            'module.store["raw"].aws_s3_bucket_server_side_encryption_configuration.this',
            "rule.apply_server_side_encryption_by_default.kms_master_key_id",
            ARN + KEY,
        ),
    ],
)
def test_a_value_made_of_one_key_is_that_keys_symbol(address: str, path: str, expected: str) -> None:
    assert recorded.read().resources[address].get(path) == expected


@pytest.mark.parametrize(
    ("address", "path", "sources"),
    [
        (f"{TOPIC}.ambiguous", "kms_master_key_id", {f"{KEY}.arn", "aws_kms_key.other.arn", f"{TOPIC}.direct.arn"}),
        (f"{TOPIC}.ambiguous_local", "kms_master_key_id", {f"{KEY}.arn", "aws_kms_key.other.arn"}),
        (f"{TOPIC}.named", "kms_master_key_id", set()),
        (f"{TOPIC}.of_any_store", "kms_master_key_id", set()),
        ("aws_instance.disks", "ebs_block_device.0.kms_key_id", {f"{KEY}.arn", "aws_kms_key.other.arn"}),
        ("aws_iam_role_policy.hidden", "policy", {f"{KEY}.arn"}),
        (
            "aws_s3_bucket_server_side_encryption_configuration.dynamic",
            "rule.apply_server_side_encryption_by_default.kms_master_key_id",
            set(),
        ),
        (f"{TOPIC}.direct", "arn", {f"{TOPIC}.direct.arn"}),
        ("aws_security_group.closed", "ingress", {"aws_security_group.closed.ingress"}),
        ("aws_security_group.opened", "ingress.cidr_blocks", set()),
    ],
)
def test_what_is_less_certain_stays_unknown(address: str, path: str, sources: set[str]) -> None:
    resource = recorded.read().resources[address]
    assert resource.sources(path) == sources
    with pytest.raises(Undecided):
        resource.get(path)


def test_keys_of_several_instances_are_ambiguous() -> None:
    sources = recorded.read().resources[f"{TOPIC}.any_counted"].sources("kms_master_key_id")
    assert {source.rpartition(".")[0] for source in sources} == {"aws_kms_key.counted[0]", "aws_kms_key.counted[1]"}


def test_what_a_dynamic_block_may_say_is_not_taken_for_the_providers() -> None:
    plan = recorded.document()
    for name in ("opened", "closed"):
        recorded.change(plan, f"aws_security_group.{name}")["change"]["after_unknown"]["ingress"] = True
    read = recorded.read(plan)
    assert read.resources["aws_security_group.opened"].values["ingress"] == Unknown()
    assert read.resources["aws_security_group.closed"].sources("ingress") == {"aws_security_group.closed.ingress"}


def test_nothing_is_traced_through_a_local_without_the_code() -> None:
    plan = recorded.read(root=None)
    assert plan.resources[f"{TOPIC}.direct"].get("kms_master_key_id") == ARN + KEY
    assert plan.resources[f"{TOPIC}.through_local"].values["kms_master_key_id"] == Unknown()


@pytest.mark.parametrize("user", ["reader", "writer"])
def test_a_hidden_text_is_the_document_that_it_encodes(user: str) -> None:
    policy = recorded.read().resources[f'aws_iam_role_policy.keys["{user}"]'].policy("policy")
    (statement,) = policy
    assert statement.actions == ("kms:decrypt",)
    assert statement.resources == (ARN + KEY,)


def test_a_documents_lists_hold_symbols_beside_what_is_known() -> None:
    policy = recorded.read().resources['module.store["curated"].aws_s3_bucket_policy.this'].policy("policy")
    (statement,) = policy
    alias = "arn:aws:kms:us-east-1:222222222222:alias/meridian-prod-annuity"
    assert statement.condition("StringNotEquals", "s3:key") == (ARN + KEY, alias)


def test_a_document_with_an_ambiguous_leaf_is_undecided() -> None:
    with pytest.raises(Undecided, match="Resource is known only after the apply"):
        recorded.read().resources["aws_iam_role_policy.mixed"].policy("policy")


def test_two_documents_in_one_text_are_undecided() -> None:
    with pytest.raises(Undecided, match="policy is known only after the apply"):
        recorded.read().resources["aws_iam_role_policy.merged"].policy("policy")


def test_null_is_absent_and_not_unknown() -> None:
    bucket = recorded.read().resources['module.store["raw"].aws_s3_bucket.this']
    assert bucket.values["tags"] is None
    assert bucket.get("tags") is None
    assert not bucket.is_unknown("tags")


def test_an_expression_that_refers_to_nothing_known_is_never_a_symbol() -> None:
    """A null that a reference turns into a pass is Checkov's trap: here the value decides, never the reference."""
    plan = recorded.document()
    address = f"{TOPIC}.direct"
    recorded.change(plan, address)["change"]["after_unknown"]["kms_master_key_id"] = False
    assert recorded.read(plan).resources[address].get("kms_master_key_id") is None
