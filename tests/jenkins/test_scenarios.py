"""Real builds: our Jenkinsfile, the real verbs, real Terraform and Airflow, in a local cloud whose environments stand.

The builds follow one another, each a small change on what the one before has left. What is answered to Jenkins' own
question, and by whom, is tested with stand-ins for the verbs in test_stages.py: nothing of ours runs then.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

import pytest

from generator.names import Names
from generator.spec import load_environment
from sluice import laptop
from tests.jenkins import estate as estates
from tests.jenkins.estate import Estate
from tests.jenkins.jenkins import Build, Harness

pytestmark = [pytest.mark.sandbox, pytest.mark.terraform, pytest.mark.airflow, pytest.mark.spark]

MAIN = {"BRANCH_NAME": "main", "BUILD_NUMBER": "12", "JOB_NAME": "sluice/main"}
PULL_REQUEST = {"BRANCH_NAME": "PR-7", "CHANGE_ID": "7", "CHANGE_TARGET": "main", "JOB_NAME": "sluice/PR-7"}
DANA = "Dana Ortiz <dana@meridian.example>"
MANAGER = "Release Manager <release-manager@meridian.example>"
SPEC = "tenants/annuity/tenant.yaml"


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory, harness: Harness) -> Iterator[Estate]:
    home = tmp_path_factory.mktemp("estate")
    try:
        yield (found := estates.found(home, harness))
        found.forge.stop()
    finally:
        laptop.stop(home / "git/tree")


def describe(estate: Estate, text: str, author: str = DANA, branch: str = "main", *, is_rendered: bool = True) -> str:
    """Commit to `branch`, on top of main, what the data are said to be: one attribute of the catalogue changes."""
    estate.repository.pull()
    spec = estate.repository.tree / SPEC
    spec.write_text(re.sub(r"(?m)^description: .*$", f"description: {text}", spec.read_text()))
    if is_rendered:
        subprocess.run(["bin/sluice", "render"], cwd=estate.repository.tree, check=True, capture_output=True)
    commit = estate.repository.commit(f"Say what the data are: {text}", author)
    estate.repository.publish(branch)
    return commit


def edit(estate: Estate, path: str, old: str, new: str, branch: str) -> str:
    """Commit one edit on top of what the developer has, and return the commit."""
    file = estate.repository.tree / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    commit = estate.repository.commit(f"{path}: {new}")
    estate.repository.publish(branch)
    return commit


def described(estate: Estate, environment: str) -> str:
    """Return what the environment's Glue says about the tenant's data."""
    name = Names(load_environment(estate.repository.tree, environment), "annuity").glue_database
    return str(estate.client("glue", environment).get_database(Name=name)["Database"]["Description"])


def events(estate: Estate, environment: str) -> list[str]:
    return [record.event for record in estate.history(environment)]


def test_a_pull_request_is_planned_read_only_and_told(estate: Estate) -> None:
    build = estate.build(PULL_REQUEST, describe(estate, "One", branch="change"))
    assert build.result == "SUCCESS", str(build)
    [comment] = estate.forge.comments
    assert "prod/annuity" in comment["body"]
    assert "dev/annuity" in comment["body"]
    assert build.command("bin/sluice plan").role.endswith("sluice-jenkins-plan")
    assert described(estate, "dev") != "One"


def test_a_spec_that_was_not_rendered_stops_at_the_render(estate: Estate) -> None:
    build = estate.build(PULL_REQUEST, describe(estate, "Two", branch="change", is_rendered=False))
    assert build.result == "FAILURE"
    assert [command.script for command in build.commands if command.code] == ["bin/sluice render --check"]
    assert len(estate.forge.comments) == 1


def test_a_pipeline_that_would_change_production_at_night_stops_at_the_gate(estate: Estate) -> None:
    describe(estate, "One", branch="change")
    commit = edit(estate, "ci/nightly.Jenkinsfile", "waivers --within 14", "apply --env prod --yes", "change")
    build = estate.build(PULL_REQUEST, commit)
    assert build.result == "FAILURE"
    [failed] = [command for command in build.commands if command.code]
    assert failed.script.startswith("bin/sluice gate")
    assert "CSO_JEN_01" in failed.output
    assert "CSO_JEN_01" in estate.forge.comments[0]["body"]
    assert build.of("issues")[0]["count"] > 0


def test_main_reaches_production_once_a_release_manager_has_approved(estate: Estate) -> None:
    build = estate.build(MAIN, describe(estate, "One"), ("release-manager", True))
    assert build.result == "SUCCESS", str(build)
    assert events(estate, "dev") == ["started", "deployed", "verified"]
    assert events(estate, "prod") == ["started", "deployed"]
    assert described(estate, "dev") == described(estate, "prod") == "One"
    assert "release-manager@meridian.example" in estate.history("prod")[0].approved_by
    estate.repository.pull()
    pin = (estate.repository.tree / "environments/prod/release.yaml").read_text()
    assert estate.history("prod")[0].release in pin


@pytest.fixture(scope="module")
def aborted(estate: Estate) -> tuple[str, Build]:
    """A commit of a release manager's own, and its build, which a person aborts while dev is applied."""
    commit = describe(estate, "Two", MANAGER)
    return commit, estate.build(MAIN, commit, abort={"script": "deploy --env dev", "line": "dev/annuity apply"})


def test_a_build_that_is_aborted_in_an_apply_changes_nothing_behind_it(
    estate: Estate, aborted: tuple[str, Build]
) -> None:
    build = aborted[1]
    assert build.result == "ABORTED", str(build)
    assert build.of("abort")
    assert build.commands[-1].script.startswith("bin/sluice deploy --env dev")
    assert "verified" not in events(estate, "dev")[3:]
    assert described(estate, "prod") == "One"


def test_the_next_build_finishes_it_and_its_author_cannot_approve(estate: Estate, aborted: tuple[str, Build]) -> None:
    build = estate.build(MAIN, aborted[0], ("release-manager", True))
    assert build.result == "FAILURE", str(build)
    [failed] = [command for command in build.commands if command.code]
    assert failed.script.startswith("bin/sluice approve"), str(build)
    assert "is an author of the change" in failed.output
    assert events(estate, "dev")[-1] == "verified"
    assert described(estate, "dev") == "Two"
    assert described(estate, "prod") == "One"
