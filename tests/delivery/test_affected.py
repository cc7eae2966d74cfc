"""Affected stacks: 2,000 generated edits, judged by an oracle that reads what Terraform would read."""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import hcl2
import pytest

from delivery.affected import affected
from delivery.workspace import PLATFORM, StackId, rendered_stacks
from generator.render import render
from generator.scaffold import new_tenant

ROOT = Path(__file__).parents[2]
COPIED = ("modules", "dags", "spark_jobs", "environments", "policies", "docs")
ENVIRONMENTS = ("dev", "prod")
EDITS = 2000

Files = dict[str, str]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of three small tenants, rendered."""
    root = tmp_path_factory.mktemp("repository")
    for name in COPIED:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "annuity", "rendered"))
    for tenant in ("alpha", "beta-two", "gamma"):
        new_tenant(root, tenant, f"{tenant}@meridian.example", sources=("orders",), job="load")
    render(root)
    return root


def read(root: Path) -> Files:
    """Return the text of every file that the edits and the oracle speak about."""
    paths = (path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_text() for path in paths if path.suffix != ".pyc"}


def changes(before: Files, after: Files) -> dict[str, str | None]:
    """Return {path: new text, or None where it is gone}."""
    return {path: after.get(path) for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


def write(root: Path, files: dict[str, str | None]) -> None:
    for path, text in files.items():
        if text is None:
            (root / path).unlink()
        else:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)


def spec_edits(root: Path, base: Files) -> Iterator[dict[str, str | None]]:
    """Yield the changed files, rendered ones included, of edits that people make to specs, jobs and environments."""
    substitutions: list[tuple[str, Callable[[str], str]]] = []
    for tenant in ("alpha", "beta-two", "gamma"):
        spec = f"tenants/{tenant}/tenant.yaml"
        substitutions += [
            (spec, lambda text: text.replace("retention_days: 2555", "retention_days: 400")),
            (spec, lambda text: text.replace("owner: ", "owner: new-")),
            (spec, lambda text: text + "# a remark\n"),
        ]
        job = next(
            path
            for path in base
            if path.startswith(f"spark_jobs/{tenant.replace('-', '_')}/") and path.endswith("job.py")
        )
        substitutions.append((job, lambda text: text + "\n# another line\n"))
        contract = next(path for path in base if path.startswith(f"tenants/{tenant}/contracts/"))
        substitutions.append((contract, lambda text: text.replace("description: ", "description: Newly told - ", 1)))
    for environment in ENVIRONMENTS:
        path = f"environments/{environment}/environment.yaml"
        substitutions.append((path, lambda text: text.replace("idle_timeout_minutes: ", "idle_timeout_minutes: 1")))
        substitutions.append((path, lambda text: text + "# a remark\n"))
    for path, change in substitutions:
        changed = change(base[path])
        assert changed != base[path], path
        write(root, {path: changed})
        render(root)
        after = read(root)
        yield changes(base, after)
        write(root, changes(after, base))


def file_edits(base: Files) -> Iterator[dict[str, str | None]]:
    """Yield edits of files that are not rendered from: modules, the Airflow runtime, documents, policies."""
    for path, text in base.items():
        if path.startswith(("modules/", "dags/", "docs/", "policies/", "spark_jobs/runtime/")) and text:
            yield {path: text + "\n"}
    yield {"modules/key/notes.tf": "# nothing\n"}
    yield {"docs/new.md": "new"}
    yield {"dags/new_runtime.py": "X = 1\n"}


@cache
def sources(text: str) -> tuple[str, ...]:
    """Return the module sources of one Terraform file, by a parser rather than by a pattern."""
    blocks = hcl2.loads(text).get("module", []) if "module" in text else []
    return tuple(str(body["source"][0]).rsplit("/", 1)[-1] for block in blocks for body in block.values())


def oracle(files: Files, stack: StackId) -> str:
    """Return a digest of everything that Terraform would read or upload for `stack`."""
    folder = f"environments/{stack.environment}/rendered/{stack.name}/"
    seen = {path for path in files if path.startswith(folder) and not path.endswith("MANIFEST.json")}
    queue = [name for path in seen if path.endswith(".tf") for name in sources(files[path])]
    while queue:
        prefix = f"modules/{queue.pop()}/"
        read_by_terraform = {
            path
            for path in files
            if path.startswith(prefix) and not path[len(prefix) :].startswith(("README", "tests/"))
        }
        if not read_by_terraform <= seen:
            seen |= read_by_terraform
            queue += [name for path in read_by_terraform if path.endswith(".tf") for name in sources(files[path])]
    if stack.name == PLATFORM:
        seen |= {path for path in files if path.startswith("dags/")}
    else:
        own = ("spark_jobs/runtime/", f"spark_jobs/{stack.name.replace('-', '_')}/", "spark_jobs/__init__.py")
        seen |= {path for path in files if path.startswith(own)}
    return hashlib.sha256("\0".join(f"{path}\0{files[path]}" for path in sorted(seen)).encode()).hexdigest()


def test_no_stack_is_missed_and_hardly_one_too_many(repository: Path) -> None:
    base = read(repository)
    stacks = [stack for name in ENVIRONMENTS for stack in rendered_stacks(repository, name)]
    truth = {stack: oracle(base, stack) for stack in stacks}
    by_spec, by_file = list(spec_edits(repository, base)), list(file_edits(base))
    choice = random.Random(20261123)  # noqa: S311 -- the same edits each time
    named = needed = 0
    for _ in range(EDITS):
        pool = choice.choice((by_spec, by_file))
        edit: dict[str, str | None] = {}
        for part in choice.sample(pool, choice.choice((1, 1, 1, 2, 3))):
            if not edit.keys() & part.keys():
                edit |= part
        after = {path: text for path, text in {**base, **edit}.items() if text is not None}
        expected = {stack for stack in stacks if oracle(after, stack) != truth[stack]}
        write(repository, edit)
        found = set(affected(repository, edit, stacks, stacks).plan)
        write(repository, {path: base.get(path) for path in edit})
        assert expected <= found, f"missed by {sorted(edit)}"
        named += len(found)
        needed += len(expected)
    assert needed > 1000
    assert named <= needed * 1.02, f"{named} named where {needed} are touched"


def test_policies_are_judged_again_everywhere_and_planned_nowhere(repository: Path) -> None:
    stacks = rendered_stacks(repository, "prod")
    result = affected(repository, ["policies/controls.yaml"], stacks, stacks)
    assert (result.plan, set(result.gate)) == ((), set(stacks))


def test_a_tenants_template_is_judged_again_beside_its_plan(repository: Path) -> None:
    stacks = rendered_stacks(repository, "prod")
    result = affected(repository, ["tenants/beta-two/cloudformation/queue.yaml"], stacks, stacks)
    assert (result.plan, result.gate) == ((), (StackId("prod", "beta-two"),))


@pytest.mark.parametrize("path", ["delivery/bootstrap/account.yaml", "environments/prod/bootstrap.json"])
def test_the_accounts_template_is_judged_again_with_the_platform(repository: Path, path: str) -> None:
    stacks = rendered_stacks(repository, "prod")
    result = affected(repository, [path], stacks, stacks)
    assert (result.plan, result.gate) == ((), (StackId("prod", "platform"),))


def test_a_path_that_no_rule_knows_touches_everything(repository: Path) -> None:
    stacks = rendered_stacks(repository, "prod")
    assert set(affected(repository, ["something/new"], stacks, stacks).plan) == set(stacks)


def test_a_renamed_tenant_is_one_to_decommission(repository: Path) -> None:
    now = rendered_stacks(repository, "prod")
    before = [*now, StackId("prod", "delta")]
    result = affected(repository, ["environments/prod/rendered/delta/terraform/main.tf"], before, now)
    assert result.decommission == (StackId("prod", "delta"),)
    assert result.plan == ()
