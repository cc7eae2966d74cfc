"""Jenkins as code: the jobs render, and jobs, pipelines and the controller's configuration name the same things."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
import yaml
from jsonschema import Draft202012Validator

from policies.artefacts.secrets import NOUNS
from tests.jenkins.jenkins import ROOT

PIPELINES = ("Jenkinsfile", "ci/decommission.Jenkinsfile", "ci/nightly.Jenkinsfile")
SCHEMA = yaml.safe_load(Path(__file__).with_name("jenkins.schema.yaml").read_text())
PLUGINS_OF_STEPS = {
    "lock(": "lockable-resources",
    "recordIssues": "warnings-ng",
    "junit(": "junit",
    "withCredentials": "credentials-binding",
    "gitUsernamePassword": "git",
    "timestamps()": "timestamper",
    "input {": "pipeline-input-step",
    "pipeline {": "pipeline-model-definition",
}


@pytest.fixture(scope="module")
def configuration() -> Any:
    return yaml.safe_load((ROOT / "ci/jenkins.yaml").read_text())


@pytest.fixture(scope="module")
def pipelines() -> str:
    return "".join((ROOT / name).read_text() for name in PIPELINES)


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Xml.Element]:
    """`{job: what Jenkins gets}`, as jenkins-job-builder renders it."""
    folder = tmp_path_factory.mktemp("jobs")
    program = ROOT / ".venv/tooling/bin/jenkins-jobs"
    arguments = ["--conf", "/dev/null", "test", "--config-xml", "-o", str(folder), str(ROOT / "ci/jobs.yaml")]
    done = subprocess.run([str(program), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "deprecated" not in done.stderr.replace("pkg_resources is deprecated", "")
    return {path.parent.name: Xml.parse(path).getroot() for path in folder.glob("*/config.xml")}  # noqa: S314


def test_every_pipeline_has_its_job(jobs: dict[str, Xml.Element]) -> None:
    assert {name: job.findtext("factory/scriptPath") for name, job in jobs.items()} == {
        "sluice": "Jenkinsfile",
        "sluice-decommission": "ci/decommission.Jenkinsfile",
        "sluice-nightly": "ci/nightly.Jenkinsfile",
    }


def test_a_fork_of_somebody_who_may_not_write_is_built_with_mains_pipeline(jobs: dict[str, Xml.Element]) -> None:
    [trust] = [node.get("class", "") for node in jobs["sluice"].iter("trust")]
    assert trust.endswith("$TrustPermission")


def test_whole_histories_are_cloned(jobs: dict[str, Xml.Element]) -> None:
    """Who made a change, and where a branch left main, stand in the history."""
    assert not [node for job in jobs.values() for node in job.iter() if "CloneOption" in node.tag]


@pytest.mark.parametrize("name", ["sluice-nightly", "sluice-decommission"])
def test_other_jobs_are_mains_alone_and_no_push_starts_them(jobs: dict[str, Xml.Element], name: str) -> None:
    assert [node.text for node in jobs[name].iter("regex")] == ["main"]
    assert [node.tag for node in jobs[name].iter() if "NoTriggerBranchProperty" in node.tag]
    assert not list(jobs[name].iter("trust"))


def test_the_configuration_has_the_keys_that_plugins_document(configuration: Any) -> None:
    problems = [
        f"{'/'.join(map(str, error.path))}: {error.message}"
        for error in Draft202012Validator(SCHEMA).iter_errors(configuration)
    ]
    assert problems == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("jenkins", "securityRealm", "oic", "clientSecret"), "hunter2"),
        (("jenkins", "numExecutors"), 2),
        (("jenkins", "securityRealm", "oic", "escapeHatchEnabled"), True),
        (("jenkins", "authorizationStrategy"), {"loggedInUsersCanDoAnything": {}}),
        (("credentials", "system", "domainCredentials", 0, "credentials", 4, "string", "secret"), "ghp"),
        (("unclassified", "lockableResourceManager"), {}),
    ],
)
def test_the_schema_refuses(path: tuple[Any, ...], value: object) -> None:
    changed = yaml.safe_load((ROOT / "ci/jenkins.yaml").read_text())
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    assert list(Draft202012Validator(SCHEMA).iter_errors(changed))


def test_each_identity_that_a_pipeline_binds_is_given(configuration: Any, pipelines: str) -> None:
    given = {
        values["id"]: kind
        for item in configuration["credentials"]["system"]["domainCredentials"][0]["credentials"]
        for kind, values in item.items()
    }
    kinds = {"file": "idTokenFile", "string": "string", "gitUsernamePassword": "usernamePassword"}
    found = {(name, kinds[binding]) for binding, name in re.findall(r"\b(\w+)\(credentialsId: '([\w-]+)'", pipelines)}
    assert found == set(given.items())


def test_each_lock_variable_and_submitter_is_declared(configuration: Any, pipelines: str) -> None:
    locks = {entry["name"] for entry in configuration["unclassified"]["lockableResourcesManager"]["declaredResources"]}
    assert set(re.findall(r"lock\('([\w-]+)'\)", pipelines)) == locks
    variables = {entry["key"] for entry in configuration["jenkins"]["globalNodeProperties"][0]["envVars"]["env"]}
    assert set(re.findall(r"SLUICE_\w+_ROLE|SLUICE_REPOSITORY|SLUICE_FORGE_API", pipelines)) <= variables
    entries = configuration["jenkins"]["authorizationStrategy"]["projectMatrix"]["entries"]
    may_build = {entry["group"]["name"] for entry in entries if "Job/Build" in entry["group"]["permissions"]}
    assert set(re.findall(r"submitter '([\w-]+)'", pipelines)) == may_build


def test_each_step_has_its_plugin(pipelines: str) -> None:
    lines = (ROOT / "ci/plugins.txt").read_text().splitlines()
    plugins = dict(line.split(":") for line in lines if not line.startswith("#"))
    assert all(plugins.values())
    missing = {plugin for step, plugin in PLUGINS_OF_STEPS.items() if step in pipelines and plugin not in plugins}
    others = {"configuration-as-code", "matrix-auth", "oic-auth", "oidc-provider", "ignore-committer-strategy"}
    assert missing | (others - plugins.keys()) == set()


def test_nothing_that_is_named_like_a_secret_has_a_value(configuration: Any) -> None:
    """The secret is what ${NAME} stands for."""

    def secrets(value: Any, name: str = "") -> list[str]:
        if isinstance(value, dict):
            return [found for key, inner in value.items() for found in secrets(inner, key)]
        if isinstance(value, list):
            return [found for inner in value for found in secrets(inner)]
        is_named_so = re.search(rf"(?:{NOUNS})$", name, re.IGNORECASE)
        return [name] if is_named_so and not re.fullmatch(r"\$\{[A-Z_]+\}", str(value)) else []

    assert secrets(configuration) == []
