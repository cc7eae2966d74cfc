"""Which resource is the one that a plan would make again: one fits, or a person decides."""

from __future__ import annotations

from typing import Any

from delivery.recover.confirm import _against, _quoted
from delivery.recover.match import Candidate, Recorded, creates, match, recorded
from delivery.recover.search import Existing

TAGS = {"env": "dev", "tenant": "annuity", "managed-by": "terraform"}
KEY = "arn:aws:kms:us-east-1:111111111111:key/"


def key(name: str, description: str, tags: dict[str, str] = TAGS) -> Existing:
    return Existing("aws_kms_key", {"arn": KEY + name, "id": name, "description": description}, tags)


def bucket(name: str) -> Existing:
    return Existing("aws_s3_bucket", {"arn": f"arn:aws:s3:::{name}", "bucket": name}, TAGS)


def planned(type_: str, **after: Any) -> dict[str, Any]:
    return {"type": type_, "after": {"tags_all": TAGS, **after}}


def test_a_name_in_the_arn_decides() -> None:
    plan = {"a": planned("aws_s3_bucket", bucket="raw"), "b": planned("aws_s3_bucket", bucket="curated")}
    assert match(plan, [bucket("curated")]) == ([Candidate("b", "aws_s3_bucket", "curated", "by its tags")], [])


def test_without_a_name_what_the_service_says_and_all_tags_decide() -> None:
    plan = {"data": planned("aws_kms_key", description="Data."), "logs": planned("aws_kms_key", description="Logs.")}
    found, doubts = match(plan, [key("1", "Logs."), key("2", "Data.", {**TAGS, "owner": "somebody"})])
    assert [(item.address, item.import_id) for item in found] == [("logs", "1")]
    assert [(doubt.what, doubt.why) for doubt in doubts] == [
        (KEY + "2", "no aws_kms_key that the plan would make is like it")
    ]


def test_of_two_that_fit_none_is_taken() -> None:
    plan = {"data": planned("aws_kms_key", description="Data.")}
    found, doubts = match(plan, [key("1", "Data."), key("2", "Data.")])
    assert not found
    assert len(doubts) == 2
    both = {"a": planned("aws_kms_key", description="Data."), "b": planned("aws_kms_key", description="Data.")}
    found, doubts = match(both, [key("1", "Data.")])
    assert not found
    assert doubts[0].why == "more than one pair fits: a, b"


def test_what_no_row_knows_is_listed() -> None:
    _, (doubt,) = match({}, [Existing("", {"arn": "arn:aws:new:us-east-1:111111111111:thing/1"}, TAGS)])
    assert "no row of delivery/recover/kinds.py" in doubt.why


def test_only_creations_are_looked_for_and_only_what_is_known_of_them() -> None:
    change = {"actions": ["create"], "after": {"name": "x", "arn": None}, "after_unknown": {"arn": True}}
    item = {"address": "a", "mode": "managed", "type": "t", "change": change}
    replaced = {**item, "address": "b", "change": {**change, "actions": ["delete", "create"]}}
    read = {**item, "address": "c", "mode": "data"}
    assert creates({"resource_changes": [item, replaced, read]}) == {"a": {"type": "t", "after": {"name": "x"}}}


def test_what_the_state_records_is_known_by_its_arn_or_its_id() -> None:
    group = {"mode": "managed", "type": "aws_cloudwatch_log_group", "values": {"arn": "arn:aws:logs:x:1:log-group:g:*"}}
    log = {
        "mode": "managed",
        "type": "aws_flow_log",
        "values": {"arn": "arn:aws:ec2:x:1:vpc-flow-log/fl-1", "id": "fl-1"},
    }
    held = recorded({"prior_state": {"values": {"root_module": {"child_modules": [{"resources": [group, log]}]}}}})
    assert "arn:aws:logs:x:1:log-group:g" in held.arns
    assert held.holds(Existing("aws_flow_log", {"arn": "arn:aws:ec2:x:1:flow-logs/fl-1", "id": "fl-1"}))
    assert not held.holds(Existing("aws_flow_log", {"arn": "arn:aws:ec2:x:1:flow-logs/fl-2", "id": "fl-2"}))
    assert not held.holds(Existing("", {"arn": "arn:aws:new:x:1:thing"}))
    assert recorded({}) == Recorded(frozenset(), frozenset())


def test_another_owners_resource_and_a_replacement_are_not_taken_over() -> None:
    mine = {"actions": ["update"], "before": {"tags_all": {**TAGS, "owner": "x"}}}
    assert _against(mine, TAGS) == ""
    theirs = {"actions": ["no-op"], "before": {"tags_all": {**TAGS, "tenant": "claims"}}}
    assert "does not carry the stack's tags tenant" in _against(theirs, TAGS)
    assert "tags env, tenant, managed-by" in _against({"actions": ["no-op"], "before": {"tags_all": None}}, TAGS)
    assert _against({"actions": ["no-op"], "before": {"name": "alias/x"}}, TAGS) == "", "a type without tags"
    replaced = {"actions": ["delete", "create"], "before": {"tags_all": TAGS}, "replace_paths": [["cidr_block"]]}
    assert _against(replaced, TAGS) == "it would be replaced, for it differs in cidr_block"


def test_an_id_is_no_expression() -> None:
    assert _quoted('a"${file("/etc/passwd")}%{if x}') == r'"a\"$${file(\"/etc/passwd\")}%%{if x}"'
