"""What runs code as a role of its own: who may change or command it, acts as that role."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from policies.check import Resource
from policies.errors import Undecided
from policies.isolation.model import Asset, Host, Problem, Rules
from policies.isolation.reading import problem, referred, roles_named, text
from policies.plan import Plan

COMMAND_MACHINE = (
    "ssm:SendCommand",
    "ssm:StartSession",
    "ssm:CreateAssociation",
    "ssm:CreateAssociationBatch",
    "ssm:UpdateAssociation",
    "ec2-instance-connect:SendSSHPublicKey",
    "ec2-instance-connect:SendSerialConsoleSSHPublicKey",
    "ec2:ModifyInstanceAttribute",
)
COMMAND_AIRFLOW = {
    "environment/{name}": ("airflow:CreateCliToken", "airflow:UpdateEnvironment"),
    "role/{name}/*": ("airflow:InvokeRestApi", "airflow:CreateWebLoginToken"),
}
"""`{resource: actions}`: IAM knows the REST API and the web page by a role of Airflow's own, not by the environment."""
WRITE_CODE = ("s3:PutObject", "s3:ReplicateObject")
RUNS_CODE = "its code acts as its role"


class HostReader:
    """Reads one plan's hosts.

    Args:
        policies_of_buckets: `{bucket: its policy's rules}` of the plans that are read so far, this one among them.
    """

    def __init__(self, account: str, region: str, policies_of_buckets: Mapping[str, Rules]) -> None:
        self.account, self.region = account, region
        self._policies_of_buckets = policies_of_buckets
        self.problems: list[Problem] = []

    def read(self, plan: Plan) -> list[Host]:
        readers: dict[str, Callable[[Plan, Resource], Iterator[Host]]] = {
            "aws_iam_instance_profile": self._machines,
            "aws_mwaa_environment": self._airflow,
            "aws_redshift_cluster": self._warehouse,
            "aws_lambda_function": self._function,
            "aws_glue_job": self._job,
        }
        found: list[Host] = []
        for type, reader in readers.items():
            for resource in plan.of_type(type):
                try:
                    found.extend(reader(plan, resource))
                except Undecided as reason:
                    self.problems.append(problem(plan.context.stack, resource, reason))
        return found

    def _host(
        self, resource: Resource, arn: str, actions: tuple[str, ...], roles: list[str], how: str, policies: Rules = ()
    ) -> Iterator[Host]:
        yield Host(Asset("", resource.address, "", arn, policies), actions, tuple(roles), how)

    def _arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"

    def _machines(self, plan: Plan, resource: Resource) -> Iterator[Host]:
        """Any instance: which one carries the profile is known only when it runs."""
        how = f"commands run on a machine act as the role of {resource.address}"
        roles = roles_named(plan, resource, "role")
        yield from self._host(resource, self._arn("ec2", "instance/*"), COMMAND_MACHINE, roles, how)

    def _airflow(self, plan: Plan, resource: Resource) -> Iterator[Host]:
        """MWAA runs what lies in its DAG folder, and obeys who may use its API."""
        roles = roles_named(plan, resource, "execution_role_arn")
        made_from = referred(plan, resource, "source_bucket_arn", "aws_s3_bucket")
        bucket = f"arn:aws:s3:::{text(made_from, 'bucket')}" if made_from else text(resource, "source_bucket_arn")
        policies = self._policies_of_buckets.get(bucket.rpartition(":")[2], ())
        places = [f"{text(resource, 'dag_s3_path').rstrip('/')}/*"]
        for path in ("plugins_s3_path", "requirements_s3_path", "startup_script_s3_path"):
            places += [text(resource, path)] if text(resource, path) else []
        how = f"{resource.address} runs what lies there as its execution role"
        for place in places:
            yield from self._host(resource, f"{bucket}/{place}", WRITE_CODE, roles, how, policies)
        for pattern, actions in COMMAND_AIRFLOW.items():
            arn = self._arn("airflow", pattern.format(name=text(resource, "name")))
            yield from self._host(resource, arn, actions, roles, "Airflow obeys who may use it")

    def _warehouse(self, plan: Plan, resource: Resource) -> Iterator[Host]:
        """SQL in the warehouse can COPY and UNLOAD as the cluster's roles."""
        name = text(resource, "cluster_identifier")
        roles = roles_named(plan, resource, "iam_roles")
        how = f"COPY and UNLOAD in {resource.address} act as the cluster's roles"
        run = (
            "redshift-data:ExecuteStatement",
            "redshift-data:BatchExecuteStatement",
            "redshift:ModifyClusterIamRoles",
        )
        yield from self._host(resource, self._arn("redshift", f"cluster:{name}"), run, roles, how)
        log_in = ("redshift:GetClusterCredentials", "redshift:GetClusterCredentialsWithIAM")
        yield from self._host(resource, self._arn("redshift", f"db*:{name}/*"), log_in, roles, how)

    def _function(self, plan: Plan, resource: Resource) -> Iterator[Host]:
        actions = ("lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration")
        arn = self._arn("lambda", f"function:{text(resource, 'function_name')}")
        yield from self._host(resource, arn, actions, roles_named(plan, resource, "role"), RUNS_CODE)

    def _job(self, plan: Plan, resource: Resource) -> Iterator[Host]:
        actions = ("glue:UpdateJob", "glue:StartJobRun")
        arn = self._arn("glue", f"job/{text(resource, 'name')}")
        yield from self._host(resource, arn, actions, roles_named(plan, resource, "role_arn"), RUNS_CODE)
