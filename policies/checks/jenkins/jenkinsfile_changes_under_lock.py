"""A Jenkinsfile changes environments only from the main branch, one build at a time, and production after approval."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.artefacts.jenkinsfile import Command, Jenkinsfile
from policies.check import ArtefactCheck
from policies.data import read

ENVIRONMENT = re.compile(r"(?:--(?:env|to)[ =]|\bENV=)(\S+)")


class JenkinsfileChangesUnderLock(ArtefactCheck):
    """Requirement: a verb that changes something stands in a stage with `when { branch 'main' }`, under `lock`.

    Signing and publishing a release needs that branch alone. For production a stage around it has an `input` that names
    who may approve. A verb whose environment is not named as a literal that is not production counts as production's.
    Compliant example: `stage('Apply') { when { branch 'main' } options { lock('prod') } input { submitter 'cso' } … }`.
    Non-compliant example: `bin/sluice apply --env prod` in a stage of every branch; an `anyOf` around the branch.
    Unknown is treated as: no verdict for a file of another form.
    Source: CSO catalogue, Jenkinsfile; SOC 2 CC8.1; NYDFS 500.8.
    """

    control = "CSO_JEN_01"
    check_id = "CSO_JEN_01_APPLY"
    title = "A Jenkinsfile changes environments from main, under a lock, production after approval"
    artefact = "jenkinsfile"

    def judge(self, artefact: Jenkinsfile) -> Iterator[tuple[str, int]]:
        for command in artefact.commands:
            if not _begins_with(command, "reading"):
                yield from ((problem, command.line) for problem in self._problems(command))

    def _problems(self, command: Command) -> Iterator[str]:
        verb, rules = " ".join(command.words[:2]) or "sh", read("jenkins_allowlist")
        branch = rules["branch"]
        if not command.is_on_branch(branch):
            yield f"{verb} stands in no stage with when {{ branch {branch!r} }}"
        if _begins_with(command, "publishing"):
            return
        if not command.is_locked:
            yield f"{verb} is not under a lock"
        if _may_be_production(" ".join(command.words)) and not command.is_approved(rules["everybody"]):
            yield f"{verb} reaches production without an input that names its submitter"


def _begins_with(command: Command, verbs: str) -> bool:
    """Tell whether a command begins with one of the allow-list's `verbs`, and its option where one is named."""
    allowed = [entry.split() for entry in read("jenkins_allowlist")[verbs]]
    return any(command.words[1 : 1 + len(words)] == words for words in allowed)


def _may_be_production(command: str) -> bool:
    """Tell whether a command is for production, or does not say plainly that it is for something else."""
    named = ENVIRONMENT.findall(command)
    return not named or any(name not in read("environments")["not_production"] for name in named)


check = JenkinsfileChangesUnderLock()
