"""Names of tenants and of what they own: free, short enough, and apart from everybody else's.

Decides which names a tenant may take beside the platform and the other tenants. It must not know files or data flow.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping

from generator.errors import (
    NameClash,
    NameLengthError,
    Place,
    ReservedName,
    SpecError,
    UnknownSourceSystem,
    WrongFolder,
    nearest,
    one_of,
    shown,
)
from generator.model import PLATFORM, EnvironmentSpec, TenantSpec
from generator.names import BUCKET_LIMIT, ROLE_LIMIT, ZONES, Names, NameTooLong
from generator.spec.document import Document
from generator.spec.yaml_tree import Location

RESERVED_TENANTS = {
    PLATFORM: "the platform's own stack is called so",
    "runtime": "the shared Spark runtime lies in spark_jobs/runtime",
    "dags": "the shared Airflow runtime lies in the DAG bucket's folder dags",
}

RESERVED_TASKS = (
    "wait_for_sources",
    "open_run",
    "verify_ingest",
    "create_cluster",
    "find_cluster",
    "join_steps",
    "terminate_cluster",
    "publish",
    "point_catalog",
    "load_warehouse",
    "refresh_reports",
    "grant_readers",
)
"""Tasks that every rendered DAG has; jobs are tasks of the same DAG."""

LEDGER = "load_ledger"
"""The warehouse table in each tenant's schema that remembers what was loaded."""


def check_tenants(names: list[str], paths: Mapping[str, str]) -> list[SpecError]:
    """Return the mistakes in tenants' names beside each other.

    Args:
        names: every tenant's folder.
        paths: {tenant to judge: its spec's path}.
    """
    return [error for name, path in paths.items() for error in name_errors(name, names, Place(path, field="tenant"))]


def name_errors(name: str, others: list[str], place: Place) -> Iterator[SpecError]:
    """Yield what is wrong with a tenant's name beside `others`, reserved names and the platform's."""
    if name in RESERVED_TENANTS:
        yield ReservedName(
            place,
            f"{shown(name)} is reserved",
            value=name,
            expected=f"a name other than {', '.join(sorted(RESERVED_TENANTS))}",
            why=RESERVED_TENANTS[name],
            fix="choose another name for the tenant and its folder",
        )
        return
    for other in [*sorted(others), PLATFORM]:
        if other != name and (other.startswith(name) or name.startswith(other)):
            short, long = sorted((name, other), key=len)
            yield NameClash(
                place,
                f"{shown(name)} and {other!r} begin alike: {short!r} is a prefix of {long!r}",
                value=name,
                expected="tenants' names of which none begins with another",
                why=f"a grant on names that begin with {short!r} would also cover {long!r}",
                fix="rename one of them so that they differ within the shorter name",
            )


def check_names(
    spec: TenantSpec, document: Document, folder: str, environments: Mapping[str, EnvironmentSpec]
) -> list[SpecError]:
    """Return every mistake in the names that a spec gives and that are composed from it."""
    return [
        *_folder(spec, document, folder),
        *_datasets(spec, document),
        *_keywords(spec, document),
        *_tasks(spec, document),
        *_tables(spec, document),
        *_systems(spec, document, environments),
        *_lengths(spec, document, environments),
    ]


def _folder(spec: TenantSpec, document: Document, folder: str) -> Iterator[SpecError]:
    if spec.tenant != folder:
        yield WrongFolder(
            document.at(("tenant",)),
            f"{shown(spec.tenant)} stands in the folder {folder!r}",
            value=spec.tenant,
            expected=repr(folder),
            why="rendered files, state and releases are found by the folder's name",
            fix=f"write tenant: {folder}, or rename the folder to tenants/{spec.tenant}",
        )


def _datasets(spec: TenantSpec, document: Document) -> Iterator[SpecError]:
    for job, item in spec.jobs.items():
        for index, dataset in enumerate(item.writes):
            if dataset in spec.sources:
                yield _clash(
                    document,
                    ("jobs", job, "writes", index),
                    dataset,
                    "a source of this tenant has the same name",
                    "a job that reads this name could mean either, and both would have one contract",
                )


def _keywords(spec: TenantSpec, document: Document) -> Iterator[SpecError]:
    """Tenants and jobs become Python packages."""
    named: list[tuple[Location, str]] = [(("tenant",), spec.package), *((("jobs", job), job) for job in spec.jobs)]
    for location, name in named:
        if keyword.iskeyword(name):
            yield ReservedName(
                document.at(location, key=location[0] == "jobs"),
                f"{shown(name)} is a word of Python",
                value=name,
                expected="a name that is not a Python keyword",
                why="the code lies in a Python package of this name, which could not be imported",
                fix="choose another name",
            )


def _tasks(spec: TenantSpec, document: Document) -> Iterator[SpecError]:
    ingests = {f"ingest_{source}" for source in spec.sources}
    for job in spec.jobs:
        if job in RESERVED_TASKS or job in ingests:
            yield _clash(
                document,
                ("jobs", job),
                job,
                "every DAG has a task of this name",
                "a job is a task of the same DAG",
                key=True,
            )


def _tables(spec: TenantSpec, document: Document) -> Iterator[SpecError]:
    for report in spec.reports:
        if report in (*spec.warehouse, LEDGER):
            taken = "the load ledger" if report == LEDGER else "a warehouse table"
            why = "reports and tables lie in one schema"
            yield _clash(document, ("reports", report), report, f"{taken} has the same name", why, key=True)
    for index, table in enumerate(spec.warehouse):
        if table == LEDGER:
            problem, why = "the load ledger has the same name", "it lies in the same schema"
            yield _clash(document, ("warehouse", index), table, problem, why)


def _systems(spec: TenantSpec, document: Document, environments: Mapping[str, EnvironmentSpec]) -> Iterator[SpecError]:
    for source, item in spec.sources.items():
        for name, environment in environments.items():
            if item.system in environment.source_systems:
                continue
            is_known_elsewhere = any(item.system in other.source_systems for other in environments.values())
            meant = None if is_known_elsewhere else nearest(item.system, environment.source_systems)
            yield UnknownSourceSystem(
                document.at(("sources", source, "system")),
                f"{shown(item.system)} is unknown in {name}" + (f", did you mean {meant!r}?" if meant else ""),
                value=item.system,
                expected=one_of(environment.source_systems),
                why="only a role that the environment names may land files",
                fix=f"write {meant}" if meant else f"add it to source_systems of environments/{name}/environment.yaml",
            )


def _lengths(spec: TenantSpec, document: Document, environments: Mapping[str, EnvironmentSpec]) -> Iterator[SpecError]:
    for environment in environments.values():
        names = Names(environment, spec.tenant)
        composed: list[tuple[Location, str, int]] = [(("tenant",), zone, BUCKET_LIMIT) for zone in ZONES]
        composed += [(("tenant",), entity, ROLE_LIMIT) for entity in ("warehouse-load", "boundary")]
        composed += [(("jobs", job), names.job_role(job), ROLE_LIMIT) for job in spec.jobs]
        for location, entity, limit in composed:
            try:
                names.entity(entity, limit)
            except NameTooLong as error:
                yield _too_long(document, location, environment.environment, error)


def _too_long(document: Document, location: Location, environment: str, error: NameTooLong) -> NameLengthError:
    return NameLengthError(
        document.at(location, key=location[0] == "jobs"),
        f"{error.name!r}, its name in {environment}, has {len(error.name)} characters",
        value=error.name,
        expected=f"at most {error.limit} characters",
        why="AWS refuses longer names",
        fix=f"shorten {location[-1] if location[0] == 'jobs' else 'the name'} by {len(error.name) - error.limit}",
    )


def _clash(
    document: Document, location: Location, name: str, problem: str, why: str, *, key: bool = False
) -> NameClash:
    return NameClash(
        document.at(location, key=key),
        f"{shown(name)} is taken: {problem}",
        value=name,
        expected="a name that is free",
        why=why,
        fix="choose another name, here and wherever it is used",
    )
