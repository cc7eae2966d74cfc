"""Running a Jenkinsfile in the harness: what a build is started with, and what came of it.

The harness is Groovy (harness/*.groovy), carried out by Jenkins' own line of Groovy. It is not Jenkins.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
GROOVY = ROOT / ".venv/groovy/groovy-all.jar"
SOURCES = Path(__file__).with_name("harness")

SECRETS = {
    "plan": "token-of-plan",
    "release": "token-of-release",
    "deploy": "token-of-deploy",
    "approve": "token-of-approve",
}
CREDENTIALS = {
    **{f"sluice-{name}": {"secret": secret} for name, secret in SECRETS.items()},
    "sluice-forge": {"secret": "token-of-forge"},
    "sluice-git": {"username": "jenkins", "secret": "password-of-git"},
}
"""What ci/jenkins.yaml gives, with invented contents."""
USERS = {
    "release-manager@meridian.example": ["release-managers"],
    "head-of-data@meridian.example": ["release-managers"],
    "ruth@meridian.example": ["release-managers"],  # whom no environment lists among its approvers
    "dana@meridian.example": ["engineers"],
}
"""{person: groups} as the security realm knows them."""


@dataclass(frozen=True)
class Started:
    """What a build is started with.

    Attributes:
        origin: what the agent clones.
        workspace: where it clones it.
        commit: what is built.
        env: what Jenkins sets, BRANCH_NAME and the like.
        agent: variables of the agent.
        inputs: answers to `input`, in the order in which they are given: {by, approve}.
        parameters: what somebody has typed in, of a pipeline with parameters.
        abort: {script, line}: a person aborts the build when a step with `script` in it says a line with `line` in it.
    """

    origin: Path
    workspace: Path
    commit: str
    env: Mapping[str, str]
    agent: Mapping[str, str]
    inputs: Sequence[Mapping[str, Any]] = ()
    abort: Mapping[str, str] | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: CREDENTIALS)


@dataclass(frozen=True)
class Command:
    """One `sh` step that ran."""

    stage: str
    script: str
    code: int
    output: str
    credentials: tuple[str, ...]
    locks: tuple[str, ...]
    role: str
    seconds: float


@dataclass(frozen=True)
class Build:
    """What came of a build.

    Attributes:
        result: SUCCESS, UNSTABLE, FAILURE, ABORTED, or INVALID where the lint has `problems`.
        log: what happened, in order.
    """

    result: str
    problems: list[str]
    log: list[dict[str, Any]]

    @property
    def commands(self) -> list[Command]:
        return [
            Command(
                entry["stage"],
                entry["script"],
                entry["code"],
                entry["output"],
                tuple(entry["credentials"]),
                tuple(entry["locks"]),
                entry["role"],
                entry["ms"] / 1000,
            )
            for entry in self.of("sh")
        ]

    @property
    def scripts(self) -> list[str]:
        return [command.script for command in self.commands]

    def command(self, start: str) -> Command:
        """Return the one step that ran a command beginning so."""
        [found] = [command for command in self.commands if command.script.startswith(start)]
        return found

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [entry for entry in self.log if entry["kind"] == kind]

    @property
    def reasons(self) -> list[str]:
        return [entry["why"] for entry in self.of("stopped")]

    def __str__(self) -> str:
        lines = [self.result, *self.problems]
        for entry in self.log:
            shown = {key: value for key, value in entry.items() if key not in ("kind", "stage", "output")}
            lines += [f"[{entry['stage']}] {entry['kind']} {shown}", *entry.get("output", "").splitlines()]
        return "\n".join(lines)


class Harness:
    """The compiled harness in a process of its own, until `stop`."""

    def __init__(self, folder: Path) -> None:
        """Compile it into `folder`, which also holds the files of bound credentials, and what builds archive."""
        if not GROOVY.is_file():
            raise FileNotFoundError(f"{GROOVY} is missing\n  fix:      make jenkins")
        self._secrets, self._archives, classes = (str(folder / name) for name in ("secrets", "archives", "classes"))
        sources = sorted(map(str, SOURCES.glob("*.groovy")))
        compiler = "org.codehaus.groovy.tools.FileSystemCompiler"
        subprocess.run(["java", "-cp", str(GROOVY), compiler, "-d", classes, *sources], check=True)
        command = ["java", "-XX:TieredStopAtLevel=1", "-cp", f"{GROOVY}:{classes}", "harness.Main"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def lint(self, *jenkinsfiles: Path) -> list[list[str]]:
        """Return the problems of each file."""
        found = self._ask({"lint": list(map(str, jenkinsfiles))})
        return [found[str(path)] for path in jenkinsfiles]

    def run(self, jenkinsfile: Path, started: Started) -> Build:
        """Lint a Jenkinsfile and carry it out."""
        paths = {"origin": str(started.origin), "workspace": str(started.workspace), "secrets": self._secrets}
        paths["archives"] = self._archives
        scenario = {**asdict(started), **paths, "users": USERS}
        return Build(**self._ask({"run": str(jenkinsfile), "scenario": scenario}))

    def stop(self) -> None:
        self._process.communicate()

    def _ask(self, request: object) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "broken" not in answer, answer["broken"]
        return answer
