"""EMR that really runs its steps: puts local clusters in place of moto's, and answers what moto does not.

Fleets, managed scaling and auto-termination policies are answered by `sandbox.aws.services.emr`, on the same clusters.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, ClassVar

from moto.emr.exceptions import InvalidCluster, InvalidRequestException
from moto.emr.models import ElasticMapReduceBackend, emr_backends
from moto.emr.responses import ElasticMapReduceResponse

from sandbox.aws.operations import Call, Service
from sandbox.context import Context
from sandbox.emr.cluster import LocalCluster
from sandbox.emr.execution import Slots
from sandbox.emr.roles import check_runtime_role, check_service_role, instance_role_arn, requires_runtime_role
from sandbox.emr.runtime import ENDED, Ending, Runtime
from sandbox.emr.step import LocalStep

SECURITY_GROUPS = (
    "emr_managed_master_security_group",
    "emr_managed_slave_security_group",
    "service_access_security_group",
)
operations = Service(ElasticMapReduceResponse)


class Clusters(dict[str, LocalCluster]):
    """{cluster id: cluster}, which answers an unknown id as EMR does."""

    def __missing__(self, cluster_id: str) -> LocalCluster:
        raise InvalidCluster(cluster_id)


class LocalEmrBackend(ElasticMapReduceBackend):  # type: ignore[misc]  # moto is not typed here
    """EMR of one account and region."""

    __module__ = "moto.emr.models"  # moto reads the service's name from it
    runtime: ClassVar[Runtime]

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.clusters: Clusters = Clusters()

    def run_job_flow(self, **parameters: Any) -> LocalCluster:
        """Start a cluster.

        Raises:
            ValidationException, InvalidRequestException: it names a role or security configuration that is not there.
        """
        instance_role_arn(self.account_id, parameters.get("job_flow_role"))
        check_service_role(self.account_id, parameters.get("service_role"))
        if parameters.get("security_configuration"):
            self.get_security_configuration(parameters["security_configuration"])
        instances = parameters["instance_attrs"]
        groups = self._manage_security_groups(**instances)
        instances.update(zip(SECURITY_GROUPS, groups, strict=True))
        cluster = LocalCluster(self, self.runtime, **parameters)
        cluster.live()
        return cluster

    def security_text(self, cluster: LocalCluster) -> str | None:
        """Return the JSON text of a cluster's security configuration."""
        name = cluster.security_configuration
        return str(self.security_configurations[name].security_configuration) if name else None

    def describe_step(self, cluster_id: str, step_id: str) -> LocalStep:
        step: LocalStep | None = super().describe_step(cluster_id, step_id)
        if step is None:
            raise InvalidRequestException(f"Step id '{step_id}' is not valid.")
        return step

    def end_all(self) -> None:
        """End every cluster at once, and wait until none has a process left."""
        living = [cluster for cluster in self.clusters.values() if cluster.state not in ENDED]
        for cluster in living:
            cluster.end(Ending("INTERNAL_ERROR", "The local cloud was stopped", with_errors=True))
        for cluster in living:
            cluster.join(timeout_seconds=10)

    def reset(self) -> None:
        self.end_all()
        super().reset()


@operations.answer("AddJobFlowSteps")
def _add_steps(call: Call) -> Mapping[str, Any]:
    backend: LocalEmrBackend = emr_backends[call.account][call.region]
    cluster = backend.clusters[call["JobFlowId"]]
    role = call.get("ExecutionRoleArn")
    check_runtime_role(call.account, role, requires_runtime_role(backend.security_text(cluster)))
    return {"StepIds": [step.id for step in cluster.submit(call["Steps"], role)]}


@operations.answer("CancelSteps")
def _cancel_steps(call: Call) -> Mapping[str, Any]:
    cluster = emr_backends[call.account][call.region].clusters[call["ClusterId"]]
    refusals = {step_id: cluster.cancel_step(step_id) for step_id in call["StepIds"]}
    return {
        "CancelStepsInfoList": [
            {"StepId": step_id, "Status": "FAILED", "Reason": reason}
            if reason
            else {"StepId": step_id, "Status": "SUBMITTED"}
            for step_id, reason in refusals.items()
        ]
    }


def install(context: Context) -> None:
    """Put local clusters in place of moto's, for all accounts; who installs them calls `stop` in the end.

    Environment: SLUICE_EMR_PROVISION_SECONDS (1), SLUICE_EMR_BOOTSTRAP_SECONDS (0.5), SLUICE_EMR_SPARK_SLOTS (2).
    """
    LocalEmrBackend.runtime = Runtime(
        endpoint=context.endpoint,
        folder=context.state / "emr",
        faults=context.faults,
        slots=Slots(int(os.environ.get("SLUICE_EMR_SPARK_SLOTS", "2"))),
        provision_seconds=float(os.environ.get("SLUICE_EMR_PROVISION_SECONDS", "1")),
        bootstrap_seconds=float(os.environ.get("SLUICE_EMR_BOOTSTRAP_SECONDS", "0.5")),
    )
    emr_backends.backend = LocalEmrBackend
    operations.install()


def stop() -> None:
    """End every cluster of every account: no process is left behind."""
    for account in list(emr_backends.values()):
        for backend in list(account.values()):
            if isinstance(backend, LocalEmrBackend):
                backend.end_all()
