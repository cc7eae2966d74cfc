"""Waivers as a person writes them, one field changed at a time, and judgements for them to cover."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from policies.controls import load_register
from policies.verdict import Judgement, Subject, Verdict
from policies.waivers import Applied, Waiver, Waivers, apply, load_waivers

REGISTER = load_register(Path(__file__).parents[1] / "report" / "register.yaml")
TODAY = date(2026, 11, 23)
BUCKET = "module.lake.aws_s3_bucket.this"
GOOD: dict[str, Any] = {
    "id": "W-0001",
    "control": "CSO_S3_11",
    "address": BUCKET,
    "tenant": "annuity",
    "environment": "prod",
    "owner": "data-engineering@meridian.example",
    "reason": "the replica's region arrives in January",
    "ticket": "RISK-1042",
    "approver": "cloud-security@meridian.example",
    "created": date(2026, 11, 1),
    "expires": date(2027, 1, 30),
}


def written(folder: Path, *items: dict[str, Any]) -> Path:
    """Return the path of a waivers.yaml with these items, dates bare as people write them."""
    lines = ["waivers:" if items else "waivers: []"]
    for item in items:
        fields = [f"{key}: {value if isinstance(value, date) else json.dumps(value)}" for key, value in item.items()]
        lines += [f"{'  - ' if number == 0 else '    '}{field}" for number, field in enumerate(fields)]
    path = folder / "waivers.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def loaded(folder: Path, *items: dict[str, Any], today: date = TODAY) -> Waivers:
    path = written(folder, *items)
    return load_waivers(path, REGISTER, today, tenants=("annuity", "claims", "platform"), environments=("dev", "prod"))


def judgement(
    verdict: Verdict, address: str = BUCKET, place: str = "prod/annuity", check: str = "CSO_S3_11", line: int = 0
) -> Judgement:
    environment, _, stack = place.partition("/")
    subject = Subject(environment, stack, "plan", address, "main.tf" if line else "", line)
    return Judgement("CSO_S3_11", check, subject, verdict, "" if verdict is Verdict.PASSED else "found")


def applied(
    folder: Path,
    judgements: Sequence[Judgement],
    *items: dict[str, Any],
    in_scope: Callable[[Waiver], bool] = lambda waiver: True,
    today: date = TODAY,
) -> Applied:
    return apply(judgements, loaded(folder, *items, today=today), in_scope)


def faults(found: Applied) -> list[str]:
    return [item.found for item in found.about_waivers if item.verdict is Verdict.FAILED]
