"""Whose role a principal names: prefixes that go on, patterns that fit two stacks, accounts and pinned conditions."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from policies.context import Context
from policies.documents import PolicyDocument, Statement
from policies.principals import callers, is_of, outside_services, stacks_of

HERE = Context(
    environment="prod",
    stack="acme",
    today=date(2026, 11, 23),
    is_production=True,
    organisation="meridian",
    account_id="222222222222",
    region="us-east-1",
    tenants=("acme", "acme-eu", "claims"),
)
ROLE = "arn:aws:iam::222222222222:role/"


def statement(**elements: Any) -> Statement:
    return PolicyDocument.of({"Statement": [{"Effect": "Allow", "Action": "*", **elements}]}, "policy").statements[0]


@pytest.mark.parametrize(
    ("principal", "stacks"),
    [
        (f"{ROLE}meridian-prod-acme-job", {"acme"}),
        (f"{ROLE}meridian-prod-acme-eu-job", {"acme-eu"}),
        (f"{ROLE}meridian-prod-acme-*", {"acme", "acme-eu"}),
        (f"{ROLE}meridian-prod-acme-e?-x", {"acme", "acme-eu"}),
        (f"{ROLE}tenant/acme/*", {"acme"}),
        (f"{ROLE}tenant/acme*", {"acme", "acme-eu"}),
        (f"{ROLE}tenant/*", {"acme", "acme-eu", "claims"}),
        (f"{ROLE}meridian-prod-platform-*", {"platform"}),
        (f"{ROLE}meridian-dev-acme-job", set()),
        ("arn:aws:iam::999999999999:role/tenant/acme/x", set()),
        ("*", {"acme", "acme-eu", "claims", "platform"}),
    ],
)
def test_stacks_of_a_principal(principal: str, stacks: set[str]) -> None:
    assert stacks_of(principal, HERE) == stacks
    assert is_of(principal, {"acme"}, HERE) == (stacks == {"acme"})


def test_a_role_of_no_known_stack_is_nobodys() -> None:
    assert not is_of(f"{ROLE}sluice-deploy", {"acme", "platform"}, HERE)


def test_an_account_is_everyone_in_it() -> None:
    assert callers(statement(Principal={"AWS": "222222222222"})) == ("arn:aws:iam::222222222222:*",)
    assert callers(statement(Principal={"AWS": "arn:aws:iam::222222222222:root"})) == ("arn:aws:iam::222222222222:*",)


def test_a_pinned_principal_narrows_an_account_and_not_a_role() -> None:
    pinned = {"ArnLike": {"aws:PrincipalArn": f"{ROLE}tenant/acme/*"}}
    assert callers(statement(Principal={"AWS": "222222222222"}, Condition=pinned)) == (f"{ROLE}tenant/acme/*",)
    assert callers(statement(Principal={"AWS": f"{ROLE}x"}, Condition=pinned)) == (f"{ROLE}x",)


@pytest.mark.parametrize("operator", ["ArnLikeIfExists", "ArnNotLike", "ForAnyValue:ArnLike", "Null"])
def test_what_does_not_pin_does_not_narrow(operator: str) -> None:
    condition = {operator: {"aws:PrincipalArn": f"{ROLE}tenant/acme/*"}}
    assert callers(statement(Principal="*", Condition=condition)) == ("*",)


def test_not_principal_lets_in_anyone() -> None:
    assert callers(statement(NotPrincipal={"AWS": f"{ROLE}x"})) == ("*",)


@pytest.mark.parametrize(
    ("condition", "is_tied"),
    [
        ({"StringEquals": {"aws:SourceAccount": "222222222222"}}, True),
        ({"StringEqualsIfExists": {"aws:SourceAccount": "222222222222"}}, False),
        ({"StringEquals": {"aws:SourceAccount": ["222222222222", "999999999999"]}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:222222222222:trail/x"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::meridian-prod-*"}}, False),
        ({}, False),
    ],
)
def test_a_service_is_tied_to_the_account(condition: dict[str, Any], is_tied: bool) -> None:
    found = outside_services(statement(Principal={"Service": "logs.amazonaws.com"}, Condition=condition), HERE)
    assert found == ([] if is_tied else ["logs.amazonaws.com"])
