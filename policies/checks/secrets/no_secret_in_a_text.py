"""No file of the delivery holds a secret: Secrets Manager does, and files name it."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts.secrets import TextFile
from policies.check import ArtefactCheck


class NoSecretInAText(ArtefactCheck):
    """Requirement: no key, token, password or random text that may be one stands in a file; it is never quoted here.

    Compliant example: `password = aws_secretsmanager_secret.loader.arn`, `{{resolve:secretsmanager:…}}`.
    Non-compliant example: a password in quotes behind a name that ends in `password`; an AWS key id in a comment.
    Unknown is treated as: a file that is no UTF-8 text ends the gate before this check.
    Source: SOC 2 CC6.1; NYDFS 500.15; CWE-798.
    """

    control = "CSO_SEC_01"
    check_id = "CSO_SEC_01"
    title = "No file holds a secret"
    artefact = "secret_scan"

    def judge(self, artefact: TextFile) -> Iterator[tuple[str, int]]:
        yield from ((f"holds what looks like {kind}", line) for kind, line in artefact.suspects)


check = NoSecretInAText()
