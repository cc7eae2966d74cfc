"""From what a team and the platform wrote to every decision about a stack.

Pure: no file, clock, network or environment variable. It must not know how anything is written (`render/tree.py`).
"""

from __future__ import annotations

from generator.model import EnvironmentSpec, Job, Tenant
from generator.names import Names
from generator.resolve.access import job_access, warehouse_access
from generator.resolve.compute import capacity, run_order, step_arguments
from generator.resolve.locations import CODE_VERSION_LENGTH, Locations
from generator.resolve.schedule import schedule
from generator.resolve.stack import (
    Loading,
    PlatformStack,
    ResolvedDataset,
    ResolvedJob,
    ResolvedSource,
    Stack,
)

WAREHOUSE_DATABASE = "warehouse"
WAREHOUSE_LOADER = "sluice_loader"
"""Database user with which load SQL runs; an administrator makes it once (modules/warehouse/README.md)."""
WAREHOUSE_ROLE = "warehouse-load"
GROUP_NAMESPACE = "awsidc"
"""Redshift knows a group of IAM Identity Center as a database role with this prefix, so that no other role is meant."""


def resolve(tenant: Tenant, environment: EnvironmentSpec) -> Stack:
    """Return every decision about one tenant in one environment.

    Raises:
        NameTooLong: tenant, environment and organisation together exceed a limit of AWS.
    """
    names = Names(environment, tenant.spec.tenant)
    locations = Locations(names)
    code_version = tenant.code_sha256[:CODE_VERSION_LENGTH]
    timing = schedule(tenant.spec)
    return Stack(
        tenant=tenant,
        environment=environment,
        names=names,
        tags=tenant_tags(tenant, environment),
        code_version=code_version,
        code_location=locations.code(code_version),
        code_prefix=locations.code_version_prefix(code_version),
        schedule=timing,
        sources=_sources(tenant, locations),
        datasets=_datasets(tenant, locations),
        jobs=_jobs(tenant, locations, code_version, timing.step_minutes),
        recovery_class=tenant.spec.recovery if environment.deletion_protection else "bronze",
        capacity=None if environment.is_long_running else capacity(tenant.spec.jobs, environment.cluster),
        loading=_loading(tenant, locations),
    )


def resolve_platform(environment: EnvironmentSpec) -> PlatformStack:
    """Return every decision about what the tenants of an environment share."""
    names = Names(environment)
    tags = {"tenant": names.tenant, "env": environment.environment, "owner": environment.alerts_email}
    tags |= {"cost-centre": "platform", "data-class": "internal"}
    return PlatformStack(environment=environment, names=names, tags=_sorted({**environment.tags, **tags}))


def tenant_tags(tenant: Tenant, environment: EnvironmentSpec) -> dict[str, str]:
    """Return the mandatory tags over the environment's own: an environment cannot rename a tenant's owner."""
    spec = tenant.spec
    mandatory = {
        "tenant": spec.tenant,
        "env": environment.environment,
        "owner": spec.owner,
        "cost-centre": spec.cost_centre,
        "data-class": spec.classification.value,
    }
    return _sorted({**environment.tags, **mandatory})


def _sources(tenant: Tenant, locations: Locations) -> tuple[ResolvedSource, ...]:
    return tuple(
        ResolvedSource(
            name=name,
            system=source.system,
            delivery=source.delivery,
            arrives_by=source.arrives_by,
            delimiter=source.delimiter,
            contract=tenant.contracts[name],
            prefix=locations.prefix(name),
            landing_manifest=locations.landing_manifest(name),
            producer_role_arn=locations.names.environment.source_systems.get(source.system),
            pipeline_id=locations.names.pipeline_id(name),
            pipeline_file=f"ingest/{name}.json",
            ingest_task=f"ingest_{name}",
        )
        for name, source in sorted(tenant.spec.sources.items())
    )


def _datasets(tenant: Tenant, locations: Locations) -> tuple[ResolvedDataset, ...]:
    spec = tenant.spec
    writer = {dataset: name for name, job in spec.jobs.items() for dataset in job.writes}
    return tuple(
        ResolvedDataset(
            name=dataset,
            contract=tenant.contracts[dataset],
            prefix=locations.prefix(dataset),
            location=locations.curated(dataset),
            written_by=writer[dataset],
            is_published=dataset in spec.publishes,
            is_loaded=dataset in spec.warehouse,
        )
        for dataset in sorted(writer)
    )


def _jobs(tenant: Tenant, locations: Locations, code_version: str, minutes: int) -> tuple[ResolvedJob, ...]:
    ordered = run_order(tenant.spec.jobs)
    return tuple(_job(tenant, name, after, locations, code_version, minutes) for name, after in ordered)


def _job(
    tenant: Tenant, name: str, after: tuple[str, ...], locations: Locations, code_version: str, minutes: int
) -> ResolvedJob:
    job: Job = tenant.spec.jobs[name]
    sources = [read for read in job.reads if read in tenant.spec.sources]
    datasets = [read for read in job.reads if read not in tenant.spec.sources]
    entrypoint = tenant.spec.entrypoint(name)
    return ResolvedJob(
        name=name,
        entrypoint=entrypoint,
        role_arn=locations.names.role_arn(locations.names.job_role(name)),
        access=job_access(locations, sources, datasets, job.writes),
        after=after,
        arguments=step_arguments(name, job, entrypoint, tuple(sources), locations, code_version),
        timeout_minutes=minutes,
    )


def _loading(tenant: Tenant, locations: Locations) -> Loading | None:
    access = warehouse_access(locations, tenant.spec.warehouse)
    if access is None:
        return None
    names = locations.names
    role_arn = names.role_arn(WAREHOUSE_ROLE)
    return Loading(
        cluster_identifier=names.platform.entity("warehouse"),
        database=WAREHOUSE_DATABASE,
        db_user=WAREHOUSE_LOADER,
        schema=names.schema,
        role_chain=f"{names.platform.role_arn('warehouse')},{role_arn}",
        role_arn=role_arn,
        access=access,
        tables=tuple(sorted(tenant.spec.warehouse)),
        reports=tuple(sorted(tenant.spec.reports)),
        readers=tuple(f"{GROUP_NAMESPACE}:{group}" for group in sorted(tenant.spec.readers)),
    )


def _sorted(values: dict[str, str]) -> dict[str, str]:
    return dict(sorted(values.items()))
