"""The stacks that Git wants in one environment: one for each template of each tenant, with its parameters and tags."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from delivery.cloudformation.deletions import ENVIRONMENT, TEMPLATE, TENANT
from delivery.cloudformation.proposals import TemplateRefused, Wanted
from generator.model import EnvironmentSpec, Tenant
from generator.names import Names, NameTooLong
from generator.resolve.decisions import tenant_tags
from generator.spec import load_tenant
from policies.artefacts import cloudformation_yaml
from policies.artefacts.template_parameters import given_parameters
from policies.context import Context
from policies.errors import Undecided
from policies.surroundings import Surroundings

STACK_NAME_LIMIT = 128


def folder(tenant: str) -> Path:
    return Path("tenants") / tenant / "cloudformation"


def wanted_by(root: Path, spec: EnvironmentSpec, tenants: Iterable[str]) -> list[Wanted]:
    """Return the stacks that a tree wants of those `tenants` that have templates in it, tenant by tenant.

    Raises:
        TemplateRefused: see `wanted_stacks`.
    """
    surroundings = Surroundings(root, datetime.now(UTC).date())
    named = [name for name in tenants if (root / folder(name)).is_dir()]
    return [item for name in named for item in wanted_stacks(root, spec, load_tenant(root, name), surroundings)]


def wanted_stacks(root: Path, spec: EnvironmentSpec, tenant: Tenant, surroundings: Surroundings) -> list[Wanted]:
    """Return a tenant's stacks in one environment, by name.

    Raises:
        TemplateRefused: a template or its parameters cannot be read; or a file is neither.
    """
    context = surroundings.context(spec.environment, tenant.spec.tenant)
    place = root / folder(tenant.spec.tenant)
    paths = sorted(place.iterdir()) if place.is_dir() else []
    known = {
        f"{path.stem}.{name}.json" for path in paths if path.suffix == ".yaml" for name in surroundings.environments
    }
    for path in paths:
        if path.suffix != ".yaml" and path.name not in known:
            raise TemplateRefused(
                f"{path.relative_to(root)}: is neither a template nor its parameters",
                expected="<template>.yaml, and <template>.<environment>.json with its parameters",
            )
    return [_wanted(root, path, spec, tenant, context) for path in paths if path.suffix == ".yaml"]


def _wanted(root: Path, path: Path, spec: EnvironmentSpec, tenant: Tenant, context: Context) -> Wanted:
    shown = path.relative_to(root).as_posix()
    beside = path.with_name(f"{path.stem}.{spec.environment}.json")
    try:
        text = path.read_text(encoding="utf-8")
        declared = cloudformation_yaml.load(text, shown).get("Parameters") or {}
        given = beside.read_text(encoding="utf-8") if beside.is_file() else ""
        parameters = given_parameters(declared, context, given, beside.relative_to(root).as_posix())
        name = Names(spec, tenant.spec.tenant).entity(path.stem, STACK_NAME_LIMIT)
    except (Undecided, UnicodeDecodeError, NameTooLong, AttributeError) as error:
        raise TemplateRefused(f"{shown}: cannot be used in {spec.environment}", why=str(error)) from error
    missing = [key for key, value in declared.items() if "Default" not in value and key not in parameters]
    if missing:
        raise TemplateRefused(
            f"{shown}: nothing says what {', '.join(missing)} is in {spec.environment}",
            fix=f"write it into {beside.relative_to(root)}",
        )
    tags = {**tenant_tags(tenant, spec), TEMPLATE: path.stem}
    identity = (ENVIRONMENT, TENANT, TEMPLATE)
    return Wanted(spec.environment, tenant.spec.tenant, name, shown, text, parameters, tags, identity)
