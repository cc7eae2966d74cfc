"""What is to be told of the checks that stand in no check file, because they judge more than one artefact."""

from __future__ import annotations

from policies import waivers
from policies.report.check_facts import CheckFacts

GOOD_WAIVER = """\
- id: W-0001
  control: CSO_S3_11
  address: module.lake.module.curated.aws_s3_bucket.this
  tenant: annuity
  environment: prod
  owner: data-engineering@meridian.example
  reason: the replica's region is ordered and arrives in January
  ticket: RISK-1042
  approver: cloud-security@meridian.example
  created: 2026-11-23
  expires: 2027-01-31
"""
READS = "Action: s3:GetObject\nResource: arn:aws:s3:::meridian-prod-annuity"
BUILT_IN = {
    waivers.CHECK: CheckFacts(
        check_id=waivers.CHECK,
        title=waivers.TITLE,
        artefact=waivers.ARTEFACT,
        unknown="a file that is malformed ends the run without a verdict (exit 4)",
        requirement=(
            "no waiver is expired, unused, broader than what fails, approved by its own owner, without reason or "
            f"ticket, from the future, longer than {waivers.MOST_DAYS} days, about what does not exist, or named twice"
        ),
        source="CSO catalogue GOV-01",
        good=GOOD_WAIVER,
        bad=GOOD_WAIVER.replace("expires: 2027-01-31", "expires: 2028-01-31 # more than 90 days"),
    ),
    "CSO_ISO_01": CheckFacts(
        check_id="CSO_ISO_01",
        title="No principal of one tenant reaches anything of another",
        artefact="plan",
        unknown="no verdict: an unknown policy may allow everything",
        requirement="over the union of all plans of an environment, as `sluice isolation` proves or refutes it",
        source="CSO catalogue, last paragraph",
        good=f"# in a role of the tenant annuity\n{READS}-raw/*\n",
        bad=f"# the same, but the glob reaches the buckets of a tenant annuity-emea too\n{READS}*\n",
    ),
}
"""{check id: facts}"""
