"""A destroy plan may delete what is the tenant's own, by tag or by name, and touch nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from delivery.decommission.ownership import ForeignDestruction, deletions
from generator.model import EnvironmentSpec
from generator.names import Names
from tests.delivery.decommission.conftest import REPOSITORY

OWN = {"tenant": "annuity", "env": "prod"}


def item(type_: str, before: dict[str, Any] | None, actions: tuple[str, ...] = ("delete",)) -> dict[str, Any]:
    address = f"{type_}.this"
    return {
        "address": address,
        "type": type_,
        "mode": "managed",
        "change": {"actions": list(actions), "before": before},
    }


def plan(*items: dict[str, Any]) -> dict[str, Any]:
    return {"resource_changes": list(items)}


@pytest.fixture(scope="module")
def names(prod: EnvironmentSpec) -> Names:
    return Names(prod, "annuity")


def resources(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from resources(child)


def test_all_of_a_real_tenant_is_its_own(names: Names) -> None:
    """What the annuity tenant is made of in production, all of it deleted."""
    made = json.loads((REPOSITORY / "bench/prod_annuity_plan.json").read_text())
    items = [
        {**item(each["type"], each["values"]), "address": each["address"]}
        for each in resources(made["planned_values"]["root_module"])
    ]
    assert len(deletions("prod/annuity", plan(*items), names)) == len(items) > 70


ALLOWED = [
    item("aws_iam_role", {"name": "x", "tags_all": OWN}),
    item("aws_s3_bucket_policy", {"bucket": "meridian-prod-annuity-landing"}),
    item("aws_s3_object", {"bucket": "meridian-prod-platform-airflow", "key": "dags/annuity/annuity_daily.py"}),
    item("aws_kms_alias", {"name": "alias/meridian-prod-annuity"}),
    item("aws_emr_security_configuration", {"name": "meridian-prod-annuity-emr"}),
    item("aws_glue_catalog_table", {"database_name": "meridian_prod_annuity"}),
    item("aws_lakeformation_permissions", {"table": [{"database_name": "meridian_prod_annuity", "wildcard": True}]}),
    item("aws_lakeformation_resource_lf_tags", {"database": [{"name": "meridian_prod_annuity"}]}),
    item("aws_backup_selection", {"resources": ["arn:aws:s3:::meridian-prod-annuity-curated"]}),
    item("aws_backup_vault", {"name": "another's"}, ("no-op",)),
]


@pytest.mark.parametrize("one", ALLOWED, ids=lambda one: one["type"])
def test_own(names: Names, one: dict[str, Any]) -> None:
    deletions("prod/annuity", plan(one), names)


FOREIGN = [
    (item("aws_iam_role", {"name": "x", "tags_all": {"tenant": "claims", "env": "prod"}}), "it is tagged"),
    (item("aws_iam_role", {"name": "x", "tags_all": {"tenant": "annuity", "env": "dev"}}), "it is tagged"),
    (item("aws_s3_bucket", {"bucket": "meridian-prod-annuity-claims-landing", "tags_all": {}}), "has no tag"),
    (item("aws_s3_bucket_policy", {"bucket": "meridian-prod-annuity-claims-landing"}), "neither a tag nor a name"),
    (item("aws_s3_object", {"bucket": "meridian-prod-platform-airflow", "key": "dags/claims/x.py"}), "neither"),
    (item("aws_s3_object", {"bucket": "meridian-prod-platform-logs", "key": "dags/annuity/x.py"}), "neither"),
    (item("aws_iam_role_policy", {"role": "meridian-prod-platform-airflow"}), "neither"),
    (item("aws_kms_alias", {"name": "alias/meridian-prod-platform"}), "neither"),
    (item("aws_emr_security_configuration", {"name": "meridian-prod-platform-emr"}), "neither"),
    (item("aws_glue_catalog_table", {"database_name": "meridian_prod_claims"}), "neither"),
    (item("aws_lakeformation_permissions", {"catalog_resource": True}), "neither"),
    (item("aws_lakeformation_permissions", {"data_location": [{"arn": "arn:aws:s3:::meridian-x"}]}), "neither"),
    (item("aws_backup_selection", {"resources": ["arn:aws:s3:::meridian-prod-claims-curated"]}), "neither"),
    (item("aws_backup_selection", {"resources": []}), "neither"),
    (item("aws_s3_bucket_policy", {}), "cannot be read: KeyError"),
    (item("aws_vpc", {"cidr_block": "10.0.0.0/16"}), "by which name a aws_vpc is a tenant's is not known"),
    (item("aws_iam_role", {"name": "x", "tags_all": OWN}, ("update",)), "the plan would update it"),
    (item("aws_iam_role", {"name": "x", "tags_all": OWN}, ("delete", "create")), "the plan would delete and create it"),
    (item("aws_iam_role", None, ("create",)), "the plan would create it"),
]


@pytest.mark.parametrize(("one", "why"), FOREIGN, ids=[f"{one['type']}-{why[:12]}" for one, why in FOREIGN])
def test_foreign(names: Names, one: dict[str, Any], why: str) -> None:
    own = item("aws_ssm_parameter", {"tags_all": OWN})
    with pytest.raises(ForeignDestruction) as refused:
        deletions("prod/annuity", plan(own, one), names)
    assert why in refused.value.why
    assert one["address"] in refused.value.why
    assert own["address"] not in refused.value.why
    assert refused.value.exit_code == 1
