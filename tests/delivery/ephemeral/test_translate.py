"""What cannot be told whole and surely is refused, with exit 4; what is told is told as Terraform would."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from delivery.ephemeral import python
from delivery.ephemeral.errors import CannotBeShown
from delivery.ephemeral.translate import CAPITAL, TABLE, Existing, ShownPlan, plan_of
from policies import strict_yaml
from tests.delivery.ephemeral.conftest import ROOT

SCHEMA = json.loads(Path(__file__).with_name("emr_schema.json").read_text())
CLUSTER, FLEET, PROVIDER = 0, 1, 3
"""Where they stand in what the program declares."""


def shown(declared: Any) -> ShownPlan:
    return plan_of(declared, (), account_id="111111111111", region="us-east-1")


def put(place: int, key: str, value: Any) -> Callable[[Any], None]:
    """Return a change of one input."""

    def change(declared: Any) -> None:
        declared[place]["inputs"][key] = value

    return change


def put_field(place: int, key: str, value: Any) -> Callable[[Any], None]:
    """Return a change of a resource itself."""

    def change(declared: Any) -> None:
        declared[place][key] = value

    return change


REFUSED = {
    "a type that no table knows": (
        put_field(FLEET, "type", "aws:ec2/instance:Instance"),
        "no table says what 'aws:ec2",
    ),
    "a component": (put_field(FLEET, "type", "ours:index:Cluster"), "no table says"),
    "a property that no table knows": (
        put(CLUSTER, "kerberosAttributes", {"realm": "X"}),
        "cluster.kerberosAttributes",
    ),
    "another region of its own": (put(CLUSTER, "region", "eu-west-1"), "cluster.region: no table"),
    "a property inside a block": (put(CLUSTER, "autoTerminationPolicy", {"idle": 1}), "autoTerminationPolicy.idle"),
    "a secret": (put(CLUSTER, "configurationsJson", {"$": "secret"}), "cluster.configurationsJson: is a secret"),
    "a secret in a map": (put(CLUSTER, "tags", {"a": {"$": "secret"}}), "cluster.tags: is a secret"),
    "a secret for a block": (put(CLUSTER, "ec2Attributes", {"$": "secret"}), "ec2Attributes: is .*not blocks"),
    "a block that nobody knows": (put(CLUSTER, "ec2Attributes", {"$": "unknown"}), "ec2Attributes: is .*not blocks"),
    "a value for a block": (put(CLUSTER, "ec2Attributes", "x"), "ec2Attributes: is 'x', not blocks"),
    "an object for a value": (put(CLUSTER, "logUri", {"bucket": "x"}), "logUri: is an object"),
    "whatever provider there is": (put_field(CLUSTER, "provider", ""), "no provider says in which account"),
    "another account": (put(PROVIDER, "allowedAccountIds", '["222222222222"]'), "allowedAccountIds is"),
    "any account": (
        lambda declared: declared[PROVIDER]["inputs"].pop("allowedAccountIds"),
        "does not say allowedAccount",
    ),
    "another region": (put(PROVIDER, "region", "eu-west-1"), "region is 'eu-west-1'"),
    "tags that the plan would not show": (put(PROVIDER, "defaultTags", '{"tags": {}}'), "defaultTags is"),
    "unchecked credentials": (put(PROVIDER, "skipRequestingAccountId", "true"), "skipRequestingAccountId"),
    "what exists already": (put_field(CLUSTER, "existing", "j-1"), "takes over 'j-1'"),
    "a name that no address can hold": (put_field(CLUSTER, "name", "ann's"), "no Terraform resource"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_is_refused(declared: Any, case: str) -> None:
    change, message = REFUSED[case]
    change(declared)
    with pytest.raises(CannotBeShown, match=message) as refusal:
        shown(declared)
    assert refusal.value.exit_code == 4


def test_two_of_one_address_are_refused(declared: Any) -> None:
    declared.append({**declared[FLEET], "id": "pulumi-id://another"})
    with pytest.raises(CannotBeShown, match="two resources"):
        shown(declared)


def test_what_the_engine_alone_knows_is_unknown_and_bare(declared: Any) -> None:
    put(CLUSTER, "logUri", {"$": "unknown"})(declared)
    plan = json.loads(shown(declared).json)
    [change] = [item for item in plan["resource_changes"] if item["type"] == "aws_emr_cluster"]
    assert change["change"]["after_unknown"] == {"id": True, "log_uri": True}
    assert "log_uri" not in change["change"]["after"]


def test_what_exists_is_shown_unchanged(declared: Any) -> None:
    subnet = Existing("aws_subnet", "subnet_a", {"id": "subnet-a", "map_public_ip_on_launch": False})
    made = plan_of(declared, [subnet], account_id="111111111111", region="us-east-1")
    plan = json.loads(made.json)
    actions = {item["address"]: item["change"]["actions"] for item in plan["resource_changes"]}
    assert actions["aws_subnet.subnet_a"] == ["no-op"]
    assert "aws_subnet.subnet_a" not in made.addresses
    assert "aws_subnet" not in made.types


def test_table_names_terraforms_attributes() -> None:
    for entry in strict_yaml.read(TABLE)["types"].values():
        _assert_in_schema(entry["properties"], SCHEMA[entry["terraform"]], entry["terraform"])


def _assert_in_schema(properties: Mapping[str, Any], schema: Mapping[str, Any], where: str) -> None:
    for name, form in properties.items():
        if isinstance(form, str):
            assert form in ("value", "map")
            assert CAPITAL.sub("_", name).lower() in schema["attributes"], f"{where}: {name}"
        elif form["block"] in schema["blocks"]:
            _assert_in_schema(form["of"], schema["blocks"][form["block"]], f"{where}.{form['block']}")
        else:
            assert form["block"] in schema["attributes"], f"{where}: {name}"  # a block in attribute's clothes: step


LIST_PROPERTIES = """
import json, re, typing
import pulumi_aws as aws

def names(kind, prefix=""):
    for value in vars(kind).values():
        if isinstance(value, property):
            name = getattr(value.fget, "_pulumi_name", value.fget.__name__)
            yield prefix + name
            kinds = re.findall(r"ForwardRef\\('(\\w+Args)'\\)", str(value.fget.__annotations__["return"]))
            for inner in dict.fromkeys(kinds):
                yield from names(getattr(aws.emr, inner), prefix + name + ".")

kinds = {"Cluster": aws.emr.cluster.ClusterArgs, "InstanceFleet": aws.emr.instance_fleet.InstanceFleetArgs,
         "ManagedScalingPolicy": aws.emr.managed_scaling_policy.ManagedScalingPolicyArgs}
print(json.dumps({name: sorted(names(kind)) for name, kind in kinds.items()}))
"""
LEFT_OUT = {
    "Cluster": {
        "coreInstanceGroup",
        "kerberosAttributes",
        "listStepsStates",
        "masterInstanceGroup",
        "osReleaseLabel",
        "placementGroupConfigs",
        "region",
    },
    "InstanceFleet": {"region"},
    "ManagedScalingPolicy": {"region", "scalingStrategy", "utilizationPerformanceIndex"},
}
"""Top-level properties that are refused on purpose; see types.yaml. Another version of pulumi-aws may bring more."""


def test_table_names_pulumis_properties() -> None:
    """The table against the library itself: no property of it is misspelt, and none is missing unseen."""
    answer = subprocess.run(
        [python.interpreter(ROOT), "-c", LIST_PROPERTIES], capture_output=True, check=True, text=True
    )
    theirs = {kind: set(names) for kind, names in json.loads(answer.stdout).items()}
    for token, entry in strict_yaml.read(TABLE)["types"].items():
        kind = token.rpartition(":")[2]
        ours = set(_paths(entry["properties"]))
        assert ours <= theirs[kind], f"{kind}: not Pulumi's: {sorted(ours - theirs[kind])}"
        top = {name for name in theirs[kind] if "." not in name}
        assert top - ours == LEFT_OUT[kind]


def _paths(properties: Mapping[str, Any], prefix: str = "") -> list[str]:
    found = []
    for name, form in properties.items():
        found.append(prefix + name)
        if not isinstance(form, str):
            found += _paths(form["of"], f"{prefix}{name}.")
    return found
