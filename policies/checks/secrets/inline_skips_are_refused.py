"""Nothing tells a scanner to look away from beside the thing that it would find: exceptions stand in waivers.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.artefacts.secrets import TextFile
from policies.check import ArtefactCheck

MARKS = re.compile(
    r"""(?ix)
    (?:checkov|bridgecrew|cortex) ["']? \s* : \s* \{? \s* ["']? skip
    | (?:tfsec|trivy|snyk|trufflehog|terrascan|regula|sluice|gate|cso) : (?:ignore|skip|allow|disable)
    | \#\s*ts:skip | kics-scan \s+ (?:ignore|disable) | gitleaks [:] allow
    | (?:\#|//|--) \s* (?:nosec|nosemgrep) \b
    | noqa : (?:(?!--)[^\n])* \b gate \b
    | pragma: \s* (?:allowlist|whitelist) \s+ (?:nextline \s+)? secret
    | cfn_nag ["']? \s* : \s* \{? \s* ["']? rules_to_suppress
    | cfn-lint ["']? \s* : \s* (?:\{? \s* ["']? config ["']? \s* : \s* \{? \s* ["']? ignore_checks | disable)
    | CSO_[A-Z]+_\d\d \w* \s* [:=] \s* (?:skip|ignore|disable)
    """
)

WORDS = ("skip", "ignore", "allow", "whitelist", "disable", "nosec", "nosemgrep", "noqa", "suppress")
"""One of them is part of every mark; most files hold none, and are not searched."""


class InlineSkipsAreRefused(ArtefactCheck):
    """Requirement: no file holds a mark by which a scanner or this gate would pass over a finding.

    A mark has no owner, no reason that anyone approved and no end; a waiver in policies/waivers.yaml has.
    Compliant example: a waiver with owner, approver, reason, ticket and expiry.
    Non-compliant example: a comment that names checkov, a colon, skip and a check's id.
    Unknown is treated as: a file that is no UTF-8 text ends the gate before this check.
    Source: SOC 2 CC8.1; CSO catalogue GOV-01.
    """

    control = "CSO_GOV_02"
    check_id = "CSO_GOV_02"
    title = "No file tells a scanner to look away"
    artefact = "secret_scan"

    def judge(self, artefact: TextFile) -> Iterator[tuple[str, int]]:
        text = artefact.text.lower()
        if not any(word in text for word in WORDS):
            return
        for match in MARKS.finditer(artefact.text):
            mark = " ".join(match.group().split())
            yield f"tells a scanner to look away: {mark!r}", artefact.line_at(match.start())


check = InlineSkipsAreRefused()
