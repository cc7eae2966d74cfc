"""A template is judged with the values that it gets, in each environment its own; what is no such value is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from policies.artefacts.cloudformation import Template
from policies.artefacts.discovery import discover
from policies.artefacts.places import ACCOUNT
from policies.check import Undecided
from policies.context import Context
from policies.errors import ArtefactUnreadable
from policies.scope import stacks_touched
from policies.surroundings import Surroundings
from tests.policies.cloudformation.test_template import CONTEXT

ROOT = Path(__file__).parents[3]
TEMPLATE = """
Parameters:
  Tenant: {Type: String}
  Days: {Type: Number, Default: 30}
  Open: {Type: String, Default: "false"}
Resources:
  Group:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: !Ref Tenant, RetentionInDays: !Ref Days, KmsKeyId: !Ref Open}
"""
FOLDER = "tenants/annuity/cloudformation"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The repository with a template of annuity, whose value differs in production."""
    for folder in ("tenants", "environments", "spark_jobs"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "logs.yaml").write_text(TEMPLATE)
    (tmp_path / FOLDER / "logs.prod.json").write_text('{"Days": 400, "Open": true}')
    return tmp_path


def templates(root: Path, stack: str = "annuity") -> dict[str, Template]:
    context = Surroundings(root, CONTEXT.today).context
    found = discover(root, ["dev", "prod"], [stack], context)
    return {item.context.environment: item for item in found if isinstance(item, Template)}


def judged_by(template: Template) -> dict[str, object]:
    return dict(template.declared["Group"].properties)


def test_each_environment_has_its_own_values(root: Path) -> None:
    found = templates(root)
    assert judged_by(found["dev"]) == {"LogGroupName": "annuity", "RetentionInDays": 30, "KmsKeyId": "false"}
    assert judged_by(found["prod"]) == {"LogGroupName": "annuity", "RetentionInDays": 400, "KmsKeyId": "true"}


@pytest.mark.parametrize(
    "values", ['{"Days": [1]}', '{"Colour": 1}', '{"Tenant": "claims"}', "7", "{", '{"Days": 1, "Days": 2}']
)
def test_values_that_cannot_be_meant_leave_the_template_without_a_verdict(values: str) -> None:
    template = Template("t.yaml", TEMPLATE, CONTEXT, values, "t.prod.json")
    with pytest.raises(Undecided, match=r"t\.prod\.json"):
        _ = template.resources


@pytest.mark.parametrize(
    "name", ["other.prod.json", "logs.json", "logs.prd.json", "more/deep.yaml", "logs.yml", "logs.template"]
)
def test_what_is_neither_template_nor_values_is_refused(root: Path, name: str) -> None:
    (root / FOLDER / name).parent.mkdir(exist_ok=True)
    (root / FOLDER / name).write_text("{}")
    with pytest.raises(ArtefactUnreadable, match=name.replace(".", r"\.")):
        templates(root)


def test_the_accounts_template_is_found_in_each_environment(root: Path) -> None:
    assert templates(root, "platform") == {}
    (root / ACCOUNT).parent.mkdir(parents=True)
    shutil.copy(ROOT / ACCOUNT, root / ACCOUNT)
    found = templates(root, "platform")
    assert {name: item.context.is_bootstrap for name, item in found.items()} == {"dev": True, "prod": True}
    assert found["prod"].values_path == "environments/prod/bootstrap.json"
    assert "meridian-prod-platform-ledger" in {item.values.get("bucket") for item in found["prod"].resources}


def test_no_other_context_is_that_of_a_bootstrap() -> None:
    surroundings = Surroundings(ROOT, CONTEXT.today)
    contexts: list[Context] = [surroundings.context(name, "platform") for name in ("", "dev", "prod")]
    assert not any(context.is_bootstrap for context in contexts)


def test_a_change_of_the_accounts_template_judges_the_platform_again() -> None:
    assert stacks_touched([ACCOUNT], ["annuity"]) == ("platform",)
    assert set(stacks_touched(["environments/prod/bootstrap.json"], ["annuity"])) == {"platform", "annuity"}
