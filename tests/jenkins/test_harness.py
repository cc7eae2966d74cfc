"""The harness itself, on small pipelines: order, conditions, credentials, locks, questions, aborts, reports."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.jenkins.jenkins import Build, Harness, Started
from tests.jenkins.repository import Repository

Carry = Callable[..., Build]
STAGES = "pipeline {{ agent any\n options {{ {options} }}\n stages {{ stage('a') {{ {a} }}\n stage('b') {{ {b} }} }} }}"

REPORT = '<testsuite><testcase name="a"/><testcase name="b"><failure/></testcase></testsuite>'


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    found = Repository(tmp_path_factory.mktemp("repository"))
    (found.tree / "file").write_text("as committed\n")
    (found.tree / "report.xml").write_text(REPORT)
    found.commit("first")
    found.publish()
    return found


@pytest.fixture
def carry(harness: Harness, repository: Repository, tmp_path: Path) -> Carry:
    """Return a function that carries out a pipeline: the text of stages a and b, or a whole one."""

    def carry_out(
        a: str = "", b: str = "steps { echo 'b' }", whole: str = "", options: str = "", **started: Any
    ) -> Build:
        (tmp_path / "Jenkinsfile").write_text(whole or STAGES.format(a=a, b=b, options=options))
        agent = {"PATH": os.environ["PATH"]}
        env = {"BRANCH_NAME": "main", **started.pop("env", {})}
        return harness.run(
            tmp_path / "Jenkinsfile",
            Started(repository.origin, repository.workspace, "origin/main", env, agent, **started),
        )

    return carry_out


def test_steps_run_for_real_in_the_agents_folder(carry: Carry, repository: Repository) -> None:
    build = carry("steps { sh 'cat file; pwd; echo $BRANCH_NAME' }")
    assert build.result == "SUCCESS", str(build)
    [command] = build.commands
    said = [line for line in command.output.splitlines() if not line.startswith("+ ")]
    assert said == ["as committed", str(repository.workspace), "main"]


def test_a_failure_skips_the_stages_behind_it(carry: Carry) -> None:
    build = carry("steps { sh 'exit 3'; echo 'never' }")
    assert build.result == "FAILURE"
    assert build.reasons == ["script returned exit code 3"]
    assert build.of("echo") == []


def test_parallel_stages_run_whatever_the_others_come_to(carry: Carry) -> None:
    parallel = "parallel { stage('x') { steps { sh 'false' } }\n stage('y') { steps { echo 'y' } } }"
    build = carry(parallel)
    assert (build.result, [entry["output"] for entry in build.of("echo")]) == ("FAILURE", ["y"])


@pytest.mark.parametrize(
    ("condition", "env", "runs"),
    [
        ("branch 'main'", {}, True),
        ("branch 'main'", {"BRANCH_NAME": "PR-1"}, False),
        ("changeRequest()", {}, False),
        ("changeRequest()", {"CHANGE_ID": "1", "CHANGE_TARGET": "other"}, True),
        ("changeRequest(target: 'main')", {"CHANGE_ID": "1", "CHANGE_TARGET": "other"}, False),
        ("not { branch 'main' }", {}, False),
        ("anyOf { branch 'x'; branch 'main' }", {}, True),
        ("allOf { branch 'x'; branch 'main' }", {}, False),
        ("branch 'main'; changeRequest()", {}, False),
        ("environment name: 'LEVEL', value: 'high'", {"LEVEL": "high"}, True),
        ("environment name: 'LEVEL', value: 'high'", {"LEVEL": "low"}, False),
        ("not { environment name: 'LEVEL', value: 'high' }", {}, True),
    ],
)
def test_when(carry: Carry, condition: str, env: dict[str, str], runs: bool) -> None:
    build = carry(f"when {{ {condition} }}\n steps {{ echo 'ran' }}", env=env)
    assert ("ran" in [entry["output"] for entry in build.of("echo")]) is runs, str(build)


@pytest.mark.parametrize(("path", "runs"), [("file", False), ("other", True)])
def test_what_a_script_has_seen_decides_about_a_later_stage(carry: Carry, path: str, runs: bool) -> None:
    """`environment` brings nothing to another stage; `env.NAME` does, before any agent or question of it."""
    build = carry(
        f"steps {{ script {{ env.THERE = fileExists('{path}') }} }}",
        "when { beforeInput true; not { environment name: 'THERE', value: 'true' } }\n"
        "input { message 'Go?'; submitter 'release-managers' }\n steps { sh 'echo $THERE' }",
        inputs=answers(("ruth", True)),
    )
    assert build.result == "SUCCESS", str(build)
    assert bool(build.of("input")) is runs
    assert [command.output.splitlines()[-1] for command in build.commands] == (["false"] if runs else [])


def test_parameters_are_variables_with_defaults(carry: Carry) -> None:
    whole = """pipeline { agent any
        parameters { string(name: 'WHO', defaultValue: 'nobody'); choice(name: 'WHERE', choices: ['none', 'dev']) }
        environment { WHAT = "stack-${params.WHO}" }
        stages { stage('a') { when { environment name: 'WHERE', value: 'dev' }
            steps { sh 'echo $WHAT of $WHO' } } } }"""
    assert carry(whole=whole).commands == []
    build = carry(whole=whole, parameters={"WHERE": "dev"})
    assert build.commands[0].output.endswith("stack-nobody of nobody\n"), str(build)
    assert "'nowhere' is none of" in carry(whole=whole, parameters={"WHERE": "nowhere"}).reasons[0]
    assert "not declared" in carry(whole=whole, parameters={"WHY": "x"}).reasons[0]


def test_an_identity_is_there_only_inside_its_block_and_never_in_the_log(carry: Carry) -> None:
    build = carry(
        "steps { withCredentials([file(credentialsId: 'sluice-plan', variable: 'T')]) { sh 'cat $T' }\n"
        " sh 'cat ${T:-/none}' }"
    )
    inside, outside = build.commands
    assert (inside.code, inside.credentials) == (0, ("sluice-plan",))
    assert "****" in inside.output
    assert (outside.code, outside.credentials) == (1, ())
    assert "token-of-plan" not in str(build)


def test_an_unknown_identity_fails_the_build(carry: Carry) -> None:
    build = carry("steps { withCredentials([string(credentialsId: 'nobody', variable: 'T')]) { echo 'x' } }")
    assert build.reasons == ["Could not find credentials entry with ID 'nobody'"]


def test_an_environment_is_made_from_what_is_around_it(carry: Carry) -> None:
    build = carry('environment { A = "${env.BRANCH_NAME}-${env.NOBODY}"; B = "$A!" }\n steps { sh \'echo $B\' }')
    assert build.commands[0].output.endswith("main-null!\n"), str(build)


ASKED = (
    "input { message 'Go?'; submitter 'release-managers'; submitterParameter 'BY' }\n options { timeout(time: 1) }\n"
)


def answers(*given: tuple[str, bool]) -> list[dict[str, Any]]:
    return [{"by": f"{person}@meridian.example", "approve": approve} for person, approve in given]


def test_who_may_answers_and_is_named(carry: Carry) -> None:
    build = carry(ASKED + "steps { sh 'echo by $BY' }", inputs=answers(("dana", True), ("ruth", True)))
    assert [entry["by"] for entry in build.of("refused")] == ["dana@meridian.example"]
    assert build.commands[0].output.endswith("by ruth@meridian.example\n")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ((("ruth", False),), "Rejected by ruth@meridian.example"),
        ((("dana", True),), "Timeout has been exceeded: nobody who may has answered"),
        ((), "Timeout has been exceeded: nobody who may has answered"),
    ],
)
def test_without_a_yes_of_who_may_the_build_is_aborted(
    carry: Carry, given: tuple[tuple[str, bool], ...], why: str
) -> None:
    build = carry(ASKED + "steps { echo 'never' }", inputs=answers(*given))
    assert (build.result, build.reasons, build.of("echo")) == ("ABORTED", [why], [])


def test_a_lock_is_held_inside_of_its_stage(carry: Carry) -> None:
    build = carry("options { lock('dev') }\n stages { stage('c') { steps { sh 'true' } } }", "steps { sh 'true' }")
    assert [command.locks for command in build.commands] == [("dev",), ()]


def test_a_timeout_ends_what_runs(carry: Carry) -> None:
    build = carry("options { timeout(time: 1, unit: 'SECONDS') }\n steps { sh 'sleep 60' }")
    assert (build.result, build.reasons) == ("ABORTED", ["Timeout has been exceeded"])
    assert build.commands[0].seconds < 20


def test_a_person_aborts_all_that_a_step_has_started(carry: Carry) -> None:
    script = "trap : TERM; setsid sh -c \"trap 'echo below; exit 1' TERM; echo ready; sleep 60 & wait\" & wait; wait"
    build = carry(
        f"steps {{ sh '''{script}''' }}\n post {{ aborted {{ echo 'told' }} }}",
        abort={"script": "setsid", "line": "ready"},
    )
    assert build.result == "ABORTED", str(build)
    assert "below" in build.commands[0].output
    assert build.commands[0].seconds < 20
    assert [entry["output"] for entry in build.of("echo")] == ["told"]


def test_post_runs_in_jenkins_order_by_how_the_build_stands(carry: Carry) -> None:
    post = "post { cleanup { echo 'x' }; success { echo 'x' }; failure { echo 'x' }; always { echo 'x' } }"
    build = carry(f"steps {{ sh 'false' }}\n {post}")
    assert [entry["condition"] for entry in build.of("post")] == ["always", "failure", "cleanup"]


def test_a_step_that_needs_an_agent_fails_without_one(carry: Carry) -> None:
    build = carry(whole="pipeline { agent none\n stages { stage('a') { steps { sh 'true' } } } }")
    assert "no agent surrounds it" in build.reasons[0]


def test_a_failed_test_makes_the_build_unstable_which_ends_it_only_where_asked(carry: Carry) -> None:
    for options, follows in (("", True), ("skipStagesAfterUnstable()", False)):
        build = carry("steps { junit 'report.xml' }", options=options)
        assert (build.result, bool(build.of("echo"))) == ("UNSTABLE", follows), str(build)
        assert [(entry["cases"], entry["failures"]) for entry in build.of("junit")] == [(2, 1)]


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("junit 'none.xml'", "No test report files were found"),
        ("archiveArtifacts 'none/**'", "No artifacts found"),
        ("stash(name: 's', includes: 'none')", "No files included in stash 's'"),
        ("unstash 's'", "No such saved stash 's'"),
    ],
)
def test_nothing_to_publish_is_a_failure(carry: Carry, step: str, why: str) -> None:
    build = carry(f"steps {{ {step} }}")
    assert build.result == "FAILURE"
    assert build.reasons[0].startswith(why)


def test_a_stash_brings_files_to_another_stage(carry: Carry) -> None:
    build = carry(
        "steps { sh 'echo kept > kept; echo not > not'; stash(name: 's', includes: 'kept'); deleteDir() }",
        "steps { unstash 's'; sh 'cat kept; cat not' }",
    )
    assert build.commands[-1].output.count("kept") == 2, str(build)
    assert build.commands[-1].code == 1


def test_what_a_build_has_archived_comes_to_another(carry: Carry) -> None:
    carry("steps { sh 'mkdir -p d && echo archived > d/f'; archiveArtifacts 'd/**' }", env={"JOB_NAME": "one"})
    build = carry("steps { copyArtifacts(projectName: 'one', filter: 'd/*', target: 't'); sh 'cat t/d/f' }")
    assert build.commands[0].output.endswith("archived\n"), str(build)
    for optional, result in (("true", "SUCCESS"), ("false", "FAILURE")):
        step = f"copyArtifacts(projectName: 'none', filter: '**', target: 't', optional: {optional})"
        assert carry(f"steps {{ {step} }}").result == result


def test_what_a_build_before_has_changed_is_checked_out_again(carry: Carry, repository: Repository) -> None:
    carry("steps { echo 'clones' }")
    (repository.workspace / "file").write_text("left by a build before\n")
    build = carry("steps { sh 'cat file' }")
    assert build.commands and "as committed" in build.commands[0].output, str(build)
