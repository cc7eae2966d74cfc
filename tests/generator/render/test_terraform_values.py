"""Terraform roots: values arrive as data, every variable has one, and tenants do not touch what they share."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from generator.model import EnvironmentSpec
from generator.render import render_tree
from generator.render.terraform_values import platform_files, tenant_files, tenant_variables
from generator.resolve import resolve, resolve_platform
from tests.generator import samples

TEMPLATES = Path(__file__).parents[3] / "generator" / "render" / "templates"
DEV, PROD = samples.environments()
HOSTILE = '"}\n${file("/etc/passwd")} %{ for x in y } {{ 7 }}'


def layout(template: str, values: Mapping[str, object]) -> str:
    """Stand in for Jinja: only switches and the header occur in these templates."""

    def switched(found: re.Match[str]) -> str:
        return found[2] if values[found[1]] else ""

    text = (TEMPLATES / template).read_text().replace("{{ header }}", str(values["header"]))
    return re.sub(r"\{% if (\w+) %\}\n(.*?)\{% endif %\}\n", switched, text, flags=re.DOTALL)


def platform(environment: EnvironmentSpec) -> dict[str, str]:
    return platform_files(resolve_platform(environment), layout)


def tenant(environment: EnvironmentSpec = PROD) -> dict[str, str]:
    return tenant_files(resolve(samples.tenant(), environment), layout)


def values(files: Mapping[str, str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(files["terraform.tfvars.json"])
    return document


def declared(files: Mapping[str, str], required_only: bool = False) -> set[str]:
    blocks = re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', files["variables.tf"], re.DOTALL | re.MULTILINE)
    return {name for name, body in blocks if not (required_only and re.search("^  default", body, re.MULTILINE))}


@pytest.mark.parametrize("files", [platform(DEV), platform(PROD), tenant(DEV), tenant(PROD)])
def test_every_variable_has_a_value_and_every_value_a_variable(files: dict[str, str]) -> None:
    given = set(values(files))
    assert declared(files, required_only=True) <= given <= declared(files)


@pytest.mark.parametrize("files", [platform(DEV), platform(PROD), tenant(DEV), tenant(PROD)])
def test_every_variable_is_used(files: dict[str, str]) -> None:
    text = "".join(text for path, text in files.items() if path.endswith(".tf") and path != "variables.tf")
    assert declared(files) == set(re.findall(r"\bvar\.(\w+)", text))


def test_only_a_long_running_environment_has_a_cluster_and_notebooks() -> None:
    roots = {"dev": platform(DEV), "prod": platform(PROD)}
    modules = {name: re.findall(r'^module "(\w+)"', root["main.tf"], re.MULTILINE) for name, root in roots.items()}
    assert set(modules["dev"]) - set(modules["prod"]) == {"emr_cluster", "notebooks"}
    assert "emr_cluster_id" not in platform(PROD)["parameters.tf"]
    assert "emr_cluster_id" in platform(DEV)["parameters.tf"]


def test_a_tenants_own_clusters_encrypt_with_its_key() -> None:
    """Dev's cluster is everybody's, so no tenant's key may be on its disks."""
    own, shared = tenant(PROD)["main.tf"], tenant(DEV)["main.tf"]
    assert re.search(r'module "emr_security" \{[^}]+kms_key_arn += module\.lake\.key_arn', own)
    assert "emr = { service_role_arn = var.platform.emr_service_role_arn" in own
    assert "emr" not in shared.replace("emr_node_role_arn", "")


def test_a_tenant_changes_nothing_of_the_platform() -> None:
    def rendered(*names: str) -> dict[str, str]:
        tree = render_tree([samples.tenant(name) for name in names], samples.environments())
        return {
            str(path): text for path, text in tree.items() if "platform" in path.parts and "terraform" in path.parts
        }

    assert rendered("claims")
    assert rendered("claims") == rendered("claims", "annuities")


def test_hostile_text_stays_a_value() -> None:
    spec = samples.spec(description=HOSTILE)
    stack = resolve(samples.tenant().model_copy(update={"spec": spec}), PROD)
    files = tenant_files(stack, layout)
    assert values(files)["catalog"]["description"] == HOSTILE
    plain = {path: text for path, text in files.items() if path != "terraform.tfvars.json"}
    assert plain == {path: text for path, text in tenant().items() if path != "terraform.tfvars.json"}


def test_a_state_for_each_stack_in_the_account_of_the_environment() -> None:
    backends = [
        json.loads(files["backend.tf.json"])["terraform"]["backend"]["s3"] for files in (platform(PROD), tenant())
    ]
    assert [backend["key"] for backend in backends] == ["platform/terraform.tfstate", "claims/terraform.tfstate"]
    for backend in backends:
        assert backend["bucket"] == "acme-prod-platform-tfstate"
        assert backend["use_lockfile"] is True
        assert "encrypt" not in backend  # it would ask for another key than the bucket's own
        assert backend["assume_role"]["role_arn"] == "arn:aws:iam::444444444444:role/sluice-deploy"


def test_the_lock_holds_hashes_for_every_way_to_install() -> None:
    lock = platform(PROD)[".terraform.lock.hcl"]
    assert 'version     = "5.100.0"' in lock
    assert re.search(r'"h1:[A-Za-z0-9+/]{43}="', lock)
    assert len(re.findall(r'"zh:[0-9a-f]{64}"', lock)) == 15
    assert lock == tenant()[".terraform.lock.hcl"]


def test_tags_are_the_stacks_own() -> None:
    tags = values(tenant())["tags"]
    assert {"tenant", "env", "owner", "data-class", "cost-centre", "managed-by", "business-unit"} == set(tags)
    assert tags["tenant"] == "claims"


def test_protection_follows_the_environment() -> None:
    open_environment = samples.environment("dev", "long_running", deletion_protection=False)
    stack = resolve(samples.tenant(), open_environment)
    assert tenant_variables(stack)["landing_lock_days"] is None
    assert tenant_variables(stack)["deletion_protection"] is False
    assert values(tenant())["landing_lock_days"] == values(tenant())["retention_days"]


def test_access_is_what_resolve_derived() -> None:
    stack = resolve(samples.tenant(), PROD)
    jobs = values(tenant())["jobs"]
    assert set(jobs) == {job.name for job in stack.jobs}
    for job in stack.jobs:
        given = jobs[job.name]
        assert given["tenant_key_actions"] == list(job.access.tenant_key_actions)
        assert [(s["sid"], s["resources"]) for s in given["statements"]] == [
            (s.sid, list(s.resources)) for s in job.access.statements
        ]
        listing = next(s for s in given["statements"] if s["sid"] == "ListCurated")
        assert [condition["variable"] for condition in listing["conditions"]] == ["s3:prefix"]


def test_tables_are_the_contracts() -> None:
    stack = resolve(samples.tenant(), PROD)
    tables = values(tenant())["catalog"]["tables"]
    for dataset in stack.datasets:
        columns = [(column["name"], column["type"]) for column in tables[dataset.name]["columns"]]
        assert columns == [(column.name, column.type.replace(" ", "")) for column in dataset.contract.columns]
