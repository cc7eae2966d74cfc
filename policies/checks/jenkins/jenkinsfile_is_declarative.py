"""A Jenkinsfile is a declarative pipeline of known blocks and steps: no Groovy of its own runs on the controller."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from policies.artefacts.groovy_form import Name, Node, Text, bare
from policies.artefacts.jenkinsfile import Jenkinsfile
from policies.check import ArtefactCheck
from policies.data import read


class JenkinsfileIsDeclarative(ArtefactCheck):
    """Requirement: one `pipeline {}` of the blocks and steps in policies/data/jenkins_allowlist.yaml.

    A step has only the arguments listed there: `returnStatus: true` would let a build go on after the gate's no.
    `script` holds nothing but `env.…_IS_… = fileExists('path')`, for the `when` of a stage behind it.
    Compliant example: `pipeline { agent any; stages { stage('Gate') { steps { sh 'bin/sluice gate' } } } }`.
    Non-compliant example: `script { … }`, `def x = …`, `@Library(…)`, `when { expression { … } }`, `checkout([…])`.
    Unknown is treated as: failed; a text or comment without an end has no verdict.
    Source: CSO catalogue, Jenkinsfile; SOC 2 CC8.1.
    """

    control = "CSO_JEN_01"
    check_id = "CSO_JEN_01"
    title = "A Jenkinsfile is declarative and uses known steps only"
    artefact = "jenkinsfile"

    def judge(self, artefact: Jenkinsfile) -> Iterator[tuple[str, int]]:
        yield from artefact.problems
        if not artefact.problems:
            yield from self._problems(artefact)

    def _problems(self, artefact: Jenkinsfile) -> Iterator[tuple[str, int]]:
        rules = read("jenkins_allowlist")
        known = {name for names in rules["names"] for name in names.split()}
        if [node.name for node in artefact.statements] != ["pipeline"]:
            yield "holds something else than one pipeline block", 1
        for node in (inner for statement in artefact.statements for inner in statement.walk()):
            if "=" not in node.named and node.name not in known:
                yield f"{node.name!r} is no allowed block or step", node.line
            if node.name == "script" and not _only_looks(node, rules["script_variable"]):
                yield "script holds something else than env.…_IS_… = fileExists('path')", node.line
            if node.name == "checkout" and node.values != (Name("scm"),):
                yield "checks out something else than scm", node.line
            yield from ((problem, node.line) for problem in _argument_problems(node, rules))
            for expression in (found for text in node.texts() for found in text.evaluates):
                if not re.fullmatch(rules["expressions"], expression):
                    yield f"{node.name} evaluates {expression!r}", node.line


def _argument_problems(node: Node, rules: Mapping[str, Any]) -> Iterator[str]:
    """Yield the arguments that a block or step may not have."""
    known = {"=", *rules["arguments"].get(node.name, "").split()}
    yield from (f"{node.name} has the argument {name!r}" for name in node.named if name not in known)
    for name in bare((node.values, node.named)):
        if name.value not in rules["values"]:
            yield f"{node.name} is given {name.value!r}, which Groovy would evaluate"
    target = node.named.get("target")
    if node.name == "copyArtifacts" and not (
        isinstance(target, Text) and re.fullmatch(rules["copied_to"], target.value)
    ):
        yield "copyArtifacts writes elsewhere than below build/"


def _only_looks(script: Node, variable: str) -> bool:
    """Tell whether a `script` block does nothing but keep whether files are there."""
    looks = [(node.name, node.named.get("=")) for node in script.children]
    return bool(looks) and all(
        re.fullmatch(variable, name)
        and isinstance(look, Node)
        and look.name == "fileExists"
        and [type(value) for value in look.values] == [Text]
        for name, look in looks
    )


check = JenkinsfileIsDeclarative()
