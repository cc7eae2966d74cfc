"""`sluice plan` on roots of terraform_data: what a change touches, read-only, and what is kept for people."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from delivery.kept import NoCurrentPlan, kept_plan
from delivery.plan import PLAN_FILE, apply, plan, state_version
from delivery.plan_digest import StateVersion
from delivery.plan_reading import read_plan
from delivery.plan_role import OVERRIDE, ReadOnlyPlan
from delivery.supervision import Interruption
from delivery.workspace import StackId
from sluice import cli, gating
from tests.delivery.conftest import MakeStack, client, repository, s3

__all__ = ["repository", "s3"]
pytestmark = pytest.mark.terraform

REPOSITORY = Path(__file__).parents[2]
SECRET = "tH1s-is-secret"
ROOT_TF = f"""
variable "seconds" {{
  type    = number
  default = 0
}}
variable "password" {{
  type      = string
  default   = "{SECRET}"
  sensitive = true
}}
resource "terraform_data" "only" {{
  input = {{ name = "plain-value", password = var.password }}
}}
output "password" {{
  value     = var.password
  sensitive = true
}}
"""
ANNUITY = StackId("dev", "annuity")


@pytest.fixture
def tree(repository: MakeStack, s3: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A committed tree of a platform and two tenants in dev, with roles as rendered roots have them."""
    for stack in ("platform", "annuity", "claims"):
        root = repository("dev", stack, root_tf=ROOT_TF)
        path = root / f"environments/dev/rendered/{stack}/terraform/backend.tf.json"
        document = json.loads(path.read_text())
        role = {"role_arn": "arn:aws:iam::123456789012:role/sluice-deploy", "session_name": stack}
        document["terraform"]["backend"]["s3"] |= {"assume_role": role}
        path.write_text(json.dumps(document))
    shutil.copy(REPOSITORY / "environments/dev/environment.yaml", root / "environments/dev")
    (root / ".gitignore").write_text(".sluice/\nkept/\n")
    git(root, "init", "-q", "-b", "main")
    commit(root)
    for name, value in s3.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(root)
    monkeypatch.setattr("sluice.commands.affected.check_render", lambda root, tenants: [])  # no specs here
    return root


def git(root: Path, *arguments: str) -> None:
    author = ("-c", "user.name=Ann", "-c", "user.email=ann@meridian.example")
    subprocess.run(["git", *author, *arguments], cwd=root, check=True, capture_output=True)


def commit(root: Path) -> None:
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "change")


def touch(root: Path, stack: str) -> None:
    path = root / f"environments/dev/rendered/{stack}/terraform/main.tf"
    path.write_text(path.read_text() + "\n# another line\n")


def summary(root: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((root / "kept/summary.json").read_text())
    return document


def test_only_what_a_branch_touches_is_planned_and_what_vanished_is_named(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(tree, "checkout", "-q", "-b", "branch")
    touch(tree, "annuity")
    git(tree, "rm", "-rq", "environments/dev/rendered/claims")
    commit(tree)
    git(tree, "checkout", "-q", "main")
    touch(tree, "platform")  # somebody else's change, which is not the branch's
    commit(tree)
    git(tree, "checkout", "-q", "branch")

    assert cli.run(["plan", "--affected-since", "main", "--out", "kept"]) == 0
    assert list(summary(tree)) == ["dev/annuity"]
    affected = json.loads((tree / "kept/affected.json").read_text())
    assert affected == {"plan": ["dev/annuity"], "gate": ["dev/annuity"], "decommission": ["dev/claims"]}
    said = capsys.readouterr().out
    assert "dev/claims: nothing renders it any more: sluice decommission claims --env dev" in said
    assert "`dev/claims`" in (tree / "kept/summary.md").read_text()


TEMPLATE = """
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: meridian-dev-annuity-events}}
"""


def test_templates_of_a_touched_tenant_are_compared(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(tree, "checkout", "-q", "-b", "branch")
    shutil.copytree(REPOSITORY / "tenants/annuity", tree / "tenants/annuity")
    shutil.copytree(REPOSITORY / "spark_jobs/annuity", tree / "spark_jobs/annuity", dirs_exist_ok=True)
    own = tree / "tenants/annuity/cloudformation"
    own.mkdir()
    (own / "events.yaml").write_text(TEMPLATE)
    commit(tree)
    assert cli.run(["plan", "--affected-since", "main", "--read-only", "--out", "kept"]) == 0
    name = "dev/meridian-dev-annuity-events"
    found = json.loads((tree / "kept/cloudformation.json").read_text())
    assert (list(found), found[name]["counts"], found[name]["read_only"]) == ([name], {"add": 1}, True)
    assert f"{name}: new stack: 1 to add" in capsys.readouterr().out
    assert f"`{name}`" in (tree / "kept/summary.md").read_text()

    (own / "events.yaml").write_text(TEMPLATE.replace("TopicName", "Colour"))
    commit(tree)
    assert cli.run(["plan", "--affected-since", "main", "--read-only", "--out", "kept"]) == 1
    assert "Colour" in json.loads((tree / "kept/failed.json").read_text())["dev/cloudformation"]
    assert list(summary(tree)) == ["dev/annuity"], "what could be planned is kept"
    assert json.loads((tree / "kept/cloudformation.json").read_text()) == {}


def test_nothing_touched_is_no_error_and_leaves_nothing_old(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "kept/dev/claims").mkdir(parents=True)
    for old in ("dev/claims/plan.json", "failed.json"):
        (tree / "kept" / old).write_text("old")
    assert cli.run(["plan", "--affected-since", "main", "--out", "kept"]) == 0
    assert summary(tree) == {}
    assert not list((tree / "kept").rglob("plan.json"))
    assert not (tree / "kept/failed.json").exists()
    assert "nothing to plan" in capsys.readouterr().out


def test_what_is_kept_holds_no_secret_and_is_its_owners_alone(tree: Path) -> None:
    assert cli.run(["plan", "--env", "dev", "--out", "kept", "--exit-code"]) == 1
    for path in (path for path in (tree / "kept").rglob("*") if path.is_file()):
        assert SECRET not in path.read_text(), path
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    plan_json = json.loads((tree / "kept/dev/annuity/plan.json").read_text())
    after = plan_json["resource_changes"][0]["change"]["after"]
    assert after["input"] == {"name": "plain-value", "password": "(sensitive)"}
    run = tree / ".sluice/run/dev/annuity" / ANNUITY.rendered / "terraform"
    assert stat.S_IMODE((run / PLAN_FILE).stat().st_mode) == 0o600
    assert summary(tree)["dev/annuity"]["counts"] == {"create": 1}


def test_a_plan_for_reading_takes_no_lock_and_is_never_applied(tree: Path, s3: dict[str, str]) -> None:
    lock = f"{tree.name}/dev/annuity.tfstate.tflock"
    client(s3).put_object(Bucket="state", Key=lock, Body=b'{"ID": "somebody"}')
    made = plan(tree, ANNUITY, Interruption(), s3, read_only=True)
    assert kept_plan(tree, ANNUITY, s3) == made.folder, "the gate may judge it"
    override = json.loads((made.folder / OVERRIDE).read_text())
    assert override["terraform"]["backend"]["s3"]["assume_role"]["role_arn"].endswith(":role/sluice-plan")
    with pytest.raises(ReadOnlyPlan, match="dev/annuity: its plan was made for reading") as caught:
        apply(tree, made, Interruption(), s3)
    assert caught.value.exit_code == 1
    pretended = type(made)(**{**vars(made), "read_only": False})
    with pytest.raises(ReadOnlyPlan):
        apply(tree, pretended, Interruption(), s3)

    client(s3).delete_object(Bucket="state", Key=lock)
    applicable = plan(tree, ANNUITY, Interruption(), s3)
    assert read_plan(applicable, s3).digest != read_plan(made, s3).digest
    apply(tree, applicable, Interruption(), s3)
    assert state_version(ANNUITY, applicable.folder, s3).serial > 0


def test_another_role_in_the_override_is_no_current_plan(tree: Path, s3: dict[str, str]) -> None:
    made = plan(tree, ANNUITY, Interruption(), s3, read_only=True)
    override = made.folder / OVERRIDE
    override.write_text(override.read_text().replace("sluice-plan", "sluice-deploy"))
    with pytest.raises(NoCurrentPlan, match="is not what was planned"):
        kept_plan(tree, ANNUITY, s3)


def test_no_state_before_the_first_apply(tree: Path, s3: dict[str, str]) -> None:
    made = plan(tree, StackId("dev", "claims"), Interruption(), s3)
    assert state_version(made.stack, made.folder, s3) == StateVersion("", 0)


def test_what_could_not_be_planned_is_kept_too(tree: Path) -> None:
    (tree / "environments/dev/rendered/claims/terraform/main.tf").write_text("nonsense {")
    assert cli.run(["plan", "--env", "dev", "--out", "kept"]) == 3
    assert set(summary(tree)) == {"dev/platform", "dev/annuity"}
    assert json.loads((tree / "kept/failed.json").read_text())["dev/claims"].startswith("dev/claims: terraform init")


def test_events_are_all_that_stands_on_stdout(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["plan", "--env", "dev", "--stack", "annuity", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(item["event"], item["stack"]) for item in events] == [
        ("planning", "dev/annuity"),
        ("planned", "dev/annuity"),
    ]
    assert events[1]["counts"] == {"create": 1}
    assert all(item["at"].endswith("+00:00") for item in events)


@pytest.mark.parametrize("arguments", [["plan"], ["apply", "--env", "dev", "--json"]])
def test_usage(tree: Path, arguments: list[str]) -> None:
    assert cli.run(arguments) == 2


def test_an_apply_without_applying(
    tree: Path, s3: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    judged: list[str] = []
    monkeypatch.setattr(gating, "require", lambda root, planned, variables: judged.append(str(planned.stack)))
    monkeypatch.setattr(gating, "brief", lambda result: "judged")
    assert cli.run(["apply", "--env", "dev", "--stack", "annuity", "--dry-run", "--json"]) == 0
    events = [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert events == ["planning", "planned", "judging", "gated"]
    assert judged == ["dev/annuity"]
    keys = client(s3).list_objects_v2(Bucket="state", Prefix=f"{tree.name}/")
    assert "Contents" not in keys

    assert cli.run(["apply", "--env", "dev", "--stack", "annuity", "--yes", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [item["event"] for item in events][4:] == ["applying", "resource", "resource", "applied"]
    assert [item["state"] for item in events if item["event"] == "resource"] == ["started", "done"]
    assert events[-1]["counts"] == {"add": 1, "change": 0, "remove": 0}
