"""Who gets a cluster where and for how long; the rest is refused in words, before any cloud is asked."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from delivery.ephemeral import wish
from delivery.ephemeral.account import Account
from delivery.ephemeral.errors import CloudRefused, NotForThis
from generator.names import Names
from generator.spec.project import load_environment
from tests.delivery.ephemeral.conftest import ANN, NOW, ROOT, Ground

DEV, PROD = load_environment(ROOT, "dev"), load_environment(ROOT, "prod")


def test_ann_gets_one() -> None:
    wish.check(ANN, DEV)
    assert wish.cluster_name(ANN, DEV) == "meridian-dev-annuity-ephemeral-ann"
    assert wish.expiry(ANN, NOW).isoformat() == "2026-11-23T17:00:00+00:00"


def test_production_is_refused_by_the_csos_list_and_by_its_mode() -> None:
    with pytest.raises(NotForThis, match="prod: is production") as refusal:
        wish.check(ANN, PROD)
    assert refusal.value.exit_code == 2
    lasting = PROD.model_copy(update={"cluster": DEV.cluster})
    with pytest.raises(NotForThis, match="prod: is production"):
        wish.check(ANN, lasting)
    transient = DEV.model_copy(update={"cluster": PROD.cluster})
    with pytest.raises(NotForThis, match="dev: has clusters of runs only"):
        wish.check(ANN, transient)
    with pytest.raises(NotForThis, match="is production"):
        Account.of(ROOT, "prod", {})


@pytest.mark.parametrize(
    "name", ["", "Ann", "ann_lee", "-ann", "ann-", "ann--lee", "1st", "a" * 21, "ann/../x", "ann\n"]
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(NotForThis, match="no name for a cluster"):
        wish.check(replace(ANN, name=name), DEV)


@pytest.mark.parametrize("owner", ["", "ann", "ann@", "ann@example", "ann@example.com, bob@example.com", "a@b.c\n"])
def test_owner_is_an_address(owner: str) -> None:
    with pytest.raises(NotForThis, match="is no owner"):
        wish.check(replace(ANN, owner=owner), DEV)


@pytest.mark.parametrize("hours", [-1, 0, 25, 1000])
def test_a_day_is_the_most(hours: int) -> None:
    with pytest.raises(NotForThis, match="no time to live"):
        wish.check(replace(ANN, hours=hours), DEV)


def test_longest_names_fit() -> None:
    longest = replace(ANN, name="a" * wish.LONGEST_NAME, tenant="b" * 20)
    named = DEV.model_copy(update={"environment": "c" * 3, "organisation": "d" * 8})
    assert len(wish.cluster_name(longest, named)) <= 64


def test_idle_time_is_an_hour_at_most() -> None:
    platform = dict.fromkeys(wish.PUBLISHED, "x")
    assert wish.cluster_of(ANN, DEV, {}, platform).idle_seconds == 3600
    cluster = DEV.cluster.model_copy(update={"idle_timeout_minutes": 5})
    assert wish.cluster_of(ANN, DEV.model_copy(update={"cluster": cluster}), {}, platform).idle_seconds == 300


def test_names_are_the_platforms() -> None:
    """What is looked up or composed here is what the rendered platform publishes and makes."""
    parameters = (ROOT / "environments/dev/rendered/platform/terraform/parameters.tf").read_text()
    for parameter in wish.PUBLISHED.values():
        assert re.search(rf"^ +{parameter} += ", parameters, re.MULTILINE), parameter
    modules = (ROOT / "modules/emr_foundation", ROOT / "modules/emr_security")
    foundation = "".join(path.read_text() for module in modules for path in module.glob("*.tf"))
    cluster = wish.cluster_of(ANN, DEV, {}, dict.fromkeys(wish.PUBLISHED, "x"))
    made = (
        cluster.service_role_arn.rpartition("/")[2],
        cluster.instance_profile_arn.rpartition("/")[2],
        cluster.security_configuration,
        cluster.logs_bucket,
    )
    for name in made:
        assert name.replace("meridian-dev-platform", '"${var.name}') + '"' in foundation, name


def test_platform_that_published_nothing_is_told(ground: Ground) -> None:
    ssm, name = ground.client("ssm"), Names(DEV).parameter("platform_key_arn")
    value = ssm.get_parameter(Name=name)["Parameter"]["Value"]
    ssm.delete_parameter(Name=name)
    try:
        with pytest.raises(CloudRefused, match="has not published /meridian/dev/platform/platform_key_arn") as refusal:
            wish.published(ssm, DEV)
    finally:
        ssm.put_parameter(Name=name, Value=value, Type="String")
    assert refusal.value.exit_code == 3
    assert "sluice apply --env dev --stack platform" in str(refusal.value)
