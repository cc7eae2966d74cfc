"""A tenant that left Git waits until the ledger says that it was decommissioned."""

from __future__ import annotations

from pathlib import Path

from delivery.decommission.waiting import standing_stacks, waiting
from delivery.ledger import Record
from delivery.tagged import Clients
from generator.names import Names
from generator.spec import load_environment

SPEC = load_environment(Path(__file__).parents[3], "prod")


def record(event: str, *stacks: str) -> Record:
    return Record(event, "a" * 64, "jenkins", "2026-11-23T10:00:00+00:00", {f"prod/{stack}": "0" for stack in stacks})


def test_what_was_deployed_and_is_rendered_no_more() -> None:
    history = [record("deployed", "platform", "annuity", "claims"), record("deployed", "annuity")]
    assert waiting(SPEC, history, ["platform", "annuity"]) == ["claims"]
    assert waiting(SPEC, history, ["platform", "annuity", "claims"]) == []
    assert waiting(SPEC, [], ["platform"]) == []


def test_a_deploy_that_only_began_may_have_made_it() -> None:
    assert waiting(SPEC, [record("started", "claims"), record("failed")], []) == ["claims"]
    assert waiting(SPEC, [record("verified", "claims")], []) == []


def test_decommissioned_until_it_is_deployed_again() -> None:
    history = [record("deployed", "claims"), record("decommissioned", "claims")]
    assert waiting(SPEC, history, []) == []
    assert waiting(SPEC, [*history, record("deployed", "claims")], []) == ["claims"]


def test_the_platform_is_no_tenant() -> None:
    assert waiting(SPEC, [record("deployed", "platform")], []) == []


def test_a_stack_of_a_tenants_template_is_no_tenant() -> None:
    """The ledger names it beside Terraform's stacks; it ends with its tenant."""
    own = "meridian-prod-claims-listeners"
    history = [record("deployed", "claims"), record("deployed", own)]
    assert waiting(SPEC, history, ["claims"]) == []
    assert waiting(SPEC, history, []) == ["claims"]
    assert waiting(SPEC, [*history, record("decommissioned", "claims")], []) == []
    assert waiting(SPEC, [record("deployed", "meridian-prod-claims")], []) == ["meridian-prod-claims"], (
        "a tenant's name"
    )


def test_a_tenant_that_no_deploy_has_changed_waits_while_its_state_holds_something() -> None:
    """`sluice apply` made it; the deploys that followed found nothing to change, so that no record names it."""
    history = [record("deployed", "platform"), record("decommissioned", "claims")]
    assert waiting(SPEC, history, ["platform", "annuity"], ["claims"]) == ["claims"]
    assert waiting(SPEC, history, ["platform", "claims"], ["platform", "claims"]) == []


def test_states_are_read_for_what_stands(clients: Clients) -> None:
    s3, bucket = clients("s3"), Names(SPEC).bucket("tfstate")
    s3.create_bucket(Bucket=bucket)
    bodies = {
        "annuity/terraform.tfstate": b"{}",
        "claims/terraform.tfstate": b'{"resources": [{"type": "aws_iam_role"}]}',
        "claims/terraform.tfstate.tflock": b"{}",
        "ended/terraform.tfstate": b'{"resources": []}',
        "pulumi/.pulumi/stacks/one.json": b"{}",
        "unread/terraform.tfstate": b"{",
    }
    for key, body in bodies.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    assert standing_stacks(s3, SPEC, ["annuity"]) == ["claims", "unread"]
