"""JSON Schemas: fresh, and of one mind with the models."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from generator import model
from generator.model.shapes import SHAPES
from generator.spec import odcs
from generator.spec.document import read
from generator.spec.schema import environment_schema, schema_files, tenant_schema, write_schemas
from tests.generator.project import CASES

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("path", schema_files())
def test_copy_in_the_repository_is_fresh(path: str) -> None:
    assert (ROOT / path).read_text("utf-8") == schema_files()[path], (
        f"{path} is old; write it: "
        "python -c 'from pathlib import Path; from generator.spec.schema import write_schemas; write_schemas(Path())'"
    )


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    assert write_schemas(tmp_path) == [Path(path) for path in schema_files()]
    assert write_schemas(tmp_path) == []


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        (tenant_schema(), "tenants/annuity/tenant.yaml"),
        (environment_schema(), "environments/dev/environment.yaml"),
        (environment_schema(), "environments/prod/environment.yaml"),
    ],
)
def test_own_specs_agree_with_it(schema: dict[str, Any], path: str) -> None:
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(read(ROOT, path).root.plain(), schema)


@pytest.mark.parametrize(
    "case", ["tenant_unknown_keys", "tenant_missing_keys", "tenant_wrong_types", "tenant_bad_name"]
)
def test_it_refuses_what_the_model_refuses(case: str) -> None:
    found = read(CASES / "bad", f"{case}.yaml").root.plain()
    assert list(jsonschema.Draft7Validator(tenant_schema()).iter_errors(found))


def test_every_key_is_described() -> None:
    properties = tenant_schema()["properties"]
    assert [name for name, schema in properties.items() if not schema.get("description")] == []


def test_every_pattern_has_its_words() -> None:
    modules = [*Path(str(model.__file__)).parent.glob("*.py"), Path(str(odcs.__file__))]
    source = "".join(module.read_text() for module in modules)
    used = set(re.findall(r'pattern=r"([^"]+)"', source))
    assert used
    assert used <= SHAPES.keys()
