"""A tenant whose CloudFormation stacks are still there is not decommissioned: they end first, where that is judged."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from delivery.decommission.templates import TemplatesLeft, refuse_templates
from delivery.tagged import Clients
from delivery.workspace import StackId

TEMPLATE = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})


def make(clients: Clients, name: str, tags: Mapping[str, str]) -> None:
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    clients("cloudformation").create_stack(StackName=name, TemplateBody=TEMPLATE, Tags=listed)


def test_each_is_named_with_the_way_to_end_it(clients: Clients) -> None:
    claims = {"env": "prod", "tenant": "claims", "sluice-template": "alerts"}
    make(clients, "meridian-prod-claims-alerts", claims)
    make(clients, "meridian-prod-other-alerts", {**claims, "tenant": "other"})
    make(clients, "made-by-hand", {"env": "prod", "tenant": "claims"})
    with pytest.raises(TemplatesLeft) as refused:
        refuse_templates(clients("cloudformation"), StackId("prod", "claims"))
    assert refused.value.exit_code == 1
    assert "still there: meridian-prod-claims-alerts\n" in str(refused.value)
    assert "sluice cloudformation apply --env prod --tenant claims, then run this again" in str(refused.value)

    clients("cloudformation").delete_stack(StackName="meridian-prod-claims-alerts")
    refuse_templates(clients("cloudformation"), StackId("prod", "claims"))
    refuse_templates(clients("cloudformation"), StackId("dev", "claims"))
