"""Whether the evidence in a release says of this very release that everything was judged and nothing is wrong.

What cannot be confirmed refuses: evidence of a part, of other files, by another register, or with a verdict missing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

import yaml

from delivery.errors import DeliveryError
from delivery.release.bundle import Release
from policies.errors import PolicyError
from policies.report.verdicts import RecordedRun, decode
from policies.verdict import Verdict

VERDICTS, SUMS = "verdicts.json", "SHA256SUMS"
REGISTER = "policies/controls.yaml"
UNJUDGED = ("requirements/",)
"""Of a release's files, those that the gate does not judge: locks, which name hashes themselves."""
MOST_REASONS = 10


class EvidenceRefused(DeliveryError):
    """The evidence in a release does not say that this release passed the gate.

    Attributes:
        reasons: each of what it fails to say.
    """

    exit_code = 4

    def __init__(self, release: str, reasons: list[str]) -> None:
        self.reasons = tuple(reasons)
        left_out = len(reasons) - MOST_REASONS
        shown = reasons[:MOST_REASONS] + ([f"and {left_out} more"] if left_out > 0 else [])
        super().__init__(
            f"release {release[:16]}: its evidence does not say that it passed the gate",
            expected="every file of the release judged by every control, and none of the verdicts failed or missing",
            why="\n            ".join(shown),
            fix="sluice gate --evidence DIR, then sluice release build --evidence DIR, from the same tree",
        )


def require_evidence(release: Release) -> RecordedRun:
    """Return the gate's run that the release carries, once it is seen to be about this release and to pass.

    Raises:
        EvidenceRefused: see there.
    """
    try:
        run = decode(release.evidence[VERDICTS], VERDICTS)
    except KeyError:
        raise EvidenceRefused(release.digest, ["it holds no verdicts"]) from None
    except PolicyError as error:
        raise EvidenceRefused(release.digest, [str(error)]) from error
    reasons = [*_about_sums(release), *_about_scope(release, run), *_about_files(release, run), *_about_verdicts(run)]
    if reasons:
        raise EvidenceRefused(release.digest, reasons)
    return run


def _about_sums(release: Release) -> Iterator[str]:
    """The auditor's files are those that the gate wrote together."""
    lines = release.evidence.get(SUMS, b"").decode(errors="replace").splitlines()
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    found = {name: _sha256(content) for name, content in release.evidence.items() if name != SUMS}
    for name in sorted(listed.keys() | found.keys()):
        if listed.get(name) != found.get(name):
            yield f"evidence/{name} is not what {SUMS} lists"


def _about_scope(release: Release, run: RecordedRun) -> Iterator[str]:
    """All stacks, by all controls of the register that the release carries."""
    for stack in sorted(set(release.stacks) ^ set(run.stacks)):
        yield f"{stack} was not judged" if stack in release.stacks else f"{stack} was judged, and is not in it"
    register = release.files.get(REGISTER, b"")
    if run.register != _sha256(register):
        yield f"it was judged by another {REGISTER}"
        return
    document = yaml.safe_load(register)
    asked = {control["id"] for control in document["controls"]}
    yield from (f"{name} was left out" for name in sorted(asked - set(run.controls)))


def _about_files(release: Release, run: RecordedRun) -> Iterator[str]:
    """The very bytes of the release, and every rendered file that was judged."""
    for path, content in sorted(release.files.items()):
        judged = run.digests.get(path)
        if not path.startswith(UNJUDGED) and judged != _sha256(content):
            yield f"{path} was judged with other content" if judged else f"{path} was not judged"
    for path in sorted(run.digests.keys() - release.files.keys()):
        if path.startswith("environments/") and "/rendered/" in path:
            yield f"{path} was judged, and is not in it"


def _about_verdicts(run: RecordedRun) -> Iterator[str]:
    counts = Counter(judgement.verdict for judgement in run.judgements)
    for verdict in (Verdict.FAILED, Verdict.NO_VERDICT):
        if counts[verdict.value] or run.counts.get(verdict.value, 0):
            yield f"{counts[verdict.value]} verdicts are {verdict.value!r}"
    if not counts[Verdict.PASSED.value]:
        yield "no verdict is 'passed'"
    if {name: number for name, number in run.counts.items() if number} != dict(counts):
        yield "its counts are not those of its verdicts"
    if run.exit_code:
        yield f"the gate ended with exit code {run.exit_code}"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
