"""A new tenant: a spec of few lines, its contracts, a job and the job's test, which render, pass and run at once.

Decides what a beginning looks like. `scaffold_files` is pure; `new_tenant` reads what is there, writes only new files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from generator.errors import AlreadyThere, Place, SpecError, SpecErrors, UnknownSourceSystem
from generator.model import EnvironmentSpec, TenantSpec
from generator.spec.document import Document, parse
from generator.spec.graph import check_graph
from generator.spec.project import load_environments, tenant_names
from generator.spec.tenant import check_names, name_errors
from generator.spec.validation import validate

COMMAND = "sluice new"
"""Where a mistake in an argument stands."""

COST_CENTRE = "CC-0000"
"""Stands in a new spec until the team writes its own."""

REJECTED = "rejected_record"


def new_tenant(
    root: Path,
    name: str,
    owner: str,
    sources: Sequence[str] = ("records",),
    job: str = "conform",
    *,
    dry_run: bool = False,
) -> list[Path]:
    """Write the files of a new tenant, unless it is a dry run, and return their paths relative to `root`.

    Raises:
        SpecErrors: an argument is no valid name, a name is taken or reserved, no source system is known to every
            environment, or a file is there already. Nothing is written then.
    """
    environments = load_environments(root)
    system = common_system(environments)
    _check_arguments(name, owner, sources, job, system, tenant_names(root), environments)
    files = scaffold_files(name, owner, sources, job, system)
    taken = [path for path in files if (root / path).exists()]
    if taken:
        raise SpecErrors(_already_there(path) for path in taken)
    for path, text in files.items() if not dry_run else ():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    return [Path(path) for path in files]


def scaffold_files(name: str, owner: str, sources: Sequence[str], job: str, system: str) -> dict[str, str]:
    """Return {path below the repository's root: text} of a new tenant. The arguments must be valid names.

    Args:
        system: the source system that lands every source; the team changes it where another does.
    """
    datasets = {source: _dataset(source) for source in sources}
    contracts, package = f"tenants/{name}/contracts", name.replace("-", "_")
    code = f"spark_jobs/{package}"
    values: dict[str, object] = {"tenant": name, "package": package, "job": job, "rejected": REJECTED}
    spec_values = {"owner": owner, "cost_centre": COST_CENTRE, "system": system}
    spec = _fill("tenant.yaml", **values, **spec_values, sources=sources, datasets=list(datasets.values()))
    files = {f"tenants/{name}/tenant.yaml": spec}
    for source, dataset in datasets.items():
        files[f"{contracts}/{source}.odcs.yaml"] = _fill("source.odcs.yaml", tenant=name, name=source)
        files[f"{contracts}/{dataset}.odcs.yaml"] = _fill("dataset.odcs.yaml", tenant=name, name=dataset, source=source)
    files[f"{contracts}/{REJECTED}.odcs.yaml"] = _fill("rejected.odcs.yaml", tenant=name, name=REJECTED)
    values |= {"sources": list(datasets.items()), "imports": _imports(package, job)}
    return files | {
        f"{code}/__init__.py": f'"""Spark jobs of the tenant {name}."""\n',
        f"{code}/{job}/__init__.py": '"""Take the source records over: typed, valid, deduplicated."""\n',
        f"{code}/{job}/job.py": _fill("job.py", **values),
        f"{code}/{job}/transform.py": _fill("transform.py", **values),
        f"tests/spark_jobs/{package}/test_{job}.py": _fill("test_job.py", **values),
    }


def common_system(environments: dict[str, EnvironmentSpec]) -> str:
    """Return a source system that every environment knows, the first by name.

    Raises:
        SpecErrors: there is none.
    """
    known = [set(environment.source_systems) for environment in environments.values()]
    common = set.intersection(*known) if known else set()
    if not common:
        raise SpecErrors(
            [
                UnknownSourceSystem(
                    Place("environments", line=0),
                    "no source system is known to every environment",
                    expected="at least one name that stands in source_systems of each environment.yaml",
                    why="a new tenant's files must come from somewhere",
                    fix="add the source system's role to each environment.yaml",
                )
            ]
        )
    return min(common)


def _check_arguments(
    name: str,
    owner: str,
    sources: Sequence[str],
    job: str,
    system: str,
    tenants: list[str],
    environments: dict[str, EnvironmentSpec],
) -> None:
    """Judge the arguments as the spec that they will become, but name the command as their place."""
    writes = [*map(_dataset, sources), REJECTED]
    written = {
        "tenant": name,
        "description": "-",
        "owner": owner,
        "cost_centre": COST_CENTRE,
        "sources": {source: {"system": system} for source in sources},
        "jobs": {job: {"reads": list(sources), "writes": writes}},
        "publishes": writes,
    }
    document: Document = parse(COMMAND, json.dumps(written))
    try:
        valid = validate(document, TenantSpec)
    except SpecErrors as error:
        # What was derived from a wrong name is wrong too; saying it once is enough.
        derived = re.compile(r"publishes|jobs[.].*[.](reads|writes)")
        raise _at_command(found for found in error.errors if not derived.match(found.field)) from error
    errors: list[SpecError] = list(name_errors(name, tenants, Place(COMMAND, line=0, field="tenant")))
    errors += [*check_graph(valid, document), *check_names(valid, document, name, environments)]
    if errors:
        raise _at_command(errors)


def _at_command(errors: Iterable[SpecError]) -> SpecErrors:
    return SpecErrors(error.moved(Place(COMMAND, line=0, column=0, field=error.field)) for error in errors)


def _already_there(path: str) -> AlreadyThere:
    return AlreadyThere(
        Place(path, line=0),
        "this file exists already",
        value=path,
        expected="a tenant whose files do not exist",
        why="a new tenant never overwrites what someone wrote",
        fix="choose another name, or remove the file",
    )


def _imports(package: str, job: str) -> dict[str, list[str]]:
    """Return {file: import lines that depend on the tenant's name}, in the order that the linter asks for."""
    own = f"from spark_jobs.{package}.{job}.transform import SOURCES, transform"
    runtime = "from spark_jobs.runtime"
    return {
        "job": sorted([own, f"{runtime} import Inputs, run"]),
        "test": sorted(
            [
                own,
                f"{runtime}.contract import Contracts",
                f"{runtime}.records import detail_records, read_fields",
            ]
        ),
    }


def _dataset(source: str) -> str:
    return f"clean_{source}"


def _fill(template: str, **values: object) -> str:
    return _templates().get_template(f"{template}.j2").render(values)


@cache
def _templates() -> Environment:
    # What is filled in are names that the model has judged, so nothing needs escaping; autoescape is for HTML.
    return Environment(
        loader=PackageLoader("generator.scaffold"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
