"""One run with every kind of verdict, for the reports; and text that tries to be more than text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from policies.controls import load_register
from policies.result import GateResult
from policies.verdict import Judgement, Subject, Verdict
from policies.waivers import Waiver

Golden = Callable[[str, str], None]
REGISTER = load_register(Path(__file__).with_name("register.yaml"))
TODAY = date(2026, 11, 23)
TOOLS = {"policies": "sha256:0f", "checkov": "3.3.30", "python": "3.11.9"}
KEY = "module.lake.module.key.aws_kms_key.this"
HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07<script>alert(1)</script> @security-team `code` ``two`` [go](http://evil.example) "
    "| cell |\n# heading\r\n</details>--> ]]> \u202egnp.exe \x00 \ud800 <img src=x onerror=alert(1)> ![x](y) "
    "=HYPERLINK(1) &lt; {0} https://evil.example #12"
)

WAIVER = Waiver(
    id="W-0001",
    control="CSO_S3_11",
    address="module.lake.*",
    tenant="annuity",
    environment="prod",
    owner="data-engineering@meridian.example",
    reason="the replica's region arrives in January",
    ticket="RISK-1042",
    approver="cloud-security@meridian.example",
    created=date(2026, 11, 1),
    expires=date(2026, 12, 1),
    line=3,
)


def planned(control: str, place: str, address: str, verdict: Verdict, found: str = "", waiver: str = "") -> Judgement:
    """Return a judgement about a resource in the plan of `place`, `prod/annuity`."""
    environment, _, stack = place.partition("/")
    return Judgement(control, control, Subject(environment, stack, "plan", address), verdict, found, waiver)


def judgements() -> tuple[Judgement, ...]:
    """Return one judgement of each kind, and several where a report must group."""
    failed, bucket = Verdict.FAILED, "module.lake.aws_s3_bucket.this"
    dev_key = Subject("dev", "annuity", "plan", KEY, "modules/tenant/main.tf", 14)
    flow = Subject("prod", "annuity", "job_flow", "environments/prod/rendered/annuity/dag/job_flow.json#ReleaseLabel")
    release = planned("CSO_EMR_10", "dev/annuity", "aws_emr_cluster.this", Verdict.PASSED, "emr-7.1.0 ends 2027-03-01")
    jenkinsfile = Subject("", "", "jenkinsfile", "Jenkinsfile", "Jenkinsfile", 12)
    unknown = "ReleaseLabel is known only after the apply"
    return (
        Judgement("CSO_KMS_01", "CSO_KMS_01", dev_key, failed, "enable_key_rotation is False"),
        replace(release, is_warning=True),
        planned("CSO_KMS_01", "prod/annuity", KEY, failed, "enable_key_rotation is absent"),
        planned("CSO_S3_01", "prod/annuity", bucket, failed, "block_public_acls is absent"),
        planned("CSO_S3_11", "prod/annuity", bucket, Verdict.WAIVED, "there is no replica", "W-0001"),
        Judgement("CSO_EMR_10", "CSO_EMR_10_JOB_FLOW", flow, Verdict.NO_VERDICT, unknown),
        planned("CSO_KMS_01", "prod/platform", KEY, Verdict.PASSED),
        planned("CSO_S3_01", "prod/platform", "aws_s3_bucket.site", Verdict.NOT_APPLICABLE, "holds no data"),
        Judgement("CSO_GOV_01", "CSO_GOV_01", jenkinsfile, failed, "no owner is named"),
    )


def run(items: Iterable[Judgement] | None = None, **changes: object) -> GateResult:
    """Return a run of `items`, the sample's by default."""
    values = {
        "judgements": judgements() if items is None else tuple(items),
        "register": REGISTER,
        "waivers": (WAIVER,),
        "digests": {
            "plan prod/annuity": "a" * 64,
            "plan prod/platform": "b" * 64,
            "plan dev/annuity": "c" * 64,
            "environments/prod/rendered/annuity/dag/job_flow.json": "d" * 64,
            "Jenkinsfile": "e" * 64,
        },
        "today": TODAY,
        "environments": ("dev", "prod"),
        "stacks": ("dev/annuity", "prod/annuity", "prod/platform"),
        "notes": ("dev/platform has no plan: only its rendered files were judged",),
        **changes,
    }
    return GateResult(**values)  # type: ignore[arg-type]


def hostile(verdict: Verdict = Verdict.FAILED) -> GateResult:
    """Return a run whose address, message, path and waiver all try to be more than text."""
    subject = Subject("prod", "annuity", "plan", HOSTILE, f"tenants/{HOSTILE}", 3)
    judgement = Judgement("CSO_KMS_01", "CSO_KMS_01", subject, verdict, HOSTILE)
    waived = Judgement("CSO_S3_11", "CSO_S3_11", subject, Verdict.WAIVED, HOSTILE, "W-0001")
    return run([judgement, waived], notes=(HOSTILE,))
