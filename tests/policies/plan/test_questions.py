"""The questions that whole-plan rules ask: what refers to a resource, and where its block stands."""

from __future__ import annotations

from typing import Any

import pytest

from policies.check import Resource, Undecided, Unknown, companion
from policies.plan import Plan
from tests.policies.plan import recorded

BUCKET = 'module.store["raw"].aws_s3_bucket.this'
OTHER = 'module.store["curated"].aws_s3_bucket.this'


def test_by_name_and_by_reference() -> None:
    plan = recorded.read()
    bucket = plan.resources[BUCKET]
    by_name = plan.referring(bucket, "aws_s3_bucket_policy", "bucket")
    by_reference = plan.referring(bucket, "aws_s3_bucket_server_side_encryption_configuration", "bucket")
    assert [item.address for item in by_name] == ['module.store["raw"].aws_s3_bucket_policy.this']
    assert [item.address for item in by_reference] == [
        'module.store["raw"].aws_s3_bucket_server_side_encryption_configuration.this'
    ]


def plan_of(*policies: Any) -> Plan:
    buckets = [Resource(name, "aws_s3_bucket", {"bucket": name}, recorded.CONTEXT) for name in ("a", "b")]
    return Plan(
        recorded.CONTEXT,
        [
            *buckets,
            *(
                Resource(f"policy.{index}", "aws_s3_bucket_policy", {"bucket": value}, recorded.CONTEXT)
                for index, value in enumerate(policies)
            ),
        ],
        {},
    )


def test_nothing_refers() -> None:
    plan = plan_of("b", None)
    assert plan.referring(plan.resources["a"], "aws_s3_bucket_policy", "bucket") == []


@pytest.mark.parametrize(
    "value",
    [
        Unknown(),
        Unknown(frozenset({"aws_s3_bucket.x.id", "aws_s3_bucket.y.id"})),
        Unknown(frozenset({"policy.0.bucket"})),
        Unknown(frozenset({"data.aws_s3_bucket.x.id"})),
    ],
)
def test_a_reference_that_may_mean_any_bucket_decides_nothing(value: Unknown) -> None:
    plan = plan_of(value)
    with pytest.raises(Undecided, match=r"policy\.0\.bucket is known only after the apply and may name a"):
        plan.referring(plan.resources["a"], "aws_s3_bucket_policy", "bucket")


def test_a_certain_reference_suffices() -> None:
    plan = plan_of(Unknown(), "a")
    found = plan.referring(plan.resources["a"], "aws_s3_bucket_policy", "bucket")
    assert [item.address for item in found] == ["policy.1"]


def test_a_certain_companion_is_doubtful_beside_one_that_nobody_can_place() -> None:
    plan = plan_of(Unknown(), "a")
    with pytest.raises(Undecided, match=r"policy\.1 and policy\.0 both set a"):
        companion(plan.resources["a"], plan, "aws_s3_bucket_policy")
    found = companion(plan_of("a", "b").resources["a"], plan_of("a", "b"), "aws_s3_bucket_policy")
    assert found is not None
    assert found.address == "policy.0"


def test_what_the_code_says_is_told_from_what_the_provider_reports() -> None:
    bucket = recorded.read().resources[BUCKET]
    assert bucket.says("bucket")
    assert not bucket.says("policy")
    changed = recorded.document()
    calls = changed["configuration"]["root_module"]["module_calls"]
    (block,) = (item for item in calls["store"]["module"]["resources"] if item["address"] == "aws_s3_bucket.this")
    block["expressions"]["policy"] = {"constant_value": "{}"}
    assert recorded.read(changed).resources[BUCKET].says("policy")


def test_whether_terraform_may_destroy_is_read_in_the_code() -> None:
    assert recorded.read().refuses_to_destroy(BUCKET) is False
    assert recorded.read(root=None).refuses_to_destroy(BUCKET) is None


@pytest.mark.parametrize(
    ("address", "file", "header"),
    [
        ('aws_iam_role.this["reader"]', "main.tf", 'resource "aws_iam_role" "this" {'),
        ('module.store["raw"].aws_s3_bucket.this', "modules/store/main.tf", 'resource "aws_s3_bucket" "this" {'),
    ],
)
def test_where_a_block_stands(address: str, file: str, header: str) -> None:
    found = recorded.read().locate(address)
    assert found is not None
    path, line = found
    assert path == recorded.CODE / file
    assert path.read_text().splitlines()[line - 1] == header


def test_a_block_is_nowhere_without_the_code_or_the_resource() -> None:
    assert recorded.read(root=None).locate(BUCKET) is None
    assert recorded.read().locate("aws_s3_bucket.gone") is None


def test_what_is_the_same_for_all_is_computed_once() -> None:
    asked = []

    def count(plan: Plan) -> int:
        asked.append(plan)
        return len(plan.resources)

    plan = plan_of()
    assert [plan.once(count), plan.once(count)] == [2, 2]
    assert len(asked) == 1


def test_what_is_undecided_for_all_stays_so() -> None:
    def undecided(plan: Plan) -> int:
        raise Undecided("no key has a name")

    plan = plan_of()
    for _ in range(2):
        with pytest.raises(Undecided, match="no key has a name"):
            plan.once(undecided)
