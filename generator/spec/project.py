"""Everything that people wrote, read from the repository: tenants, environments, contracts, reports.

Decides which files make a tenant, and that every mistake of every file is reported in one run. It must not know what is
made of them (`resolve/decisions.py`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from generator.errors import Place, SpecError, SpecErrors, UnknownTenant, nearest, one_of, shown
from generator.model import Contract, EnvironmentSpec, Tenant, TenantSpec
from generator.spec import environment as environments_of
from generator.spec.contract import contract_names, load_contract
from generator.spec.document import read
from generator.spec.graph import check_graph
from generator.spec.job_code import code_sha256
from generator.spec.remainder import remainder
from generator.spec.tenant import check_names, check_tenants
from generator.spec.tenant_files import TenantFiles, check_files
from generator.spec.validation import validate

FOLDER = "tenants"

READ_BY_TENANTS = ("environment", "organisation", "source_systems")
"""What a tenant's names are judged beside (`tenant.py`); an environment of which this is known judges them."""


@dataclass(frozen=True)
class Project:
    """All valid tenants and environments of a repository, by name."""

    tenants: dict[str, Tenant]
    environments: dict[str, EnvironmentSpec]


def load_environment(root: Path, environment: str) -> EnvironmentSpec:
    """Return one environment.

    Raises:
        SpecErrors: it does not exist, or any environment has a mistake; they are judged together.
    """
    environments = load_environments(root)
    if environment not in environments:
        place = Place(environments_of.environment_path(environment))
        raise SpecErrors([_unknown("environment", environment, environments.keys(), place)])
    return environments[environment]


def load_environments(root: Path) -> dict[str, EnvironmentSpec]:
    """Return every environment below `root/environments`, by name.

    Raises:
        SpecErrors: every mistake of every environment.
    """
    return {name: loaded.spec for name, loaded in environments_of.load(root).items()}


def load_tenant(root: Path, tenant: str) -> Tenant:
    """Return one tenant, checked also against the names of the other tenants and against every environment.

    Raises:
        SpecErrors: every mistake of its files, and of the environments; mistakes of other tenants are left to them.
    """
    names = tenant_names(root)
    if tenant not in names:
        raise SpecErrors([_unknown("tenant", tenant, names, Place(tenant_path(tenant)))])
    return _load(root, [tenant]).tenants[tenant]


def load_tenants(root: Path) -> dict[str, Tenant]:
    """Return every tenant below `root/tenants`, by name.

    Raises:
        SpecErrors: every mistake of every tenant, and of the environments.
    """
    return load_project(root).tenants


def load_project(root: Path) -> Project:
    """Return all tenants and environments.

    Raises:
        SpecErrors: every mistake of every file.
    """
    return _load(root, tenant_names(root))


def tenant_names(root: Path) -> list[str]:
    """Return the folders below `root/tenants`, each a tenant."""
    return sorted(folder.name for folder in (root / FOLDER).glob("[!.]*/") if folder.is_dir())


def tenant_path(tenant: str) -> str:
    return f"{FOLDER}/{tenant}/tenant.yaml"


def _load(root: Path, names: list[str]) -> Project:
    environments, errors = environments_of.read_all(root)
    judging = {name: loaded.spec for name, loaded in environments.items() if loaded.knows(*READ_BY_TENANTS)}
    errors += check_tenants(tenant_names(root), {name: tenant_path(name) for name in names})
    tenants: dict[str, Tenant] = {}
    for name in names:
        try:
            tenants[name] = _load_one(root, name, judging)
        except SpecErrors as error:
            errors += error.errors
    if errors:
        raise SpecErrors(errors)
    return Project(tenants, judging)


def _load_one(root: Path, name: str, environments: dict[str, EnvironmentSpec]) -> Tenant:
    contracts, errors = _read_contracts(root, name)
    try:
        document = read(root, tenant_path(name))
    except SpecErrors as error:
        raise SpecErrors([*error.errors, *errors]) from error
    try:
        spec = validate(document, TenantSpec)
    except SpecErrors as error:
        rest = remainder(document, name, error.errors)
        beside = rest.own(_judge(TenantFiles.of(root, name, rest.spec, document), environments)) if rest else []
        raise SpecErrors([*error.errors, *beside, *errors]) from error
    files = TenantFiles.of(root, name, spec, document)
    errors += _judge(files, environments)
    if errors:
        raise SpecErrors(errors)
    by_dataset = {dataset: contracts[file] for dataset, file in files.contracts.items()}
    return Tenant(
        spec=spec,
        contracts=by_dataset,
        report_sql=files.report_sql(),
        code_sha256=code_sha256(root, spec.package, by_dataset),
    )


def _judge(files: TenantFiles, environments: dict[str, EnvironmentSpec]) -> list[SpecError]:
    """Return every mistake of a spec of the right shape, in itself and beside its files and the environments."""
    spec, document = files.spec, files.document
    return [*check_graph(spec, document), *check_names(spec, document, files.name, environments), *check_files(files)]


def _read_contracts(root: Path, tenant: str) -> tuple[dict[str, Contract], list[SpecError]]:
    """Return the contracts in a tenant's folder by file name, and the mistakes of those that are not valid."""
    contracts: dict[str, Contract] = {}
    errors: list[SpecError] = []
    for name in contract_names(root, tenant):
        try:
            contracts[name] = load_contract(root, tenant, name)
        except SpecErrors as error:
            errors += error.errors
    return contracts, errors


def _unknown(kind: str, name: str, names: Collection[str], place: Place) -> UnknownTenant:
    meant = nearest(name, names)
    return UnknownTenant(
        place,
        f"there is no {kind} {shown(name)}",
        value=name,
        expected=one_of(names),
        why=f"each {kind} has a folder of its own",
        fix=f"write {meant}" if meant else "create it: sluice new TENANT" if kind == "tenant" else "create its folder",
    )
