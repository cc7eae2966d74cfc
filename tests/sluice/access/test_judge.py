"""What AWS's IAM would say to one call: each way in which it allows, refuses, or in which it cannot be told here."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from policies.documents import PolicyDocument
from sluice.access.judge import judge
from sluice.access.model import Call, Judged, Resource, Role, Rule, Verdict, rules
from sluice.access.told import Around, facts

ACCOUNT, OTHER = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
BUCKET = "arn:aws:s3:::meridian-dev-raw"
OBJECT = f"{BUCKET}/policies/a.json"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": OBJECT}
ALL = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
Statement = dict[str, Any]


def written(name: str, *statements: Statement) -> tuple[Rule, ...]:
    return rules({name: PolicyDocument.of({"Statement": list(statements)}, name)})


def verdict(
    *own: Statement,
    action: str = "s3:GetObject",
    on: str = OBJECT,
    boundary: list[Statement] | None = None,
    resource: Resource | None = None,
    told: dict[str, str | None] | None = None,
    tags: dict[str, str] | None = None,
) -> Judged:
    limit = None if boundary is None else written("boundary", *boundary)
    role = Role(ROLE, written("policy", *own), limit, tags=tags or {}, id="AROAAPP")
    call = Call(ROLE, action, on, told or {})
    return judge(call, role, resource, facts(call, role, resource, Around("o-meridian0001")))


def its_policy(*statements: Statement, account: str = ACCOUNT, **more: Any) -> Resource:
    return Resource(account, written("its policy", *statements), **more)


def on_it(effect: str, principal: Any, action: str = "s3:GetObject", **more: Any) -> Statement:
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*", **more}


def test_what_a_policy_allows_is_allowed_and_by_which_statement_is_told() -> None:
    found = verdict({**READ, "Sid": "Reading"})
    assert found.verdict is Verdict.ALLOWED
    assert [str(rule) for rule in found.used] == ["policy, Reading"]


@pytest.mark.parametrize(
    ("action", "resource"),
    [("s3:Get*", f"{BUCKET}/*"), ("S3:getobject", f"{BUCKET}/policies/?.json"), ("s3:*", "*"), ("*", "*")],
)
def test_patterns_cover_what_they_mean(action: str, resource: str) -> None:
    assert verdict({"Effect": "Allow", "Action": action, "Resource": resource}).verdict is Verdict.ALLOWED


@pytest.mark.parametrize(
    "statement",
    [
        {**READ, "Action": "s3:GetObjectVersion"},
        {**READ, "Resource": BUCKET},
        {**READ, "Resource": f"{BUCKET}/claims/*"},
        {"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:*", "NotResource": f"{BUCKET}/*"},
    ],
)
def test_what_nothing_allows_is_refused(statement: Statement) -> None:
    found = verdict(statement)
    assert (found.verdict, found.reason) == (Verdict.REFUSED, "no policy of the role allows it")


def test_a_denial_wins_and_is_named() -> None:
    found = verdict(ALL, {"Sid": "Never", "Effect": "Deny", "Action": "s3:Get*", "Resource": "*"})
    assert (found.verdict, found.reason) == (Verdict.REFUSED, "denied by policy, Never")


def test_an_action_without_a_resource_wants_a_star() -> None:
    start = {"Effect": "Allow", "Action": "elasticmapreduce:RunJobFlow"}
    cluster = f"arn:aws:elasticmapreduce:us-east-1:{ACCOUNT}:cluster/*"
    ask = {"action": "elasticmapreduce:RunJobFlow", "on": "*"}
    assert verdict({**start, "Resource": cluster}, **ask).verdict is Verdict.REFUSED  # type: ignore[arg-type]
    assert verdict({**start, "Resource": "*"}, **ask).verdict is Verdict.ALLOWED  # type: ignore[arg-type]


def test_a_resource_that_cannot_be_told_is_undecided_unless_all_are_allowed_or_none_of_the_service() -> None:
    vpc = {"Effect": "Allow", "Action": "ec2:*", "Resource": f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc/*"}
    assert verdict(vpc, action="ec2:DeleteVpc", on="").verdict is Verdict.UNDECIDED
    assert verdict({**vpc, "Resource": "*"}, action="ec2:DeleteVpc", on="").verdict is Verdict.ALLOWED
    deny_roles = {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:iam::*:role/*"}
    assert verdict({**vpc, "Resource": "*"}, deny_roles, action="ec2:DeleteVpc", on="").verdict is Verdict.ALLOWED
    assert verdict({**vpc, "Resource": READ["Resource"]}, action="ec2:DeleteVpc", on="").verdict is Verdict.REFUSED


def test_a_boundary_narrows_what_policies_allow() -> None:
    assert verdict(ALL, boundary=[READ]).verdict is Verdict.ALLOWED
    found = verdict(ALL, boundary=[{**READ, "Action": "s3:PutObject"}])
    assert (found.verdict, found.reason) == (Verdict.REFUSED, "its permissions boundary does not allow it")
    assert verdict(boundary=[ALL]).verdict is Verdict.REFUSED  # it grants nothing itself
    assert verdict(ALL, boundary=[ALL, {**ALL, "Effect": "Deny"}]).verdict is Verdict.REFUSED


SSE = "s3:x-amz-server-side-encryption"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({SSE: "aws:kms"}, Verdict.ALLOWED),
        ({SSE: "AES256"}, Verdict.REFUSED),
        ({SSE: None}, Verdict.REFUSED),
        ({}, Verdict.UNDECIDED),
    ],
)
def test_a_condition_with_its_value_another_none_and_nobody_knows(
    told: dict[str, str | None], expected: Verdict
) -> None:
    statement = {**READ, "Condition": {"StringEquals": {SSE: "aws:kms"}}}
    assert verdict(statement, told=told).verdict is expected


def test_a_denial_that_hangs_on_what_is_not_known_is_never_taken_for_allowed() -> None:
    deny = {"Sid": "Network", "Effect": "Deny", "Action": "*", "Resource": "*"}
    unknown = {**deny, "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}
    found = verdict(ALL, unknown)
    assert (found.verdict, found.reason) == (Verdict.UNDECIDED, "perhaps denied by policy, Network")
    assert verdict(unknown).verdict is Verdict.REFUSED  # nothing allows it, whatever the network


def test_an_operator_that_is_not_understood_is_undecided() -> None:
    dated = {**READ, "Condition": {"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}}
    assert verdict(dated).verdict is Verdict.UNDECIDED


def test_tags_of_the_role_and_of_the_resource_are_known() -> None:
    own = {**READ, "Condition": {"StringEquals": {"aws:ResourceTag/tenant": "${aws:PrincipalTag/tenant}"}}}
    of_annuity = Resource(ACCOUNT, tags={"tenant": "annuity"})
    assert verdict(own, resource=of_annuity, tags={"tenant": "annuity"}).verdict is Verdict.ALLOWED
    assert verdict(own, resource=of_annuity, tags={"tenant": "claims"}).verdict is Verdict.REFUSED


class TestResourcePolicies:
    def test_in_the_same_account_it_is_enough(self) -> None:
        assert verdict(resource=its_policy(on_it("Allow", {"AWS": ROLE}))).verdict is Verdict.ALLOWED
        assert verdict(resource=its_policy(on_it("Allow", {"AWS": f"{ROLE}2"}))).verdict is Verdict.REFUSED

    def test_the_boundary_narrows_what_it_gives_to_the_role(self) -> None:
        allow = its_policy(on_it("Allow", {"AWS": ROLE}))
        assert verdict(resource=allow, boundary=[ALL]).verdict is Verdict.ALLOWED
        assert verdict(resource=allow, boundary=[{**READ, "Resource": "*", "Action": "s3:List*"}]).verdict is (
            Verdict.REFUSED
        )

    def test_it_denies_everyone_whom_it_means(self) -> None:
        plain = {"Bool": {"aws:SecureTransport": "false"}}
        assert verdict(READ, resource=its_policy(on_it("Deny", "*"))).verdict is Verdict.REFUSED
        assert verdict(READ, resource=its_policy(on_it("Deny", "*", Condition=plain))).verdict is Verdict.ALLOWED
        assert verdict(READ, resource=its_policy(on_it("Deny", {"AWS": OTHER}))).verdict is Verdict.ALLOWED

    def test_who_is_not_excepted_is_denied(self) -> None:
        deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}
        assert verdict(READ, resource=its_policy({**deny, "NotPrincipal": {"AWS": OTHER}})).verdict is Verdict.REFUSED
        assert verdict(READ, resource=its_policy({**deny, "NotPrincipal": {"AWS": ROLE}})).verdict is Verdict.ALLOWED

    def test_across_accounts_both_must_allow(self) -> None:
        allow = its_policy(on_it("Allow", {"AWS": ROLE}), account=OTHER)
        assert verdict(READ, resource=allow).verdict is Verdict.ALLOWED
        assert verdict(resource=allow).verdict is Verdict.REFUSED
        found = verdict(READ, resource=Resource(OTHER))
        assert (found.verdict, found.reason) == (
            Verdict.REFUSED,
            "the policy of what it acts on does not allow it",
        )


class TestKeysAndRoles:
    """Nothing allows their use unless their own policy does, or leaves it to the account."""

    USE: ClassVar[Statement] = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}
    ROOT: ClassVar[dict[str, str]] = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}

    def decrypts(self, *own: Statement, key: Resource | None, **more: Any) -> Verdict:
        return verdict(*own, action="kms:Decrypt", on=KEY, resource=key, **more).verdict

    def test_the_keys_policy_decides(self) -> None:
        names = its_policy(on_it("Allow", {"AWS": ROLE}, "kms:Decrypt"))
        leaves_it = its_policy(on_it("Allow", self.ROOT, "kms:*"))
        silent = its_policy(on_it("Allow", {"AWS": OTHER}, "kms:*"))
        assert self.decrypts(key=names) is Verdict.ALLOWED
        assert self.decrypts(key=leaves_it) is Verdict.REFUSED
        assert self.decrypts(self.USE, key=leaves_it) is Verdict.ALLOWED
        assert self.decrypts(self.USE, key=silent) is Verdict.REFUSED

    def test_a_key_that_does_not_stand_any_more_is_undecided(self) -> None:
        assert self.decrypts(self.USE, key=None) is Verdict.UNDECIDED

    def test_a_key_is_known_by_its_alias_and_its_service(self) -> None:
        by_alias = {"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/meridian-dev-*"}}
        through = {
            **self.USE,
            "Condition": {**by_alias, "StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
        }
        key = its_policy(on_it("Allow", self.ROOT, "kms:*"), aliases=("alias/meridian-dev-platform",))
        told: dict[str, str | None] = {"kms:viaservice": "s3.us-east-1.amazonaws.com"}
        assert self.decrypts(through, key=key, told=told) is Verdict.ALLOWED
        assert self.decrypts(through, key=key, told={"kms:viaservice": None}) is Verdict.REFUSED
        foreign = its_policy(on_it("Allow", self.ROOT, "kms:*"), aliases=("alias/other",))
        assert self.decrypts(through, key=foreign, told=told) is Verdict.REFUSED

    def test_a_role_is_assumed_where_its_trust_policy_says_so(self) -> None:
        target = f"arn:aws:iam::{OTHER}:role/sluice-deploy"
        may = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": target}
        stage = {"StringEquals": {"aws:PrincipalTag/sluice-stage": "deploy"}}
        trust = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "sts:AssumeRole", "Condition": stage}
        asked: dict[str, Any] = {"action": "sts:AssumeRole", "on": target, "resource": its_policy(trust, account=OTHER)}
        assert verdict(may, tags={"sluice-stage": "deploy"}, **asked).verdict is Verdict.ALLOWED
        assert verdict(may, tags={"sluice-stage": "plan"}, **asked).verdict is Verdict.REFUSED
        assert verdict(tags={"sluice-stage": "deploy"}, **asked).verdict is Verdict.REFUSED
