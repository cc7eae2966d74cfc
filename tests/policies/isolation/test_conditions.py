"""Conditions: what holds never, always or for some requests, given what is known."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.isolation.conditions import Truth, hold, substitute
from policies.isolation.facts import ABSENT, Domain, Facts, Like, tag_domains

ROLE = "arn:aws:iam::222222222222:role/tenant/alpha/job"
FACTS = Facts(
    {
        "aws:principalarn": (ROLE,),
        "kms:resourcealiases": (frozenset({"alias/one", "alias/two"}),),
        "no:aliases": (frozenset(),),
        "aws:principaltag/tenant": ("alpha",),
        "aws:resourcetag/tenant": (ABSENT, "beta"),
        "odd:tag": ("a*",),
        "s3:prefix": (ABSENT, "jobs/", Like("jobs/beta/*")),
        "gone": (ABSENT,),
        "path": (Like("jobs/alpha/*"),),
    },
    frozenset({"aws:principaltag/"}),
)
NEVER, MAYBE, ALWAYS = Truth.NEVER, Truth.MAYBE, Truth.ALWAYS


@pytest.mark.parametrize(
    ("operator", "key", "values", "expected"),
    [
        ("StringEquals", "aws:PrincipalArn", [ROLE], ALWAYS),
        ("stringequals", "aws:principalarn", [ROLE.upper()], NEVER),
        ("StringEqualsIgnoreCase", "aws:PrincipalArn", [ROLE.upper()], ALWAYS),
        ("ArnLike", "aws:PrincipalArn", ["arn:aws:iam::*:role/tenant/alpha/*"], ALWAYS),
        ("ArnEquals", "aws:PrincipalArn", ["arn:aws:iam::*:role/tenant/beta/*"], NEVER),
        ("ArnLike", "aws:PrincipalArn", ["arn:*/job"], MAYBE),
        ("ArnLike", "aws:PrincipalArn", ["arn:aws:iam:*222222222222:role/tenant/alpha/job:x"], NEVER),
        ("ArnNotLike", "aws:PrincipalArn", ["arn:aws:iam::222222222222:role/tenant/beta/*"], ALWAYS),
        ("StringNotLike", "aws:PrincipalArn", ["*/alpha/*"], NEVER),
        ("StringEquals", "aws:SourceVpce", ["vpce-1"], MAYBE),
        ("StringNotEquals", "aws:SourceVpce", ["vpce-1"], MAYBE),
        ("StringEquals", "gone", ["x"], NEVER),
        ("StringNotEquals", "gone", ["x"], ALWAYS),
        ("StringEqualsIfExists", "gone", ["x"], ALWAYS),
        ("StringEqualsIfExists", "aws:PrincipalArn", ["x"], NEVER),
        ("ForAllValues:StringEquals", "gone", ["x"], ALWAYS),
        ("ForAnyValue:StringEquals", "gone", ["x"], NEVER),
        ("ForAnyValue:StringNotEquals", "gone", ["x"], MAYBE),
        ("ForAnyValue:StringEquals", "kms:ResourceAliases", ["alias/one"], ALWAYS),
        ("ForAnyValue:StringLike", "kms:ResourceAliases", ["alias/th*"], NEVER),
        ("ForAllValues:StringLike", "kms:ResourceAliases", ["alias/t*"], NEVER),
        ("ForAllValues:StringLike", "kms:ResourceAliases", ["alias/*"], ALWAYS),
        ("ForAllValues:StringNotLike", "kms:ResourceAliases", ["alias/t*"], NEVER),
        ("ForAnyValue:StringNotLike", "kms:ResourceAliases", ["alias/t*"], ALWAYS),
        ("StringEquals", "kms:ResourceAliases", ["alias/one"], MAYBE),
        ("ForAnyValue:StringEquals", "no:aliases", ["alias/one"], NEVER),
        ("Null", "gone", ["true"], ALWAYS),
        ("Null", "aws:PrincipalArn", ["true"], NEVER),
        ("Null", "aws:PrincipalArn", ["false"], ALWAYS),
        ("Null", "aws:SourceVpce", ["false"], MAYBE),
        ("Null", "gone", ["true", "false"], ALWAYS),
        ("Bool", "aws:SecureTransport", ["false"], MAYBE),
        ("NumericLessThan", "s3:max-keys", ["10"], MAYBE),
        ("IpAddress", "aws:PrincipalArn", ["10.0.0.0/8"], MAYBE),
        ("ForSomeValues:StringEquals", "aws:PrincipalArn", [ROLE], MAYBE),
        ("StringEquals", "aws:PrincipalTag/team", ["x"], NEVER),
        ("StringEquals", "aws:ResourceTag/tenant", ["alpha"], NEVER),
        ("StringEquals", "aws:ResourceTag/tenant", ["beta"], MAYBE),
        ("StringNotEquals", "aws:ResourceTag/tenant", ["alpha"], ALWAYS),
        ("StringLike", "s3:prefix", ["jobs/alpha/*"], NEVER),
        ("StringLike", "s3:prefix", ["jobs/*"], MAYBE),
        ("StringEquals", "s3:prefix", ["jobs/beta/x"], MAYBE),
        ("StringLike", "path", ["jobs/*"], ALWAYS),
        ("StringEquals", "path", ["jobs/beta/"], NEVER),
        ("StringEqualsIgnoreCase", "path", ["JOBS/ALPHA/"], MAYBE),
        ("StringEquals", "aws:PrincipalTag/tenant", ["${aws:PrincipalTag/tenant}"], ALWAYS),
        ("StringEquals", "aws:PrincipalTag/tenant", ["${aws:userid}"], MAYBE),
        ("StringNotEquals", "aws:PrincipalTag/tenant", ["${aws:userid}", "alpha"], NEVER),
    ],
)
def test_one_condition(operator: str, key: str, values: list[str], expected: Truth) -> None:
    assert hold({operator: {key.lower(): tuple(values)}}, FACTS) is expected


def test_all_conditions_must_hold() -> None:
    certain = {"StringEquals": {"aws:principalarn": (ROLE,)}}
    open_ = {"Bool": {"aws:securetransport": ("true",)}}
    never = {"StringLike": {"gone": ("*",)}}
    assert hold(certain | open_, FACTS) is MAYBE
    assert hold(certain | open_ | never, FACTS) is NEVER
    assert hold({}, FACTS) is ALWAYS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("role/${aws:PrincipalTag/tenant}/*", "role/alpha/*"),
        ("${aws:userid}", None),
        ("${odd:tag}", None),
        ("${aws:ResourceTag/tenant}", None),
        ("${gone}", None),
        ("${*}", None),
        ("plain*", "plain*"),
    ],
)
def test_variables_are_replaced_only_when_they_are_certain(text: str, expected: str | None) -> None:
    assert substitute(text, FACTS) == expected
    assert substitute(text, FACTS.without_variables()) == (text if "${" not in text else None)


def test_tags_that_differ_in_case_are_either_value() -> None:
    domains = tag_domains("aws:ResourceTag/", {"Tenant": "alpha", "tenant": "beta"})
    assert domains == {"aws:resourcetag/tenant": ("alpha", "beta")}


values = st.sampled_from(["a", "b", "ab", "", "c*"])
domain_values: st.SearchStrategy[Any] = st.one_of(st.just(ABSENT), values)
operators = st.sampled_from(
    ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIfExists", "Null"]
)


@given(
    operators, st.lists(values, min_size=1, max_size=2), st.lists(domain_values, min_size=1, max_size=3), domain_values
)
def test_knowing_less_never_decides_more(operator: str, wanted: list[str], known: list[Any], more: Any) -> None:
    """A further possibility can only turn an answer into MAYBE: never NEVER into ALWAYS, nor MAYBE into either."""
    wanted = ["true"] if operator == "Null" else wanted
    conditions = {operator: {"key": tuple(wanted)}}
    fewer: Domain = tuple(known)
    first = hold(conditions, Facts({"key": fewer}))
    second = hold(conditions, Facts({"key": (*fewer, more)}))
    assert second in (first, MAYBE)
    assert hold(conditions, Facts({})) is MAYBE or first is hold(conditions, Facts({}))
