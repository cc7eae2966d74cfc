"""No role of ours can write Airflow's bucket: what is put there runs as Airflow, so only the deployment may."""

from __future__ import annotations

from collections.abc import Iterator

from policies.check import NotApplicable, Resource, ResourceCheck, Statement
from policies.globs import witness

WRITES = ("s3:putobject", "s3:deleteobject", "s3:putbucketpolicy", "s3:putobjectacl", "s3:replicateobject")


class DagBucketIsWrittenByDeploymentOnly(ResourceCheck):
    """Requirement: no Allow of a role's policy, or of the bucket's own, covers writing <platform>-airflow.

    The deployment's role stands outside of the stacks (CSO_IAM_06).
    Compliant example: Airflow's role may `s3:GetObject*` and `s3:List*` there.
    Non-compliant example: `s3:PutObject` on `arn:aws:s3:::meridian-prod-*-raw/*`: `*` spans slashes, so that it covers
        `meridian-prod-platform-airflow/dags/x-raw/dag.py`, and what is written there runs as Airflow.
    Unknown is treated as: no verdict.
    Source: CSO catalogue AIR-02; SOC 2 CC8.1.
    """

    control = "CSO_AIR_02"
    check_id = "CSO_AIR_02_BUCKET"
    title = "Only the deployment writes the DAG bucket"
    types = ("aws_iam_role_policy", "aws_s3_bucket_policy")

    def judge(self, resource: Resource) -> Iterator[str]:
        context = resource.context
        bucket = f"{context.platform_name}-airflow"
        if resource.type == "aws_s3_bucket_policy" and resource.get("bucket") != bucket:
            raise NotApplicable("it is another bucket's policy")
        if resource.get("policy") is None:
            yield "policy is absent"
        policy = resource.policy("policy")
        for statement in policy.allows:
            key = next(_written(statement, policy.denies, f"arn:aws:s3:::{bucket}"), None)
            if key:
                yield f"{statement.label} allows writing {key}"


def _written(allow: Statement, denies: list[Statement], arn: str) -> Iterator[str]:
    """Yield what an Allow lets its holder write below `arn` and no unconditional Deny of the same policy takes back."""
    for action in (action for action in WRITES if allow.covers_action(action)):
        firm = [deny for deny in denies if not deny.conditions and deny.covers_action(action)]
        taken = [pattern for deny in firm for pattern in deny.resources]
        for pattern in ("*",) if allow.not_resources else allow.resources:
            for place in (arn, f"{arn}/*"):
                found = witness((pattern, place), taken)
                if found:
                    yield found


check = DagBucketIsWrittenByDeploymentOnly()
