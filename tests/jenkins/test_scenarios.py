"""Real builds: our pipelines, the real verbs, real Terraform and Airflow, in a local cloud whose environments stand.

The builds follow one another, each a small change on what the one before has left.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

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


@pytest.fixture(scope="module")
def first(estate: Estate) -> str:
    """The commit that is built first, and again once its pipelines run."""
    return describe(estate, "One")


def test_a_failed_verification_ends_the_build_and_production_is_never_asked(estate: Estate, first: str) -> None:
    estate.running.ask("POST", "faults", {"kind": "emr_step_failure", "match": "conform", "times": 1})
    build = estate.build(MAIN, first, ("release-manager", True))
    assert build.result == "FAILURE", str(build)
    assert "deployed, and its verification failed" in build.commands[-1].output
    assert build.commands[-1].script.startswith("bin/sluice deploy --env dev")
    assert build.of("input") == []
    assert events(estate, "dev") == ["started", "deployed", "failed"]
    assert "conform" in estate.history("dev")[-1].note
    assert events(estate, "prod") == []


def test_main_reaches_production_once_a_release_manager_has_approved(estate: Estate, first: str) -> None:
    build = estate.build(MAIN, first, ("release-manager", True))
    assert build.result == "SUCCESS", str(build)
    assert events(estate, "dev")[-1] == "verified"
    assert events(estate, "prod") == ["started", "deployed"]
    assert described(estate, "dev") == described(estate, "prod") == "One"
    assert "release-manager@meridian.example" in estate.history("prod")[0].approved_by
    estate.repository.pull()
    pin = (estate.repository.tree / "environments/prod/release.yaml").read_text()
    assert estate.history("prod")[0].release in pin


def test_nobody_is_asked_where_production_would_not_change(estate: Estate) -> None:
    estate.repository.pull()
    build = estate.build(MAIN, edit(estate, "docs/howto/change.md", "# How", "# Just how", "main"))
    assert build.result == "SUCCESS", str(build)
    assert build.of("input") == []
    assert "--plan-only" in build.commands[-1].script
    assert events(estate, "prod") == ["started", "deployed"]


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
    assert events(estate, "dev")[-1] != "verified"
    assert described(estate, "prod") == "One"


def unlock(estate: Estate, build: Build) -> bool:
    """Do what the build says where the aborted Terraform has left its lock, as a second signal can make it do."""
    told = re.search(r"sluice (recover --env dev --stack annuity --unlock \S+)", build.commands[-1].output)
    if told is None:
        return False
    done = estate.sluice(*told[1].split())
    assert done.returncode in (0, 1), done.stderr
    return True


def test_the_next_build_finishes_it_and_its_author_cannot_approve(estate: Estate, aborted: tuple[str, Build]) -> None:
    build = estate.build(MAIN, aborted[0], ("release-manager", True))
    if unlock(estate, build):
        build = estate.build(MAIN, aborted[0], ("release-manager", True))
    assert build.result == "FAILURE", str(build)
    [failed] = [command for command in build.commands if command.code]
    assert failed.script.startswith("bin/sluice approve"), str(build)
    assert "is an author of the change" in failed.output
    assert events(estate, "dev")[-1] == "verified"
    assert described(estate, "dev") == "Two"
    assert described(estate, "prod") == "One"


def test_who_may_not_approve_is_not_heard_and_who_may_can_reject(estate: Estate, aborted: tuple[str, Build]) -> None:
    before = events(estate, "prod")
    build = estate.build(MAIN, aborted[0], ("dana", True), ("head-of-data", False))
    assert (build.result, build.reasons) == ("ABORTED", ["Rejected by head-of-data@meridian.example"]), str(build)
    assert [entry["by"] for entry in build.of("refused")] == ["dana@meridian.example"]
    assert "--plan-only" in build.commands[-1].script
    assert events(estate, "prod") == before
    assert described(estate, "prod") == "One"


@pytest.fixture(scope="module")
def night(estate: Estate) -> Build:
    """The nightly build, on a tree with a waiver that ends soon, beside a change by hand and a cluster left behind."""
    estate.repository.pull()
    (estate.repository.tree / "policies/waivers.yaml").write_text(waiver(ends_in=7))
    commit = estate.repository.commit("An exception, for now")
    estate.repository.publish()
    name = Names(load_environment(estate.repository.tree, "prod"), "annuity").glue_database
    found = {"Name": name, "Description": "Typed in by hand"}
    estate.client("glue", "prod").update_database(Name=name, DatabaseInput=found)
    leave_cluster(estate)
    return estate.build({**MAIN, "JOB_NAME": "sluice-nightly/main"}, commit, pipeline="ci/nightly.Jenkinsfile")


def waiver(ends_in: int) -> str:
    """Return waivers.yaml with one that is in order, and that nothing needs."""
    today = datetime.now(UTC).date()
    return f"""waivers:
  - id: W-0001
    control: CSO_S3_11
    address: module.lake.*.aws_s3_bucket.this
    tenant: annuity
    environment: prod
    owner: data-engineering@meridian.example
    reason: the replica's region is ordered
    ticket: RISK-1042
    approver: cloud-security@meridian.example
    created: {today - timedelta(days=30)}
    expires: {today + timedelta(days=ends_in)}
"""


def leave_cluster(estate: Estate) -> None:
    """Leave a short-lived cluster in dev whose time was over an hour ago."""
    over = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    tags = {"managed-by": "sluice", "ephemeral": "forgotten", "expires_at": over}
    emr = estate.client("emr", "dev")
    [standing] = emr.list_clusters(ClusterStates=["WAITING"])["Clusters"]
    like = emr.describe_cluster(ClusterId=standing["Id"])["Cluster"]
    emr.run_job_flow(
        Name="forgotten",
        ReleaseLabel=like["ReleaseLabel"],
        Instances={
            "KeepJobFlowAliveWhenNoSteps": True,
            "Ec2SubnetId": like["Ec2InstanceAttributes"]["Ec2SubnetId"],
            "InstanceGroups": [{"InstanceRole": "MASTER", "InstanceType": "m6g.xlarge", "InstanceCount": 1}],
        },
        JobFlowRole=like["Ec2InstanceAttributes"]["IamInstanceProfile"],
        ServiceRole=like["ServiceRole"],
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )


def test_a_night_tells_what_hands_have_changed_and_keeps_the_plan_that_mends_it(night: Build) -> None:
    assert night.result == "FAILURE", str(night)
    drift = night.command("bin/sluice drift")
    assert drift.code == 1, drift.output
    assert "changed by hand" in drift.output
    assert "aws_glue_catalog_database" in drift.output
    assert "dev/annuity: no drift" in drift.output
    assert drift.role.endswith("sluice-jenkins-plan")
    assert any("summary" in path for entry in night.of("archive") for path in entry["files"])


def test_a_night_tells_of_a_waiver_before_it_ends(night: Build) -> None:
    waivers = night.command("bin/sluice waivers")
    assert waivers.code == 1
    assert "ends soon" in waivers.output and "W-0001" in waivers.output
    assert night.command("bin/sluice gate").code == 0


def test_a_night_ends_a_cluster_whose_time_is_over(estate: Estate, night: Build) -> None:
    reaper = night.command("bin/sluice ephemeral reap")
    assert (reaper.code, reaper.locks) == (0, ("ephemeral-dev",)), reaper.output
    clusters = estate.client("emr", "dev").list_clusters()["Clusters"]
    [state] = [item["Status"]["State"] for item in clusters if item["Name"] == "forgotten"]
    assert state.startswith("TERMINAT")
