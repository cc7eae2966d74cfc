"""What Git wants: names, parameters and tags of stacks; files that are neither template nor parameters are refused."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from delivery.cloudformation.judging import LintRefused, TemplatesRefused, lint, require
from delivery.cloudformation.proposals import TemplateRefused, Wanted
from delivery.cloudformation.templates import wanted_stacks
from delivery.kept import NoCurrentPlan
from generator.model import Tenant
from generator.spec import load_environment, load_tenant
from policies.surroundings import Surroundings

ROOT = Path(__file__).parents[3]
TEMPLATE = """
Parameters:
  Organisation: {Type: String}
  Environment: {Type: String}
  Days: {Type: Number, Default: 30}
  Size: {Type: String}
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub "${Organisation}-${Environment}-${Size}"}}
"""


@pytest.fixture(scope="module")
def annuity() -> Tenant:
    return load_tenant(ROOT, "annuity")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The templates of annuity below a root of their own."""
    place = tmp_path / "tenants/annuity/cloudformation"
    place.mkdir(parents=True)
    (place / "events.yaml").write_text(TEMPLATE)
    (place / "events.prod.json").write_text('{"Size": "large", "Days": 90}')
    return place


def wanted(folder: Path, tenant: Tenant, environment: str = "prod") -> list[Wanted]:
    spec = load_environment(ROOT, environment)
    return wanted_stacks(folder.parents[2], spec, tenant, Surroundings(ROOT, dt.date(2026, 11, 23)))


def test_a_template_is_one_stack_with_its_values(folder: Path, annuity: Tenant) -> None:
    (found,) = wanted(folder, annuity)
    assert found.name == "meridian-prod-annuity-events"
    assert found.path == "tenants/annuity/cloudformation/events.yaml"
    assert found.template == TEMPLATE
    assert found.parameters == {"Organisation": "meridian", "Environment": "prod", "Size": "large", "Days": "90"}
    assert {"env": "prod", "tenant": "annuity", "sluice-template": "events"}.items() <= found.tags.items()
    assert {"owner", "data-class", "cost-centre"} <= found.tags.keys()


def test_a_value_that_nobody_says_is_asked_for(folder: Path, annuity: Tenant) -> None:
    with pytest.raises(TemplateRefused, match="nothing says what Size is in dev") as caught:
        wanted(folder, annuity, "dev")
    assert "events.dev.json" in caught.value.fix


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"Size": "large", "Colour": "blue"}', "no parameter 'Colour'"),
        ('{"Size": "large", "Environment": "dev"}', "the platform's to say"),
        ('{"Size": ["large"]}', "not a text"),
        ('{"Size": "a", "Size": "b"}', "stands twice"),
        ("[]", "not a mapping"),
        ("{", "holds no parameters"),
    ],
)
def test_values_that_cannot_be_meant_are_refused(folder: Path, annuity: Tenant, text: str, why: str) -> None:
    (folder / "events.prod.json").write_text(text)
    with pytest.raises(TemplateRefused, match=why):
        wanted(folder, annuity)


@pytest.mark.parametrize(
    "name", ["events.yml", "more.json", "events.json", "events.prd.json", "events.template", "readme.md"]
)
def test_a_file_that_is_neither_is_refused(folder: Path, annuity: Tenant, name: str) -> None:
    (folder / name).write_text("{}")
    with pytest.raises(TemplateRefused, match=name):
        wanted(folder, annuity)


def test_a_tenant_without_templates_wants_nothing(tmp_path: Path, annuity: Tenant) -> None:
    (tmp_path / "tenants/annuity").mkdir(parents=True)
    assert wanted(tmp_path / "tenants/annuity/cloudformation", annuity) == []


def test_cfn_lint_is_asked(folder: Path) -> None:
    root, path = folder.parents[2], "tenants/annuity/cloudformation/events.yaml"
    (folder / "events.yaml").write_text("Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: x}}}\n")
    lint(root, [path], "us-east-1")
    (folder / "events.yaml").write_text("Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {Colour: blue}}}\n")
    with pytest.raises(LintRefused, match="Colour") as caught:
        lint(root, [path], "us-east-1")
    assert caught.value.exit_code == 1


def test_the_gate_fails_closed() -> None:
    def no_plan(tenant: str) -> bytes:
        raise NoCurrentPlan(f"prod/{tenant}: has no plan")

    with pytest.raises(NoCurrentPlan):
        require(ROOT, "prod", ["annuity"], no_plan)
    with pytest.raises(TemplatesRefused) as caught:
        require(ROOT, "prod", ["annuity"], lambda tenant: _empty_plan())
    assert caught.value.exit_code in (1, 4)


def _empty_plan() -> bytes:
    plan = {"format_version": "1.2", "terraform_version": "1.14.0", "planned_values": {"root_module": {}}}
    more = {"resource_changes": [], "configuration": {"root_module": {}}, "variables": {}, "complete": True}
    return json.dumps({**plan, **more}).encode()
