"""A Jenkinsfile holds no secret: it names credentials of Jenkins' store, and does not say what programs are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.artefacts.groovy_form import Node, Text
from policies.artefacts.jenkinsfile import Jenkinsfile
from policies.artefacts.secrets import NOUNS, TextFile
from policies.check import ArtefactCheck
from policies.data import read

PARAMETERS = ("string", "choice", "booleanParam")
SECRET = re.compile(rf"\w*(?:{NOUNS})", re.IGNORECASE)


class JenkinsfileHoldsNoSecret(ArtefactCheck):
    """Requirement: a variable or argument that is named like a secret is filled by `credentials('…')`.

    A build sets only the variables of policies/data/jenkins_allowlist.yaml. Keys of AWS have no place at all:
    the build's role is assumed through its identity token (CSO_IAM_06).
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
        rules = read("jenkins_allowlist")
        allowed = f"{rules['variables']}|{rules['script_variable']}"
        for node in (inner for statement in artefact.statements for inner in statement.walk()):
            yield from ((f"sets {name}", node.line) for name in _variables(node) if not re.fullmatch(allowed, name))
            yield from ((f"{name} is a literal", node.line) for name in _literals(node) if SECRET.fullmatch(name))


def _variables(node: Node) -> Iterator[str]:
    """Yield the environment variables that a node makes, also as a parameter, a credential, an axis or an answer."""
    if "=" in node.named:
        yield node.name
    told = [value for name, value in node.named.items() if name.lower().endswith("variable")]
    if node.name in PARAMETERS and "name" in node.named:
        told.append(node.named["name"])
    if node.name in ("submitterParameter", "name"):
        told += node.values
    yield from (value.value if isinstance(value, Text) else repr(value) for value in told)


def _literals(node: Node) -> Iterator[str]:
    """Yield the names to which a node gives a text that is not empty, a parameter's with its default among them."""
    for name, value in node.named.items():
        if isinstance(value, Text) and value.value:
            yield node.name if name == "=" else name
            parameter = node.named.get("name")
            if name == "defaultValue" and isinstance(parameter, Text):
                yield parameter.value


check = JenkinsfileHoldsNoSecret()
