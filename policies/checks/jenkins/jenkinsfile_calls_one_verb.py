"""Every shell step of a Jenkinsfile calls one verb of sluice or make: what it does can be run and tested elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.artefacts.jenkinsfile import Command, Jenkinsfile
from policies.check import ArtefactCheck
from policies.data import read

WORD = r"""(?:[\w./:=@,+-]+|"\$[A-Z][A-Z0-9_]*")"""


class JenkinsfileCallsOneVerb(ArtefactCheck):
    """Requirement: a `sh` step is a literal: one program, one verb, plain arguments or quoted environment variables.

    Compliant example: `sh 'bin/sluice plan --env dev --stack "$TENANT"'`.
    Non-compliant example: `sh "sluice apply ${params.ENV}"`, `sh 'make plan && curl …'`, `sh 'make -f other.mk x'`.
    Unknown is treated as: failed; a file of another form has no verdict.
    Source: CSO catalogue, Jenkinsfile; SOC 2 CC8.1.
    """

    control = "CSO_JEN_01"
    check_id = "CSO_JEN_01_VERBS"
    title = "Every shell step of a Jenkinsfile calls one verb"
    artefact = "jenkinsfile"

    def judge(self, artefact: Jenkinsfile) -> Iterator[tuple[str, int]]:
        if not artefact.commands:
            yield "calls no verb at all", 1
        for command in artefact.commands:
            yield from ((problem, command.line) for problem in self._problems(command))

    def _problems(self, command: Command) -> Iterator[str]:
        rules = read("jenkins_allowlist")
        if command.text is None or command.text.evaluates:
            yield "sh is given no literal: Groovy would put something into the command"
            return
        programs = "|".join(map(re.escape, rules["programs"]))
        if not re.fullmatch(rf"({programs})(?: {WORD})+", command.text.value):
            yield f"sh runs {command.text.value[:60]!r}, which is not one verb of {', '.join(rules['programs'])}"
            return
        program, verb, *rest = command.text.value.split(" ")
        if not re.fullmatch(r"[a-z][a-z-]*", verb):
            yield f"sh names no verb behind {program}: {verb!r}"
        if program == "make" and not all(word.partition("=")[0] in rules["make_variables"] for word in rest):
            yield f"sh gives make more than a target and {', '.join(rules['make_variables'])}"


check = JenkinsfileCallsOneVerb()
