"""What hands gave a security group beside what Terraform gave it; rights of roles are in test_drift."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from delivery.added_by_hand import EMR_WRITES, added_rules
from delivery.drift import Kind, differences

LISTED: dict[str, Any] = {
    "cidr_blocks": [],
    "description": "",
    "from_port": 443,
    "ipv6_cidr_blocks": [],
    "prefix_list_ids": [],
    "protocol": "tcp",
    "security_groups": [],
    "self": False,
    "to_port": 443,
}


def group(
    name: str, ingress: list[dict[str, Any]], egress: Sequence[dict[str, Any]] = (), *, is_emr: bool = False
) -> dict[str, Any]:
    tags = {EMR_WRITES: "true"} if is_emr else {}
    values = {"id": name, "ingress": ingress, "egress": list(egress), "tags_all": tags}
    return {"address": f"aws_security_group.{name}", "type": "aws_security_group", "mode": "managed", "values": values}


def rule(way: str, of: str, **more: Any) -> dict[str, Any]:
    empty = {"cidr_ipv4": None, "cidr_ipv6": None, "prefix_list_id": None, "referenced_security_group_id": None}
    values = {"security_group_id": of, "ip_protocol": "tcp", "from_port": 443, "to_port": 443, **empty, **more}
    kind = f"aws_vpc_security_group_{way}_rule"
    return {"address": f"{kind}.this", "type": kind, "mode": "managed", "values": values}


def test_a_rule_that_somebody_added_is_drift_that_no_plan_mends() -> None:
    own = {**LISTED, "cidr_blocks": ["10.0.0.0/16"], "description": "HTTPS"}
    hand = {**LISTED, "cidr_blocks": ["0.0.0.0/0"], "from_port": 22, "to_port": 22}
    resources = [group("db", [own, hand]), rule("ingress", "db", cidr_ipv4="10.0.0.0/16")]
    plan = {"prior_state": {"values": {"root_module": {"resources": resources}}}, "resource_changes": []}
    (found,) = differences(plan)
    assert (found.address, found.kind) == ("aws_security_group.db", Kind.ADDED)
    assert found.attributes == ("ingress tcp 22 from 0.0.0.0/0",)
    assert found.way_back == "take ingress tcp 22 from 0.0.0.0/0 off it"


@pytest.mark.parametrize(
    ("listed", "own"),
    [
        ({"cidr_blocks": ["10.0.0.0/16"]}, {"cidr_ipv4": "10.0.0.0/16"}),
        ({"ipv6_cidr_blocks": ["fd00::/8"]}, {"cidr_ipv6": "fd00::/8"}),
        ({"prefix_list_ids": ["pl-1"]}, {"prefix_list_id": "pl-1"}),
        ({"security_groups": ["sg-2"]}, {"referenced_security_group_id": "sg-2"}),
        ({"self": True}, {"referenced_security_group_id": "sg-1"}),
        (
            {"cidr_blocks": ["0.0.0.0/0"], "protocol": "-1", "from_port": 0, "to_port": 0},
            {"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "-1", "from_port": None, "to_port": None},
        ),
        (
            {"cidr_blocks": ["0.0.0.0/0"], "protocol": "icmp", "from_port": -1, "to_port": -1},
            {"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "icmp", "from_port": -1, "to_port": -1},
        ),
    ],
)
@pytest.mark.parametrize("way", ["ingress", "egress"])
def test_terraforms_own_rule_is_known_in_both_ways_in_which_it_is_told(
    way: str, listed: dict[str, Any], own: dict[str, Any]
) -> None:
    told = {**LISTED, **listed}
    ways = {"ingress": [], "egress": [], way: [told]}
    known = group("sg-1", ways["ingress"], ways["egress"])
    assert list(added_rules([known, rule(way, "sg-1", **own)])) == []
    other = "egress" if way == "ingress" else "ingress"
    for wrong in (rule(way, "sg-3", **own), rule(other, "sg-1", **own)):
        assert [item["address"] for item, _ in added_rules([known, wrong])] == ["aws_security_group.sg-1"]


def test_other_ports_are_another_rule() -> None:
    wide = {**LISTED, "cidr_blocks": ["10.0.0.0/16"], "to_port": 8443}
    ((_, extra),) = added_rules([group("db", [wide]), rule("ingress", "db", cidr_ipv4="10.0.0.0/16")])
    assert extra == ("ingress tcp 443-8443 from 10.0.0.0/16",)


def test_one_listed_rule_holds_several() -> None:
    """Terraform lists rules of the same ports as one, with all whom they are for."""
    told = {**LISTED, "cidr_blocks": ["10.0.0.0/16", "10.9.0.0/16"]}
    ((_, extra),) = added_rules([group("db", [told]), rule("ingress", "db", cidr_ipv4="10.0.0.0/16")])
    assert extra == ("ingress tcp 443 from 10.9.0.0/16",)


def test_rules_that_emr_writes_between_its_groups_are_its_own_and_no_others() -> None:
    between = {**LISTED, "security_groups": ["workers"], "self": True, "from_port": 0, "to_port": 65535}
    world = {**LISTED, "cidr_blocks": ["0.0.0.0/0"]}
    groups = [group("primary", [between], is_emr=True), group("workers", [], is_emr=True)]
    assert list(added_rules(groups)) == []
    assert list(added_rules([group("primary", [world], is_emr=True), groups[1]]))
    assert list(added_rules([group("primary", [between], is_emr=True), group("workers", [])])), "none of EMR's groups"
