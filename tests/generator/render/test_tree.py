"""The rendered tree is what was accepted: the same bytes every time, every file accounted for."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import hcl2
import pytest

from delivery.terraform import find_terraform
from generator.render import Tree, check_render, render, render_tree
from generator.render.tree import PLATFORM_TEMPLATES, TENANT_TEMPLATES, template_hashes
from tests.generator import golden_files, samples

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests/generator/golden"


def test_golden(tree: Tree, pytestconfig: pytest.Config) -> None:
    """Manifests hold hashes of every template, so they would change with each; `test_manifest.py` tests them."""
    texts = {path: text for path, text in tree.items() if path.name != "MANIFEST.json"}
    golden_files.compare(GOLDEN, texts, bool(pytestconfig.getoption("--update-golden")))


def test_rendering_twice_gives_the_same_bytes(tree: Tree) -> None:
    again = render_tree([samples.tenant()], list(reversed(samples.environments())))
    assert again == tree
    assert list(again) == list(tree) == sorted(tree)


def test_another_tenant_changes_no_file_of_the_first(tree: Tree) -> None:
    both = render_tree([samples.tenant("claims-two"), samples.tenant()], samples.environments())
    assert {path: text for path, text in both.items() if path.parts[3] != "claims-two"} == tree
    assert any(path.parts[3] == "claims-two" for path in both)


def test_a_manifest_names_every_file_beside_it(tree: Tree) -> None:
    for path, text in tree.items():
        if path.name == "MANIFEST.json":
            beside = {str(p.relative_to(path.parent)) for p in tree if p.is_relative_to(path.parent) and p != path}
            assert set(json.loads(text)["outputs"]) == beside


def test_every_template_that_reaches_a_file_is_hashed() -> None:
    """Terraform's shared ones in both kinds of stack."""
    tenant, platform = set(template_hashes(TENANT_TEMPLATES)), set(template_hashes(PLATFORM_TEMPLATES))
    folder = ROOT / "generator/render/templates"
    every = {path.relative_to(folder).as_posix() for path in folder.rglob("*.j2")}
    assert tenant | platform == every
    assert tenant & platform == {name for name in every if name.startswith("terraform/shared/")}


@pytest.mark.terraform
def test_rendered_hcl_is_formatted(tree: Tree, tmp_path: Path) -> None:
    for path, text in tree.items():
        if path.suffix in (".tf", ".hcl"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
    command = [*find_terraform(), "fmt", "-check", "-recursive", "-no-color", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_terraform_variables_are_declared_and_set(tree: Tree) -> None:
    """Terraform only warns of a value without a variable; here it is an error."""
    for path, text in tree.items():
        if path.name == "terraform.tfvars.json":
            declared = {
                name.strip('"'): body
                for block in hcl2.loads(tree[path.with_name("variables.tf")])["variable"]
                for name, body in block.items()
            }
            values = json.loads(text)
            assert values.keys() <= declared.keys(), path
            assert {name for name, body in declared.items() if "default" not in body} <= values.keys(), path


def test_a_repository_is_rendered_and_checked(tmp_path: Path) -> None:
    """Through files: what is committed is what the specs say, and a second render finds nothing to do."""
    shutil.copytree(ROOT / "tenants", tmp_path / "tenants")
    shutil.copytree(ROOT / "spark_jobs", tmp_path / "spark_jobs", ignore=shutil.ignore_patterns("__pycache__"))
    for environment in ("dev", "prod"):
        target = tmp_path / "environments" / environment
        target.mkdir(parents=True)
        shutil.copy(ROOT / "environments" / environment / "environment.yaml", target)
    assert {found.kind for found in check_render(tmp_path)} == {"missing"}
    first = render(tmp_path)
    assert (first.changed, first.removed, first.unchanged) == ((), (), ())
    assert check_render(tmp_path) == []
    assert render(tmp_path).unchanged == first.added
    committed = ROOT / "environments/prod/rendered/platform/terraform/main.tf"
    assert (tmp_path / committed.relative_to(ROOT)).read_text() == committed.read_text()


def test_what_is_committed_is_what_the_specs_say() -> None:
    """Job code counts too: its version stands in the DAG. Mend with `sluice render`."""
    assert [str(found) for found in check_render(ROOT)] == []
