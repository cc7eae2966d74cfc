"""From stacks to the text of every rendered file, and from there to the disk.

`render_tree` is pure: the same tenants, environments and templates give the same bytes. Templates lay out and decide
nothing; a value reaches them only through the filters of `escape.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from functools import cache, partial
from pathlib import Path, PurePosixPath

from jinja2 import Environment, PackageLoader, StrictUndefined

from generator.model import EnvironmentSpec, Tenant
from generator.render import escape
from generator.render.dag import dag_values
from generator.render.ingestion import pipeline_values
from generator.render.job_flow import job_flow_values
from generator.render.manifest import Origin, manifest_text
from generator.render.promise import promise_values
from generator.render.terraform_values import platform_files, tenant_files
from generator.render.warehouse_sql import ddl_values, load_values, readers_values, report_values
from generator.render.writer import Drift, RenderResult, drift, write
from generator.resolve.decisions import resolve, resolve_platform
from generator.resolve.run_values import CONSTANTS
from generator.resolve.stack import PlatformStack, Stack
from generator.spec.contract import contracts_json
from generator.spec.project import load_environments, load_project, load_tenant, tenant_names

RENDERED = "environments/{environment}/rendered/{stack}"
TENANT_TEMPLATES = ("dag/", "emr/", "ingest/", "warehouse/", "terraform/shared/", "terraform/tenant/")
PLATFORM_TEMPLATES = ("terraform/platform/", "terraform/shared/")

Files = dict[str, str]
"""{path below the stack's folder: text}."""
Tree = dict[PurePosixPath, str]
"""{path below the repository's root: text}."""


def render(root: Path) -> RenderResult:
    """Render every tenant and environment of a repository to its files.

    Raises:
        SpecErrors: every mistake of every spec.
        RenderConflict: a rendered file was edited by hand, or is foreign; nothing was written.
    """
    return write(root, render_project(root))


def check_render(root: Path, tenants: Collection[str] | None = None) -> list[Drift]:
    """Return where a repository's rendered files differ from a fresh render; nothing is written.

    Args:
        tenants: look at these tenants' stacks only; a name without a tenant is one whose files must be gone.

    Raises:
        SpecErrors: every mistake of every spec that was looked at.
    """
    if tenants is None:
        return drift(root, render_project(root))
    existing = [load_tenant(root, name) for name in sorted(set(tenants) & set(tenant_names(root)))]
    tree = render_tree(existing, list(load_environments(root).values()))
    return drift(root, {path: text for path, text in tree.items() if path.parts[3] in tenants}, tenants)


def render_project(root: Path) -> Tree:
    """Return every rendered file of a repository as its specs are now."""
    project = load_project(root)
    return render_tree(list(project.tenants.values()), list(project.environments.values()))


def render_tree(tenants: Sequence[Tenant], environments: Sequence[EnvironmentSpec]) -> Tree:
    """Return every rendered file of every stack, manifests included.

    Raises:
        ReportError: a report is not one plain query.
        NameTooLong: a name exceeds a limit of AWS.
    """
    tree: Tree = {}
    for environment in environments:
        platform = resolve_platform(environment)
        origin = Origin.of_platform(environment, template_hashes(PLATFORM_TEMPLATES))
        tree |= _placed(environment, platform.name, platform_stack_files(platform), origin)
        for tenant in tenants:
            stack = resolve(tenant, environment)
            origin = Origin.of_tenant(tenant, environment, template_hashes(TENANT_TEMPLATES))
            tree |= _placed(environment, stack.name, tenant_stack_files(stack), origin)
    return dict(sorted(tree.items()))


def tenant_stack_files(stack: Stack) -> Files:
    """Return the files of one tenant in one environment."""
    files = {
        f"dag/{stack.names.dag_id}.py": _text("dag/dag.py.j2", dag_values(stack)),
        f"dag/{stack.names.promise_dag_id}.py": _text("dag/promise.py.j2", promise_values(stack)),
    }
    if stack.capacity:
        files["dag/job_flow.json"] = _json("emr/job_flow.json.j2", job_flow_values(stack))
    for source in stack.sources:
        files[f"dag/{source.pipeline_file}"] = _pipeline(pipeline_values(stack, source))
    files |= _warehouse(stack) | {"contracts.json": contracts_json(stack.tenant.contracts)}
    return files | _below("terraform", tenant_files(stack, _text))


def platform_stack_files(stack: PlatformStack) -> Files:
    """Return the files of what an environment's tenants share."""
    return _below("terraform", platform_files(stack, _text))


def _below(folder: str, files: Files) -> Files:
    return {f"{folder}/{path}": text for path, text in files.items()}


def _warehouse(stack: Stack) -> Files:
    loading = stack.loading
    if loading is None:
        return {}
    files = {"dag/warehouse/ddl.sql": _text("warehouse/ddl.sql.j2", ddl_values(stack, loading))}
    for dataset in stack.datasets:
        if dataset.is_loaded:
            values = load_values(stack, loading, dataset)
            files[f"dag/warehouse/load/{dataset.name}.sql"] = _text("warehouse/load.sql.j2", values)
    for report in loading.reports:
        values = report_values(stack, loading, report)
        files[f"dag/warehouse/reports/{report}.sql"] = _text("warehouse/report.sql.j2", values)
    if loading.readers:
        files["dag/warehouse/readers.sql"] = _text("warehouse/readers.sql.j2", readers_values(stack, loading))
    return files


def _pipeline(values: Mapping[str, object]) -> str:
    """Return a pipeline with the hash of its content, by which an operator sees whether the engine has this version."""
    document = json.loads(_text("ingest/pipeline.json.j2", values))
    content = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    document["pipelineConfig"]["metadata"]["sluice.sha256"] = content
    return escape.json_document(document)


def _placed(environment: EnvironmentSpec, stack: str, files: Files, origin: Origin) -> Tree:
    folder = PurePosixPath(RENDERED.format(environment=environment.environment, stack=stack))
    placed = {folder / path: text for path, text in files.items()}
    return placed | {folder / "MANIFEST.json": manifest_text(origin, files)}


def _text(template: str, values: Mapping[str, object]) -> str:
    return _templates().get_template(template).render(values)


def _json(template: str, values: Mapping[str, object]) -> str:
    """Return a JSON file in one layout, whatever the template's line ends; a template that is not JSON fails here."""
    return escape.json_document(json.loads(_text(template, values)))


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("generator.render"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - no HTML: each language has its own filter
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["json"] = escape.json_text
    templates.filters["literal"] = escape.python_literal
    templates.filters["templated"] = partial(escape.python_literal, constants=CONSTANTS)
    return templates


def template_hashes(prefixes: Sequence[str]) -> dict[str, str]:
    """Return {template: SHA-256 of its text} of the templates that a kind of stack is rendered from."""
    templates = _templates()
    assert templates.loader is not None
    names = [name for name in templates.list_templates() if name.startswith(tuple(prefixes))]
    sources = {name: templates.loader.get_source(templates, name)[0] for name in sorted(names)}
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in sources.items()}
