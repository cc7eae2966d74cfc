"""The tables of how types are found: every type that our modules make has a row, and every ARN reads as it should."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from delivery.recover.kinds import BY_HAND, NAMED, TAGGED, WRITTEN_OVER

RESOURCE = re.compile(r'^resource "(?P<type>\w+)"', re.MULTILINE)
OWN = "us-east-1:111111111111"


def made_by_modules() -> set[str]:
    texts = (path.read_text() for path in Path("modules").glob("*/*.tf"))
    return {match["type"] for text in texts for match in RESOURCE.finditer(text)}


def test_every_type_that_a_module_makes_has_one_row() -> None:
    rows = [*TAGGED, *NAMED, *WRITTEN_OVER, *BY_HAND]
    assert not made_by_modules() - set(rows), "say in delivery/recover/kinds.py how each is found"
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize(
    ("type_", "arn", "import_id"),
    [
        ("aws_s3_bucket", "arn:aws:s3:::meridian-dev-annuity-raw", "meridian-dev-annuity-raw"),
        ("aws_kms_key", f"arn:aws:kms:{OWN}:key/1234-ab", "1234-ab"),
        ("aws_iam_role", "arn:aws:iam::111111111111:role/tenant/annuity/meridian-job", "meridian-job"),
        ("aws_cloudwatch_log_group", f"arn:aws:logs:{OWN}:log-group:/meridian/dev/x", "/meridian/dev/x"),
        ("aws_cloudwatch_log_group", f"arn:aws:logs:{OWN}:log-group:/meridian/dev/x:*", "/meridian/dev/x"),
        ("aws_glue_catalog_database", f"arn:aws:glue:{OWN}:database/m_dev", "111111111111:m_dev"),
        ("aws_ssm_parameter", f"arn:aws:ssm:{OWN}:parameter/meridian/dev/a", "/meridian/dev/a"),
        ("aws_sns_topic", f"arn:aws:sns:{OWN}:alerts", f"arn:aws:sns:{OWN}:alerts"),
        ("aws_vpc", f"arn:aws:ec2:{OWN}:vpc/vpc-1", "vpc-1"),
        (
            "aws_secretsmanager_secret",
            f"arn:aws:secretsmanager:{OWN}:secret:meridian-dev/pass-AbCdEf",
            f"arn:aws:secretsmanager:{OWN}:secret:meridian-dev/pass-AbCdEf",
        ),
    ],
)
def test_an_arn_becomes_an_import_id(type_: str, arn: str, import_id: str) -> None:
    facts = TAGGED[type_].facts(arn)
    assert facts is not None
    assert TAGGED[type_].import_id.format_map(facts) == import_id
    others = [name for name, kind in TAGGED.items() if name != type_ and kind.facts(arn)]
    assert not others


def test_what_differs_is_no_fact_of_another_type() -> None:
    assert TAGGED["aws_s3_bucket"].facts("arn:aws:s3:::bucket/some/object") is None
    assert TAGGED["aws_sns_topic"].facts(f"arn:aws:sns:{OWN}:alerts:subscription") is None
