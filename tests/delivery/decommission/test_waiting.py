"""A tenant that left Git waits until the ledger says that it was decommissioned."""

from __future__ import annotations

from delivery.decommission.waiting import waiting
from delivery.ledger import Record


def record(event: str, *stacks: str) -> Record:
    return Record(event, "a" * 64, "jenkins", "2026-11-23T10:00:00+00:00", {f"prod/{stack}": "0" for stack in stacks})


def test_what_was_deployed_and_is_rendered_no_more() -> None:
    history = [record("deployed", "platform", "annuity", "claims"), record("deployed", "annuity")]
    assert waiting("prod", history, ["platform", "annuity"]) == ["claims"]
    assert waiting("prod", history, ["platform", "annuity", "claims"]) == []
    assert waiting("prod", [], ["platform"]) == []


def test_a_deploy_that_only_began_may_have_made_it() -> None:
    assert waiting("prod", [record("started", "claims"), record("failed")], []) == ["claims"]
    assert waiting("prod", [record("verified", "claims")], []) == []


def test_decommissioned_until_it_is_deployed_again() -> None:
    history = [record("deployed", "claims"), record("decommissioned", "claims")]
    assert waiting("prod", history, []) == []
    assert waiting("prod", [*history, record("deployed", "claims")], []) == ["claims"]


def test_the_platform_is_no_tenant() -> None:
    assert waiting("prod", [record("deployed", "platform")], []) == []
