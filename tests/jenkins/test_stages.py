"""Our pipelines with a stand-in for every verb: which run, in which order, as whom, under which lock.

What the verbs themselves do is left to test_scenarios.py.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.jenkins.jenkins import ROOT, Build, Harness, Started
from tests.jenkins.repository import Repository

SLUICE = """#!/bin/sh
# Stands in for sluice: leaves what the verb would leave, and fails where FAILING is part of the command.
mkdir -p build/plans dist
echo '<testsuite><testcase name="control"/></testsuite>' > build/gate.xml
echo '{"runs": [{"results": []}]}' > build/gate.sarif
echo '{}' > dist/release.json
case "$*" in *"${FAILING:-nothing}"*) echo "refused"; exit 1 ;; esac
mkdir -p .sluice/deploy/prod
case "$*" in "deploy --plan-only --env prod"*) [ -z "$UNCHANGED" ] || touch .sluice/deploy/prod/unchanged ;; esac
"""
MAKEFILE = 'install lint unit:\n\t@case "$@" in "$$FAILING") exit 2 ;; esac\n'
ROLES = {f"SLUICE_{name}_ROLE": f"role-of-{name.lower()}" for name in ("PLAN", "RELEASE", "DEPLOY", "APPROVE")}
PULL_REQUEST = {"BRANCH_NAME": "PR-7", "CHANGE_ID": "7", "CHANGE_TARGET": "main"}
MAIN = {"BRANCH_NAME": "main", "BUILD_NUMBER": "12"}
Carry = Callable[..., Build]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    found = Repository(tmp_path_factory.mktemp("stages"))
    (found.tree / "bin").mkdir()
    (found.tree / "bin/sluice").write_text(SLUICE)
    (found.tree / "bin/sluice").chmod(0o755)
    (found.tree / "Makefile").write_text(MAKEFILE)
    found.commit("first")
    found.publish()
    return found


@pytest.fixture
def carry(harness: Harness, repository: Repository) -> Carry:
    """Return a function that builds: `carry(MAIN, by="ruth", failing="deploy --env dev")`."""

    def build(
        env: dict[str, str],
        by: str = "",
        approve: bool = True,
        failing: str = "",
        pipeline: str = "Jenkinsfile",
        **more: Any,
    ) -> Build:
        agent = {"PATH": os.environ["PATH"], "FAILING": failing or "nothing", "SLUICE_REPOSITORY": "o/r", **ROLES}
        inputs = [{"by": f"{by}@meridian.example", "approve": approve}] if by else []
        started = Started(repository.origin, repository.workspace, "origin/main", {**env, **agent}, {}, inputs, **more)
        return harness.run(ROOT / pipeline, started)

    return build


def verbs(build: Build) -> list[str]:
    """Return the verbs that ran, without what installs them."""
    return [
        command.script.removeprefix("bin/sluice ").split(" -")[0]
        for command in build.commands
        if command.script != "make install"
    ]


def test_a_pull_request_is_judged_and_planned_and_told_in_one_comment(carry: Carry) -> None:
    build = carry(PULL_REQUEST)
    assert build.result == "SUCCESS", str(build)
    assert verbs(build) == ["render", "gate", "make lint", "make unit", "plan", "gate", "isolation", "comment"]
    assert {command.credentials for command in build.commands} == {(), ("sluice-plan",), ("sluice-forge",)}
    assert {command.locks for command in build.commands} == {()}
    assert build.command("bin/sluice plan").role == "role-of-plan"
    assert build.of("junit") and build.of("issues")


@pytest.mark.parametrize("failing", ["render --check", "gate --plans", "lint", "unit", "plan --affected", "isolation"])
def test_a_pull_request_that_fails_is_still_told(carry: Carry, failing: str) -> None:
    build = carry(PULL_REQUEST, failing=failing)
    assert build.result == "FAILURE"
    assert verbs(build)[-1] == "comment"
    assert failing.split(maxsplit=1)[0] in build.commands[-2].script
    assert build.of("post")[0]["condition"] == "always"


def test_main_goes_through_dev_to_production(carry: Carry) -> None:
    build = carry(MAIN, by="ruth")
    assert build.result == "SUCCESS", str(build)
    assert verbs(build) == [
        "gate",
        "release build",
        "release sign",
        "release publish",
        "release publish",
        "deploy",
        "deploy",
        "approve",
        "promote",
        "deploy",
    ]
    assert 'approve --env prod --by "$APPROVED_BY"' in build.command("bin/sluice approve").script


def test_main_has_each_identity_only_where_it_is_needed(carry: Carry) -> None:
    build = carry(MAIN, by="ruth")
    assert {(command.script.split(" --")[0], command.credentials, command.role) for command in build.commands} == {
        ("make install", (), "role-of-release"),
        ("make install", (), "role-of-deploy"),
        ("make install", (), "role-of-approve"),
        ("bin/sluice gate", (), "role-of-release"),
        ("bin/sluice release build", (), "role-of-release"),
        ("bin/sluice release sign", ("sluice-release",), "role-of-release"),
        ("bin/sluice release publish", ("sluice-release",), "role-of-release"),
        ("bin/sluice deploy", ("sluice-deploy",), "role-of-deploy"),
        ("bin/sluice approve", ("sluice-approve",), "role-of-approve"),
        ("bin/sluice promote", ("sluice-release", "sluice-git"), "role-of-release"),
    }


def test_main_changes_one_environment_at_a_time(carry: Carry) -> None:
    build = carry(MAIN, by="ruth")
    deploys = [
        (command.script.split()[2:5], command.locks) for command in build.commands if " deploy " in command.script
    ]
    assert deploys == [
        (["--env", "dev", "--release"], ("dev",)),
        (["--plan-only", "--env", "prod"], ()),
        (["--env", "prod"], ("prod",)),
    ]
    assert {command.locks for command in build.commands if "Change" in command.stage} == {("prod",)}


@pytest.mark.parametrize(
    ("by", "approve", "why"),
    [
        ("ruth", False, "Rejected by ruth@meridian.example"),
        ("dana", True, "Timeout has been exceeded: nobody who may has answered"),
        ("", True, "Timeout has been exceeded: nobody who may has answered"),
    ],
)
def test_production_waits_for_a_yes_of_a_release_manager(carry: Carry, by: str, approve: bool, why: str) -> None:
    build = carry(MAIN, by=by, approve=approve)
    assert (build.result, build.reasons) == ("ABORTED", [why])
    assert verbs(build)[-1] == "deploy"
    assert "--plan-only" in build.commands[-1].script


@pytest.mark.parametrize(
    "failing",
    ["gate", "release build", "release sign", "publish --env dev", "deploy --env dev", "deploy --plan-only", "approve"],
)
def test_what_fails_on_main_is_the_last_that_runs(carry: Carry, failing: str) -> None:
    build = carry(MAIN, by="ruth", failing=failing)
    assert build.result == "FAILURE"
    assert failing in build.commands[-1].script
    assert build.of("input") == [] or failing == "approve"


def test_nobody_is_asked_where_production_would_not_change(carry: Carry, repository: Repository) -> None:
    build = carry({**MAIN, "UNCHANGED": "yes"})
    (repository.workspace / ".sluice/deploy/prod/unchanged").unlink()
    assert build.result == "SUCCESS", str(build)
    assert "--plan-only" in build.commands[-1].script
    assert build.of("input") == []


def test_another_branch_runs_nothing(carry: Carry) -> None:
    build = carry({"BRANCH_NAME": "release-1"})
    assert (build.result, build.commands, build.of("input")) == ("SUCCESS", [], [])


def test_a_pull_request_to_another_branch_runs_nothing(carry: Carry) -> None:
    assert carry({**PULL_REQUEST, "CHANGE_TARGET": "release-1"}).commands == []


def test_no_secret_is_in_a_log(carry: Carry) -> None:
    for build in (carry(MAIN, by="ruth"), carry(PULL_REQUEST)):
        assert "token-of-" not in str(build)
        assert "password-of-" not in str(build)


@pytest.mark.parametrize("failing", ["nothing", "drift", "decommission", "waivers", "gate"])
def test_at_night_each_is_told_whatever_the_others_find(carry: Carry, failing: str) -> None:
    build = carry(MAIN, failing=failing, pipeline="ci/nightly.Jenkinsfile")
    assert build.result == ("SUCCESS" if failing == "nothing" else "FAILURE")
    assert verbs(build) == ["drift", "decommission", "decommission", "waivers", "gate", "ephemeral reap"]
    assert build.command("bin/sluice drift").credentials == ("sluice-plan",)
    assert build.command("bin/sluice ephemeral").locks == ("ephemeral-dev",)


def decommission(carry: Carry, environment: str, **more: Any) -> Build:
    given = {"ENVIRONMENT": environment, "TENANT": "claims", "TICKET": "DATA-812"}
    env = {**MAIN, **more.pop("env", {})}
    return carry(env, pipeline="ci/decommission.Jenkinsfile", parameters=given, **more)


def test_a_tenant_ends_in_dev_under_its_lock(carry: Carry) -> None:
    build = decommission(carry, "dev")
    assert build.result == "SUCCESS", str(build)
    command = build.command("bin/sluice decommission")
    assert (command.locks, command.credentials, command.role) == (("dev",), ("sluice-deploy",), "role-of-deploy")
    assert "claims" in command.output
    assert build.of("input") == []


def test_a_tenant_ends_in_production_once_somebody_has_approved(carry: Carry) -> None:
    build = decommission(carry, "prod", by="ruth")
    assert build.result == "SUCCESS", str(build)
    assert verbs(build) == ["decommission", "approve", "decommission"]
    plan, approve, change = [command for command in build.commands if command.script != "make install"]
    assert (plan.locks, approve.locks, change.locks) == ((), ("prod",), ("prod",))
    assert approve.role == "role-of-approve"
    assert "--for decommission-claims --by ruth@meridian.example" in approve.output
    assert decommission(carry, "prod", by="ruth", approve=False).result == "ABORTED"
    assert verbs(decommission(carry, "prod", by="ruth", failing="decommission --plan-only")) == ["decommission"]


@pytest.mark.parametrize(("environment", "branch"), [("none", "main"), ("dev", "PR-7"), ("prod", "PR-7")])
def test_no_tenant_ends_unasked_or_from_another_branch(carry: Carry, environment: str, branch: str) -> None:
    build = decommission(carry, environment, env={"BRANCH_NAME": branch})
    assert (build.result, build.commands, build.of("input")) == ("SUCCESS", [], [])
