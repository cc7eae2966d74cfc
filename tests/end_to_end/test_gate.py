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

Plans = dict[tuple[str, str], bytes]
"""{(environment, stack): what Terraform says of its plan, as JSON}"""


def plans(production: Production, only: str | None = None) -> Plans:
    """Plan every stack anew, or one."""
    variables = laptop.host_environment() | production.running.terraform_environment()
    planned = plan_all(production.root, ("prod",), variables, Console(), only=only)
    return {
        (stack.environment, stack.name): show_json(stack, plan.folder, variables) for stack, plan in planned.items()
    }


def drift(found: Plans) -> list[Difference]:
    return [item for text in found.values() for item in differences(json.loads(text)) if item.kind.is_drift]


@pytest.fixture(scope="module")
def changed_by_hand(production: Production) -> Plans:
    """The tenant's plan after somebody has been in the console."""
    name = production.names.bucket("curated")
    production.client("s3").put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    production.client("glue").delete_table(DatabaseName=production.names.glue_database, Name="payout")
    return plans(production, only="annuity")


@pytest.fixture(scope="module")
def mended(production: Production, changed_by_hand: Plans) -> Plans:
    """Every stack's plan once the tenant was applied again."""
    assert changed_by_hand
    variables = laptop.host_environment() | production.running.terraform_environment()
    apply_all(production.root, ("prod",), variables, Console(), only="annuity")
    return plans(production)


def test_what_hands_do_is_seen_and_mended(changed_by_hand: Plans, mended: Plans) -> None:
    assert {(item.type, item.kind) for item in drift(changed_by_hand)} == {
        ("aws_s3_bucket_versioning", Kind.CHANGED),
        ("aws_glue_catalog_table", Kind.DELETED),
    }
    assert drift(mended) == []


def test_what_is_applied_passes_its_own_gate_without_a_waiver(production: Production, mended: Plans) -> None:
    assert mended.keys() == STACKS
    request = Request(production.root, datetime.now(UTC).date(), environments=("prod",), plans=mended)
    result = run_gate(request)
    assert result.exit_code == 0, terminal.render(result)
    assert result.waivers == ()
    assert "CSO_ISO_01" in {judgement.control for judgement in result.judgements}
