"""What is kept of a plan proves what the whole plan proves, before and after it is applied, and holds no secret."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from delivery.plan_essence import essence
from policies.isolation import Proof, prove
from policies.plan import Plan, read_plan
from policies.surroundings import Surroundings

REPOSITORY = Path(__file__).parents[3]
PLANS = REPOSITORY / "tests/delivery/plans/standing"
OTHER = "other"
LEAK = ("arn:aws:s3:::meridian-dev-other-raw", "arn:aws:s3:::meridian-dev-annuity-raw")
"""In the plan of the tenant OTHER: what its policies say, and what they say when they reach into annuity."""


def text(kind: str, stack: str) -> str:
    return gzip.decompress((PLANS / f"{kind}-{stack}.json.gz").read_bytes()).decode()


def plan_of(stack: str, content: str, root: str) -> Plan:
    here = Surroundings(REPOSITORY, date(2026, 11, 23))
    context = replace(here.context("dev", root), stack=stack, tenants=("annuity", OTHER))
    code = REPOSITORY / f"environments/dev/rendered/{root}/terraform"
    return read_plan(content.encode(), context, root=code, where=stack)


def proved(*kinds: str, leak: bool = False) -> Proof:
    """Prove the platform, annuity and another tenant like it, each by its kept plan of a kind."""
    platform, annuity, other = kinds
    like = text(other, "annuity").replace("annuity", OTHER)
    like = like.replace(*LEAK) if leak else like
    return prove(
        [
            plan_of("platform", text(platform, "platform"), "platform"),
            plan_of("annuity", text(annuity, "annuity"), "annuity"),
            plan_of(OTHER, _with_own_key(like), "annuity"),
        ]
    )


def _with_own_key(content: str) -> str:
    """Give the copied tenant a key of its own, where its key is known."""
    resources = json.loads(content)["planned_values"]["root_module"]["child_modules"]
    found = [item["values"].get("key_id") for item in _walk(resources) if item["type"] == "aws_kms_key"]
    for key in filter(None, found):
        content = content.replace(key, key[:-4] + "0000")
    return content


def _walk(modules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        item for module in modules for item in [*module.get("resources", []), *_walk(module.get("child_modules", []))]
    ]


def breaches(proof: Proof) -> set[tuple[str, str, str, str, str]]:
    return {(found.tenant, found.owner, found.principal, found.action, found.resource) for found in proof.breaches}


KINDS = ("created", "applied")


@pytest.mark.parametrize("platform", KINDS)
@pytest.mark.parametrize("annuity", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_a_first_plan_and_one_of_what_is_applied_prove_the_same_in_every_mixture(
    platform: str, annuity: str, other: str
) -> None:
    proof = proved(platform, annuity, other)
    assert proof.holds, [*map(str, proof.breaches[:3]), *map(str, proof.undecided[:3])]
    assert proof.tenants == ("annuity", OTHER)
    fresh = proved("applied", "applied", "applied")
    assert (proof.principals, proof.resources, proof.statements) == (
        fresh.principals,
        fresh.resources,
        fresh.statements,
    )
    leaking = proved(platform, annuity, other, leak=True)
    assert not leaking.undecided
    assert breaches(leaking) == breaches(proved("applied", "applied", "applied", leak=True)) != set()


def test_what_terraform_calls_sensitive_is_not_kept() -> None:
    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "variables": {"token": {"value": "s3cret-word"}},
        "planned_values": {
            "root_module": {
                "resources": [
                    {
                        "address": "x.y",
                        "mode": "managed",
                        "type": "x",
                        "name": "y",
                        "values": {"value": "s3cret-word", "name": "n"},
                        "sensitive_values": {"value": True},
                    }
                ]
            }
        },
        "prior_state": {"values": {"root_module": {"resources": [{"values": {"value": "s3cret-word"}}]}}},
        "resource_changes": [
            {
                "address": "x.y",
                "mode": "managed",
                "type": "x",
                "name": "y",
                "change": {
                    "actions": ["create"],
                    "before": None,
                    "after": {"value": "s3cret-word"},
                    "after_sensitive": {"value": True},
                    "after_unknown": {},
                },
            }
        ],
    }
    kept = essence(document)
    assert b"s3cret-word" not in kept
    assert read_plan(kept).resources["x.y"].values["name"] == "n"
    assert essence(json.loads(json.dumps(document))) == kept, "equal plans are equal bytes"
