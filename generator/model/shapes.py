"""Single values that specs are made of: names, addresses, times, types of machines.

Decides which text each may be, and says so in words. It must not know which key holds which.
"""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from generator.model.mistake import mistake
from generator.model.schedule import PRESETS, cron


def _fires(schedule: str) -> str:
    try:
        cron(schedule)
    except ValueError as error:
        word = schedule.strip().lstrip("@").lower()
        raise mistake(
            "schedule",
            "{value} is not a schedule" + f": {error}",
            expected=f"a five-field cron expression, or one of {', '.join(PRESETS)}",
            why="Airflow refuses the DAG otherwise",
            fix=f'write "{word}"' if word in PRESETS else 'write "daily" or "0 2 * * *"',
        ) from error
    return schedule


def _private_network(cidr: str) -> str:
    try:
        network = ipaddress.IPv4Network(cidr)
    except ValueError as error:
        problem = str(error)
    else:
        if network.is_private and 16 <= network.prefixlen <= 22:
            return cidr
        problem = "it is not private, or not between /16 and /22"
    raise mistake(
        "cidr",
        "{value} is not a network of an environment: " + problem,
        expected="a private IPv4 network from /16 to /22, for example 10.20.0.0/16",
        why="two or three zones of private subnets are cut from it, and other networks route to it",
        fix="take a range that the network team has set aside, written as its first address",
    )


Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=30)]
"""A source, job, dataset, column or report: it becomes a SQL and a Python name."""

DnsName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", min_length=2, max_length=20)]
"""A tenant, an environment or the organisation: it becomes part of bucket and role names."""

FreeText = Annotated[str, Field(min_length=1, max_length=500)]
"""Words for people. Any character is allowed; the renderer must keep it data."""

Email = Annotated[str, Field(pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+$", max_length=120)]
ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
AccountId = Annotated[str, Field(pattern=r"^[0-9]{12}$")]
InstanceType = Annotated[str, Field(pattern=r"^[a-z0-9-]+[.][a-z0-9]+$")]
RoleArn = Annotated[str, Field(pattern=r"^arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$")]
Zone = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$")]
RedshiftNode = Annotated[str, Field(pattern=r"^ra3[.][a-z0-9]+$")]
DatabaseClass = Annotated[str, Field(pattern=r"^db[.][a-z0-9]+[.][a-z0-9]+$")]
RoleName = Annotated[str, Field(pattern=r"^[A-Za-z0-9+=,.@_-]{1,64}$")]
TagKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9+=._/@-]+$", max_length=128)]
TagValue = Annotated[str, Field(pattern=r"^[A-Za-z0-9 +=._:/@-]*$", max_length=256)]
Entrypoint = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)+$", max_length=100)]
Schedule = Annotated[str, AfterValidator(_fires)]
LogRetention = Literal[30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]
"""Days: the closed set that CloudWatch Logs knows, from a month on."""
PrivateNetwork = Annotated[str, AfterValidator(_private_network)]

SHAPES: dict[str, str] = {
    r"^[a-z][a-z0-9_]*$": "lower-case letters, digits and _, starting with a letter, at most 30",
    r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$": "lower-case letters, digits and single - between them, first a letter, 2 to 20",
    r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+$": "an e-mail address",
    r"^([01][0-9]|2[0-3]):[0-5][0-9]$": 'a time of day, UTC, as "HH:MM"',
    r"^o-[a-z0-9]{10,32}$": "an organisation's id, o- and 10 to 32 lower-case letters and digits",
    r"^[0-9]{12}$": "the twelve digits of an AWS account, quoted",
    r"^[a-z0-9-]+[.][a-z0-9]+$": "an instance type, for example m6g.xlarge",
    r"^arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$": "an IAM role, arn:aws:iam::<account>:role/<name>",
    r"^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$": "an availability zone, for example us-east-1a",
    r"^[a-z]{2}(-[a-z]+)+-[0-9]$": "an AWS region, for example us-east-1",
    r"^ra3[.][a-z0-9]+$": "an RA3 node type, for example ra3.xlplus",
    r"^db[.][a-z0-9]+[.][a-z0-9]+$": "an RDS instance class, for example db.t4g.medium",
    r"^[A-Za-z0-9+=,.@_-]{1,64}$": "an IAM role name, without its path",
    r"^[A-Za-z0-9+=._/@-]+$": "a tag key: letters, digits and + = . _ / @ -, at most 128",
    r"^[A-Za-z0-9 +=._:/@-]*$": "a tag value: letters, digits, spaces and + = . _ : / @ -, at most 256",
    r"^[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)+$": "folders below spark_jobs/ joined by /, for example annuity/conform",
    r"^[A-Za-z0-9-]+$": "letters, digits and -, at most 20",
    r"^emr-7[.][0-9]+[.][0-9]+$": "a release of EMR 7, for example emr-7.14.0",
    r"^v3[.][0-9]+[.][0-9]+$": "a version 3 of the Open Data Contract Standard, for example v3.1.0",
    r"^ami-[0-9a-f]+$": "an image, ami-<hexadecimal digits>",
    r"^mw1[.][a-z0-9]+$": "an MWAA environment class, for example mw1.small",
    r"^[0-9]+[.][0-9]+[.][0-9]+$": "a version of three numbers, for example 1.2.0, quoted",
    r"^3[.][0-9]+[.][0-9]+$": "a version of Airflow 3, for example 3.0.6, quoted",
}
"""{pattern in this package or `spec/odcs.py`: what it asks for}. A test sees that none is missing."""
