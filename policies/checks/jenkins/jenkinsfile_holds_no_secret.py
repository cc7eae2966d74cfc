"""A Jenkinsfile holds no secret: it names credentials of Jenkins' store, and does not say what programs are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.artefacts.groovy_form import Node, Text
from policies.artefacts.jenkinsfile import Jenkinsfile
from policies.artefacts.secrets import NOUNS, TextFile
from policies.check import ArtefactCheck
from policies.data import read

SECRET = re.compile(rf"\w*(?:{NOUNS})", re.IGNORECASE)


class JenkinsfileHoldsNoSecret(ArtefactCheck):
    """Requirement: a variable or argument that is named like a secret is filled by `credentials('…')`.

    Keys of AWS have no place at all: the build's role is assumed through its identity token (CSO_IAM_06).
    Compliant example: `environment { GITHUB_TOKEN = credentials('github-token') }`.
    Non-compliant example: `environment { DB_PASSWORD = '…' }`, `AWS_SECRET_ACCESS_KEY = credentials('aws')`.
    Unknown is treated as: no verdict for a file of another form.
    Source: CSO catalogue, Jenkinsfile; SOC 2 CC6.1; NYDFS 500.15.
    """

    control = "CSO_JEN_01"
    check_id = "CSO_JEN_01_SECRETS"
    title = "A Jenkinsfile holds no secret"
    artefact = "jenkinsfile"

    def judge(self, artefact: Jenkinsfile) -> Iterator[tuple[str, int]]:
        held = TextFile(artefact.path, artefact.text, artefact.context).suspects
        yield from ((f"holds what looks like {kind}", line) for kind, line in held)
        refused = read("jenkins_allowlist")["environment_refused"]
        for node in (inner for statement in artefact.statements for inner in statement.walk()):
            if "=" in node.named and re.fullmatch(refused, node.name):
                yield f"sets {node.name}", node.line
            yield from ((f"{name} is a literal", node.line) for name in _literals(node) if SECRET.fullmatch(name))


def _literals(node: Node) -> Iterator[str]:
    """Yield the names to which a node gives a text that is not empty."""
    for name, value in node.named.items():
        if isinstance(value, Text) and value.value:
            yield node.name if name == "=" else name


check = JenkinsfileHoldsNoSecret()
