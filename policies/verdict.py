"""What the gate says about one control on one thing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """Only PASSED, WAIVED and NOT_APPLICABLE let a change through; NO_VERDICT is worse than FAILED."""

    PASSED = "passed"
    FAILED = "failed"
    WAIVED = "waived"
    NOT_APPLICABLE = "not applicable"
    NO_VERDICT = "no verdict"


@dataclass(frozen=True, slots=True)
class Subject:
    """The thing that was judged.

    Attributes:
        environment: `dev`, `prod`; empty for what belongs to none (a Jenkinsfile, a tenant's spec).
        stack: tenant, `platform`, or empty.
        artefact: kind, one of `policies.artefacts.kinds`, or `plan`.
        address: Terraform address, or the path of the file from the repository's root, with `#pointer` into it.
        path: file that a person edits to mend it, from the repository's root; empty when not known.
        line: line in `path`, from 1; 0 when not known.
    """

    environment: str
    stack: str
    artefact: str
    address: str
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """One check's verdict on one subject.

    Attributes:
        control: id in the register, `CSO_EMR_03`.
        check: id of the check that judged, `CSO_EMR_03_JOB_FLOW`.
        found: what was found wrong, why there is no verdict, or why it does not apply; empty when passed.
        waiver: id of the waiver in force, when waived.
        is_warning: passed today, but will not for long (a release whose support ends soon).
    """

    control: str
    check: str
    subject: Subject
    verdict: Verdict
    found: str = ""
    waiver: str = ""
    is_warning: bool = False

    @property
    def fingerprint(self) -> str:
        """Names the finding across runs: the same control on the same subject, wherever its line has moved."""
        where = self.subject
        parts = (self.control, self.check, where.environment, where.stack, where.artefact, where.address, self.found)
        return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]
