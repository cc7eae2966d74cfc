"""The proof against the plain evaluator, on random policies.

Sound: a request that the evaluator allows is never missed. Exact: without conditions, the witness is allowed.
"""

from __future__ import annotations

import itertools
import json
import random
from datetime import date
from typing import Any

from policies.check import Resource
from policies.context import Context
from policies.isolation import Proof, prove
from policies.plan import Plan
from tests.policies.isolation.evaluator import Document, Policies, Request, is_allowed, is_let_in

ACCOUNT = "222222222222"
SETS = 500
"""Random sets of policies in each test."""
ROLE = f"arn:aws:iam::{ACCOUNT}:role/tenant/alpha/alpha-job"
OTHER = f"arn:aws:iam::{ACCOUNT}:role/tenant/beta/*"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/alpha-job/run"
BUCKET = "arn:aws:s3:::b"
ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:Get*", "s3:*", "s3:*Object", "s3:?etObject", "glue:*"]
RESOURCES = [f"{BUCKET}/*", f"{BUCKET}/x", f"{BUCKET}/x*", f"{BUCKET}/*y", "arn:aws:s3:::?/*", "*", "arn:aws:s3:::a/*"]
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/b"
KEY_ACTIONS = ["kms:Decrypt", "kms:*", "kms:?ecrypt", "kms:Encrypt", "s3:*"]
KEYS = [KEY, f"arn:aws:kms:us-east-1:{ACCOUNT}:key/*", "*", f"{KEY[:-1]}a", "arn:aws:kms:*:key/?"]
TARGET = f"arn:aws:iam::{ACCOUNT}:role/beta-job"
TRUST_ACTIONS = ["sts:AssumeRole", "sts:*", "sts:Assume*", "sts:TagSession", "kms:*"]
TARGETS = [TARGET, f"arn:aws:iam::{ACCOUNT}:role/*", "*", f"{TARGET}?", "arn:aws:iam::*:role/beta*"]
TRIED = [f"{BUCKET}/{key}" for key in ("", "x", "y", "xy", "z", "xz", "zy")]
CONDITIONS: list[dict[str, dict[str, list[str]]]] = [
    {"StringEquals": {"aws:PrincipalArn": [ROLE]}},
    {"ArnLike": {"aws:PrincipalArn": [OTHER]}},
    {"ArnNotLike": {"aws:PrincipalArn": [OTHER]}},
    {"StringNotLike": {"aws:PrincipalArn": ["*/alpha/*", "nobody"]}},
    {"Bool": {"aws:SecureTransport": ["false"]}},
    {"StringEquals": {"s3:authType": ["one"]}, "Bool": {"aws:SecureTransport": ["true"]}},
    {"StringLikeIfExists": {"s3:authType": ["o*"]}},
    {"ForAllValues:StringEquals": {"s3:authType": ["two"]}},
    {"ForAnyValue:StringLike": {"s3:authType": ["t?o", "x"]}},
    {"Null": {"s3:authType": ["true"]}},
    {"Null": {"aws:PrincipalArn": ["true"]}},
    {"StringNotEquals": {"s3:authType": ["one"]}},
]
CONTEXTS = [
    {"aws:PrincipalArn": ROLE, "aws:SecureTransport": transport, "s3:authType": auth}
    for transport, auth in itertools.product(("true", "false"), (None, "one", "two"))
]


def random_statement(
    source: random.Random, is_conditional: bool, actions: list[str], resources: list[str]
) -> dict[str, Any]:
    def some(items: list[str]) -> list[str]:
        return source.sample(items, source.choice([1, 1, 2]))

    statement: dict[str, Any] = {"Effect": source.choice(["Allow", "Allow", "Deny"])}
    statement[source.choice(["Action", "Action", "NotAction"])] = some(actions)
    statement[source.choice(["Resource", "Resource", "NotResource"])] = some(resources)
    if is_conditional and source.random() < 0.6:
        statement["Condition"] = source.choice(CONDITIONS)
    return statement


def random_policies(
    source: random.Random, is_conditional: bool, actions: list[str] = ACTIONS, resources: list[str] = RESOURCES
) -> Policies:
    def document(most: int) -> Document:
        count = source.randint(0, most)
        return [random_statement(source, is_conditional, actions, resources) for _ in range(count)]

    bucket = document(2)
    for statement in bucket:
        statement["Principal"] = source.choice([{"AWS": ROLE}, {"AWS": SESSION}, "*", {"AWS": ACCOUNT}])
    return Policies(ROLE, SESSION, document(3), source.choice([None, document(3)]), bucket)


def plans_of(policies: Policies) -> list[Plan]:
    """Return a platform without anything, alpha with one role, and beta with one bucket."""

    def plan(stack: str, *resources: tuple[str, dict[str, Any]]) -> Plan:
        context = Context("prod", stack, date(2026, 11, 23), True, "org", ACCOUNT, "us-east-1", ("alpha", "beta"))
        made = [Resource(f"{type}.{index}", type, values, context) for index, (type, values) in enumerate(resources)]
        return Plan(context, made, {})

    def text(document: Document) -> str:
        return json.dumps({"Version": "2012-10-17", "Statement": document})

    role = {"name": "alpha-job", "path": "/tenant/alpha/", "assume_role_policy": text([])}
    boundary = []
    if policies.boundary is not None:
        role["permissions_boundary"] = f"arn:aws:iam::{ACCOUNT}:policy/alpha-boundary"
        boundary = [("aws_iam_policy", {"name": "alpha-boundary", "policy": text(policies.boundary)})]
    identity = {"name": "own", "role": "alpha-job", "policy": text(policies.identity)}
    return [
        plan("platform"),
        plan("alpha", ("aws_iam_role", role), ("aws_iam_role_policy", identity), *boundary),
        plan(
            "beta",
            ("aws_kms_key", {"arn": KEY, "key_id": "b", "id": "b", "policy": text(policies.bucket)}),
            ("aws_iam_role", {"name": "beta-job", "assume_role_policy": text(policies.bucket)}),
            ("aws_s3_bucket", {"bucket": "b", "id": "b"}),
            ("aws_s3_bucket_policy", {"bucket": "b", "policy": text(policies.bucket)}),
        ),
    ]


def proof_of(policies: Policies) -> Proof:
    return prove(plans_of(policies))


def tried(policies: Policies, *, contexts: list[dict[str, str | None]]) -> Request | None:
    """Return the first request of a small universe that the evaluator allows."""
    for action, resource, context in itertools.product(("s3:GetObject", "s3:PutObject"), TRIED, contexts):
        request = Request(action, resource, context)
        if is_allowed(policies, request):
            return request
    return None


def test_no_allowed_request_is_missed() -> None:
    """Random sets of policies with conditions: whatever is allowed in some context shows as a breach."""
    source = random.Random(3)  # noqa: S311 -- repeatable, not secret
    allowed = 0
    for _ in range(SETS):
        policies = random_policies(source, is_conditional=True)
        request = tried(policies, contexts=CONTEXTS)
        if request is not None:
            allowed += 1
            found = [breach for breach in proof_of(policies).breaches if breach.resource.startswith(f"{BUCKET}/")]
            assert found, (policies, request)
    assert allowed > 100, "the policies are too tight to mean much"


def test_without_conditions_the_answer_is_exact() -> None:
    """Random sets: a breach of the object is found just when a request is allowed, and its witness is allowed."""
    source = random.Random(4)  # noqa: S311 -- repeatable, not secret
    with_breach = without = 0
    for _ in range(SETS):
        policies = random_policies(source, is_conditional=False)
        proof = proof_of(policies)
        found = [breach for breach in proof.breaches if breach.resource.startswith(f"{BUCKET}/")]
        for breach in found:
            if not any(" becomes " in step for step in breach.chain):
                assert is_allowed(policies, Request(breach.action, breach.resource, CONTEXTS[0])), (policies, breach)
        if tried(policies, contexts=CONTEXTS[:1]) is not None:
            assert found, policies
        with_breach += bool(found)
        without += not found
    assert with_breach > 100
    assert without > 100


def test_keys_are_judged_exactly() -> None:
    """Random sets, half with conditions: the key's own policy decides whether the role's policies count."""
    source = random.Random(5)  # noqa: S311 -- repeatable, not secret
    with_breach = without = 0
    for number in range(SETS):
        is_conditional = bool(number % 2)
        policies = random_policies(source, is_conditional, KEY_ACTIONS, KEYS)
        found = [breach for breach in proof_of(policies).breaches if breach.resource == KEY]
        contexts = CONTEXTS if is_conditional else CONTEXTS[:1]
        tried_actions = ("kms:Decrypt", "kms:Encrypt", "kms:PutKeyPolicy")
        requests = [Request(action, KEY, context) for action in tried_actions for context in contexts]
        if any(is_let_in(policies, request) for request in requests):
            assert found, policies
        for breach in found if not is_conditional else ():
            if not any(" becomes " in step for step in breach.chain):
                assert is_let_in(policies, Request(breach.action, KEY, CONTEXTS[0])), (policies, breach)
        with_breach += bool(found)
        without += not found
    assert with_breach > 100
    assert without > 100


def test_trust_is_judged_exactly() -> None:
    """Random sets, half with conditions: trust by name or session suffices, trust in the account needs a policy."""
    source = random.Random(6)  # noqa: S311 -- repeatable, not secret
    with_breach = without = 0
    for number in range(SETS):
        is_conditional = bool(number % 2)
        policies = random_policies(source, is_conditional, TRUST_ACTIONS, TARGETS)
        for statement in policies.bucket:  # a trust policy speaks about its role
            statement.pop("Resource", None)
            statement.pop("NotResource", None)
        contexts = CONTEXTS if is_conditional else CONTEXTS[:1]
        is_trusted = any(is_let_in(policies, Request("sts:AssumeRole", TARGET, context)) for context in contexts)
        breaches = proof_of(policies).breaches
        found = any(breach.action == "sts:AssumeRole" and breach.resource == TARGET for breach in breaches)
        assert found or not is_trusted, policies
        assert is_trusted or is_conditional or not found, policies
        with_breach += found
        without += not found
    assert with_breach > 50
    assert without > 50
