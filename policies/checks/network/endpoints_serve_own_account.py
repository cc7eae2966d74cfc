"""A VPC endpoint is a door to one's own resources, not to everybody's queues and buckets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.check import Context, PlanRule, Resource, Statement, left_to_aws, pins, tests, within

NEEDED = ("elasticmapreduce", "glue", "kms", "logs", "s3", "secretsmanager", "sts")
READ_ONLY = {"s3:getobject"}
KINDS = (None, "Gateway", "Interface")
PACKAGES = tuple(
    f"arn:aws:s3:::{name}/*"
    for name in (
        "{region}.elasticmapreduce",
        "repo.{region}.emr.amazonaws.com",
        "al2023-repos-{region}-de612dc2",
        "amazonlinux-2-repos-{region}",
    )
)
"""Buckets of AWS from which machines fetch what they run; a pattern of such names would fit anybody's.
Source: EMR Management Guide, "Sample policies for private subnets that access Amazon S3", required buckets."""


class EndpointsServeOwnAccount(PlanRule):
    """Requirement: every endpoint leads to a service of AWS in the environment's region, and its policy lets in only
    this account's principals, and those only to its resources.

    A door to somebody's own service (`com.amazonaws.vpce.…`) or through his appliances (a load balancer's) obeys no
    policy. AWS's default policy lets anyone's credentials at anyone's resources. AWS itself needs two exceptions:
    reading, and only that, from its buckets of packages; and this account's principals at MWAA's own queues,
    `airflow-celery-*`, which stand in an account of AWS. The platform has the endpoints that pipelines need.
    Unknown is treated as: no verdict.
    Source: AWS data perimeters, resource perimeter; NIST CSF PR.IR.
    """

    control = "CSO_NET_01"
    check_id = "CSO_NET_01_ENDPOINTS"
    title = "VPC endpoints lead to the account's own resources only"
    types = ("aws_vpc_endpoint",)

    def judge(self, resource: Resource, plan: Any) -> Iterator[str]:
        service, kind = str(resource.get("service_name")), resource.get("vpc_endpoint_type")
        if not service.startswith(f"com.amazonaws.{plan.context.region}.") or kind not in KINDS:
            yield f"{kind or 'Gateway'} endpoint to {service!r}, which is no service of AWS in {plan.context.region}"
        if left_to_aws(resource, "policy"):
            yield "the endpoint has no policy of its own, and AWS's lets everyone at everything"
            return
        for statement in resource.policy("policy").allows:
            if not _is_own(statement, plan.context) and not _only_reads_packages(statement, plan.context):
                yield f"{statement.label} lets others in, or out to others' resources"

    def judge_plan(self, plan: Any) -> Iterator[str]:
        if not plan.context.is_platform:
            return
        found = {str(one.get("service_name")).rpartition(".")[2] for one in plan.of_type("aws_vpc_endpoint")}
        for service in NEEDED:
            if service not in found:
                yield f"the platform has no endpoint for {service}"


def _is_own(statement: Statement, context: Context) -> bool:
    own, found = (context.account_id,), list(tests(statement))
    is_caller = any(pins(test, "aws:PrincipalAccount") and test[2] == own for test in found)
    owned = [(operator, "aws:resourceaccount", own) for operator in ("stringequals", "stringequalsifexists")]
    queues = statement.resources == (f"arn:aws:sqs:{context.region}:*:airflow-celery-*",)
    return is_caller and (queues or any(test in owned for test in found))


def _only_reads_packages(statement: Statement, context: Context) -> bool:
    buckets = [pattern.format(region=context.region) for pattern in PACKAGES]
    is_packages = bool(statement.resources) and all(within(resource, buckets) for resource in statement.resources)
    return set(statement.actions) == READ_ONLY and is_packages


check = EndpointsServeOwnAccount()
