"""Every module is formatted, documented by an example that is valid, and passes its own `terraform test`.

The modules are copied first: Terraform writes into the folder in which it runs. Two tests run at a time, one for each
core of the smallest machine that is supported.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.modules.conftest import MODULES, Result, Terraform

pytestmark = pytest.mark.terraform

NAMES = sorted(path.parent.name for path in MODULES.glob("*/main.tf"))
ENTITIES = {
    "account",
    "airflow",
    "authority_db",
    "backup",
    "catalog",
    "emr_cluster",
    "emr_foundation",
    "lake",
    "network",
    "notebooks",
    "observability",
    "platform_boundary",
    "streamsets",
    "tenant",
    "warehouse",
}
"""The entities that the platform is made of."""
EXAMPLE = re.compile(r"^```hcl\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
SIDE_BY_SIDE = 2


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of modules/."""
    target = tmp_path_factory.mktemp("root") / "modules"
    shutil.copytree(MODULES, target, ignore=shutil.ignore_patterns(".terraform*"))
    return target


@pytest.fixture(scope="module")
def module_tests(modules: Path, attached: Terraform) -> Iterator[dict[str, Future[Result]]]:
    """{module: its `terraform test`, running or done}."""

    def run(name: str) -> Result:
        initialised = attached(modules / name, "init", "-backend=false")
        return initialised if initialised.returncode else attached(modules / name, "test")

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        yield {name: pool.submit(run, name) for name in NAMES}


def example(name: str) -> str:
    found = EXAMPLE.findall((MODULES / name / "README.md").read_text())
    assert len(found) == 1, f"modules/{name}/README.md: {len(found)} examples, one is expected"
    return str(found[0])


def test_every_entity_has_a_module() -> None:
    assert set(NAMES) >= ENTITIES


def test_formatted(modules: Path, terraform: Terraform) -> None:
    result = terraform(modules, "fmt", "-check", "-recursive", "-diff")
    assert result.returncode == 0, f"terraform fmt -recursive modules\n{result.stdout}{result.stderr}"


def test_examples_are_valid(modules: Path, terraform: Terraform) -> None:
    """All examples stand in one root, with a provider that Terraform itself has chosen by the modules' versions."""
    root = modules.parent
    shutil.copy(MODULES / "bucket" / "versions.tf", root)
    (root / "main.tf").write_text("\n".join(example(name) for name in NAMES))
    formatted = terraform(root, "fmt", "-check", "-diff", "main.tf")
    initialised = terraform(root, "init", "-backend=false")
    validated = terraform(root, "validate")
    for result in (formatted, initialised, validated):
        assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("name", NAMES)
def test_example_calls_its_module(name: str) -> None:
    assert example(name).startswith(f'module "{name}" {{\n  source = "./modules/{name}"\n')


@pytest.mark.parametrize("name", NAMES)
def test_variables_and_outputs_are_described(name: str) -> None:
    for file in ("variables.tf", "outputs.tf"):
        text = (MODULES / name / file).read_text()
        blocks = re.findall(r'^(?:variable|output) "(\w+)" \{\n(.*?)^\}', text, re.DOTALL | re.MULTILINE)
        assert blocks
        for label, body in blocks:
            assert re.search(r'^  description = ".+\."$', body, re.MULTILINE), f"modules/{name}/{file}: {label}"
            assert file == "outputs.tf" or re.search(r"^  type +=", body, re.MULTILINE), f"modules/{name}: {label}"


@pytest.mark.parametrize("name", NAMES)
def test_passes_its_own_tests(name: str, module_tests: dict[str, Future[Result]]) -> None:
    result = module_tests[name].result()
    assert result.returncode == 0, result.stdout + result.stderr
    summary = re.search(r"Success! (\d+) passed, 0 failed\.", result.stdout)
    assert summary, result.stdout
    assert int(summary[1]) > 0, f"modules/{name} has no test"
