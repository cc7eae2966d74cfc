"""A tenant that left Git waits until the ledger says that it was decommissioned."""

from __future__ import annotations

from pathlib import Path

from delivery.decommission.waiting import waiting
from delivery.ledger import Record
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
