"""What was applied to production: judged by every control, proved isolated, and watched for hands."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from rich.console import Console

from delivery.drift import Difference, Kind, differences
from delivery.plan import show_json
from policies.gate import Request, run_gate
from policies.report import terminal
from sluice import laptop
from sluice.commands.stacks import apply_all, plan_all
from tests.end_to_end.conftest import Production

pytestmark = [pytest.mark.sandbox, pytest.mark.terraform]

STACKS = {("prod", "platform"), ("prod", "annuity")}


def plans(production: Production) -> dict[tuple[str, str], bytes]:
    """Plan every stack anew and return what Terraform says, as JSON."""
    variables = laptop.host_environment() | production.running.terraform_environment()
    planned = plan_all(production.root, ("prod",), variables, Console())
    return {
        (stack.environment, stack.name): show_json(stack, plan.folder, variables) for stack, plan in planned.items()
    }


def test_what_is_applied_passes_its_own_gate_without_a_waiver(production: Production) -> None:
    found = plans(production)
    assert found.keys() == STACKS
    request = Request(production.root, datetime.now(UTC).date(), environments=("prod",), plans=found)
    result = run_gate(request)
    assert result.exit_code == 0, terminal.render(result)
    assert result.waivers == ()
    assert "CSO_ISO_01" in {judgement.control for judgement in result.judgements}


def test_what_hands_do_is_seen_and_mended(production: Production) -> None:
    name = production.names.bucket("curated")
    production.client("s3").put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    production.client("glue").delete_table(DatabaseName=production.names.glue_database, Name="payout")
    assert {(item.type, item.kind) for item in drift(production)} == {
        ("aws_s3_bucket_versioning", Kind.CHANGED),
        ("aws_glue_catalog_table", Kind.DELETED),
    }
    variables = laptop.host_environment() | production.running.terraform_environment()
    apply_all(production.root, ("prod",), variables, Console(), only="annuity")
    assert drift(production) == []


def drift(production: Production) -> list[Difference]:
    found = [difference for text in plans(production).values() for difference in differences(json.loads(text))]
    return [difference for difference in found if difference.kind.is_drift]
