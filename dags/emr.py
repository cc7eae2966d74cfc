"""Tell EMR to start clusters and run steps: one cluster per DAG run, one step per job and attempt, however often tried.

Decides when a cluster or a step is found, made or refused. It must not know what a step computes.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from airflow.providers.amazon.aws.hooks.emr import EmrHook
from airflow.providers.amazon.aws.hooks.ssm import SsmHook
from airflow.sdk import Context

from dags import job_flow, settings
from dags.compat import AirflowException, AirflowFailException
from dags.emr_trigger import EmrStepTrigger
from dags.polling import OVER, TIMEOUT
from dags.release import ReleasedOperator

USABLE = ("STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING")
GONE = frozenset({"TERMINATING", "TERMINATED", "TERMINATED_WITH_ERRORS"})
ADOPTED = frozenset({"PENDING", "RUNNING", "COMPLETED"})


class EmrOperator(ReleasedOperator):
    """What the operators here share: the connection, and the clusters that can be used.

    Args:
        aws_conn_id: Airflow connection.
    """

    def __init__(self, *, aws_conn_id: str = "aws_default", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.aws_conn_id = aws_conn_id

    @cached_property
    def hook(self) -> EmrHook:
        return EmrHook(emr_conn_id=None, aws_conn_id=self.aws_conn_id)

    def usable_clusters(self, name: str) -> Iterator[str]:
        """Yield the ids of the clusters of this name that run or will."""
        for page in self.hook.conn.get_paginator("list_clusters").paginate(ClusterStates=list(USABLE)):
            yield from (cluster["Id"] for cluster in page["Clusters"] if cluster["Name"] == name)


class CreateClusterOperator(EmrOperator):
    """Start the run's cluster without waiting for it, unless an earlier try of this run started it; returns its id.

    RunJobFlow knows no client token, so the cluster is looked up by its tag first. Nothing comes after RunJobFlow that
    could fail: Airflow tears down only what its setup task reported.

    Args:
        job_flow_path: rendered job flow document.
        run_key: `<dag id>/<run id>`.
        max_hours: age at which the reaper may end the cluster.
        as_of: business date, part of the cluster's name.
    """

    template_fields: Sequence[str] = ("job_flow_path", "run_key", "as_of")

    def __init__(
        self,
        *,
        job_flow_path: str,
        run_key: str,
        max_hours: float,
        as_of: str = "{{ params.as_of or ds }}",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.job_flow_path, self.run_key, self.max_hours, self.as_of = job_flow_path, run_key, max_hours, as_of

    def execute(self, context: Context) -> str:
        document = json.loads(Path(self.job_flow_path).read_text(encoding="utf-8"))
        flow = job_flow.for_run(document, self.run_key, self.as_of, dt.datetime.now(dt.UTC), self.max_hours)
        for cluster_id in self.usable_clusters(flow["Name"]):
            if self._run_key_of(cluster_id) == job_flow.tag_value(self.run_key):
                self.log.info("cluster %s of an earlier try is used", cluster_id)
                return cluster_id
        flow = job_flow.looked_up(flow, SsmHook(aws_conn_id=self.aws_conn_id).get_parameter_value)
        return str(self.hook.conn.run_job_flow(**flow)["JobFlowId"])

    def _run_key_of(self, cluster_id: str) -> str | None:
        tags = self.hook.conn.describe_cluster(ClusterId=cluster_id)["Cluster"].get("Tags", [])
        return next((tag["Value"] for tag in tags if tag["Key"] == job_flow.RUN_KEY), None)


class FindClusterOperator(EmrOperator):
    """Return the id of the one long-running cluster of a name.

    Args:
        cluster_name: as Terraform called it.
    """

    template_fields: Sequence[str] = ("cluster_name",)

    def __init__(self, *, cluster_name: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cluster_name = cluster_name

    def execute(self, context: Context) -> str:
        found = list(self.usable_clusters(self.cluster_name))
        if len(found) != 1:
            raise AirflowException(
                f"EMR has {len(found)} active clusters called {self.cluster_name!r} {found or ''}\n"
                f"  expected: exactly one\n"
                f"  fix:      apply the platform stack, which holds the long-running cluster"
            )
        return found[0]


class RunStepOperator(EmrOperator):
    """Run one step to COMPLETED and return its id; fail with the job's own message.

    Args:
        cluster_id: `j-…`; the cluster may still be starting.
        step_name: deterministic, one per job and attempt; a step of that name that is not failed is adopted.
        arguments: command for command-runner.jar.
        execution_role_arn: runtime role of the job.
        upstream_cluster_task: task to clear from when the cluster is gone.
        timeout_minutes: from the start of the task, the cluster's start included.
    """

    template_fields: Sequence[str] = ("cluster_id", "step_name", "arguments", "execution_role_arn")

    def __init__(
        self,
        *,
        cluster_id: str,
        step_name: str,
        arguments: list[str],
        execution_role_arn: str,
        upstream_cluster_task: str,
        timeout_minutes: float,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.cluster_id, self.step_name, self.arguments = cluster_id, step_name, arguments
        self.execution_role_arn, self.upstream_cluster_task = execution_role_arn, upstream_cluster_task
        self.timeout_minutes = timeout_minutes
        self._step_id: str | None = None

    def execute(self, context: Context) -> str:
        self._step_id = self._step_of_an_earlier_try() or self._add_step()
        trigger = EmrStepTrigger(
            aws_conn_id=self.aws_conn_id,
            cluster_id=self.cluster_id,
            step_id=self._step_id,
            deadline=time.time() + self.timeout_minutes * 60,
            poll_seconds=settings.poll_seconds(),
            outage_seconds=settings.outage_seconds(),
        )
        self.defer(trigger=trigger, method_name="ended")

    def ended(self, context: Context, event: dict[str, Any]) -> str:
        """Continue after the step ended, took too long, or EMR fell silent."""
        self._step_id = step_id = str(event["step_id"])
        if event["outcome"] == TIMEOUT:
            self.on_kill()
            raise AirflowException(
                f"EMR {self._where} was not done after {self.timeout_minutes} minutes and was cancelled\n"
                f"  fix:      see its log; give it more time or a larger cluster"
            )
        if event["outcome"] != OVER:
            raise AirflowException(
                f"EMR {self._where}: {event['message']}\n"
                f"  why:      no answer for {settings.outage_seconds():.0f} s\n"
                f"  fix:      clear this task: it adopts the step"
            )
        if event["state"] == "COMPLETED":
            return step_id
        raise self._failure(step_id)

    def on_kill(self) -> None:
        if self._step_id is not None:
            self.log.info("cancelling EMR %s", self._where)
            self.hook.conn.cancel_steps(
                ClusterId=self.cluster_id, StepIds=[self._step_id], StepCancellationOption="TERMINATE_PROCESS"
            )

    @property
    def _where(self) -> str:
        return f"step {self.step_name!r} ({self._step_id}) on cluster {self.cluster_id}"

    def _step_of_an_earlier_try(self) -> str | None:
        pages = self.hook.conn.get_paginator("list_steps").paginate(ClusterId=self.cluster_id)
        for step in (step for page in pages for step in page["Steps"]):  # newest first
            if step["Name"] == self.step_name and step["Status"]["State"] in ADOPTED:
                self.log.info("step %s of an earlier try is %s: adopted", step["Id"], step["Status"]["State"])
                return str(step["Id"])
        return None

    def _add_step(self) -> str:
        gone = self._cluster_gone()
        if gone:
            raise AirflowFailException(f"EMR {gone}\n{self._clear_from_cluster}")
        step = {
            "Name": self.step_name,
            "ActionOnFailure": "CONTINUE",
            "HadoopJarStep": {"Jar": "command-runner.jar", "Args": self.arguments},
        }
        ids = self.hook.add_job_flow_steps(
            job_flow_id=self.cluster_id, steps=[step], execution_role_arn=self.execution_role_arn
        )
        return str(ids[0])

    def _failure(self, step_id: str) -> AirflowException:
        """Return what went wrong: the job's own message first, or why the cluster went away."""
        status = self.hook.conn.describe_step(ClusterId=self.cluster_id, StepId=step_id)["Step"]["Status"]
        details, change = status.get("FailureDetails") or {}, status.get("StateChangeReason") or {}
        message = details.get("Message") or details.get("Reason") or change.get("Message") or "EMR gives no reason"
        lines = [message, f"  where:    {self._where}, {status['State']}"]
        if details.get("LogFile"):
            lines.append(f"  log:      {details['LogFile']}")
        gone = self._cluster_gone()
        if gone:
            return AirflowFailException("\n".join([*lines, f"  why:      {gone}", self._clear_from_cluster]))
        return AirflowException("\n".join([*lines, "  fix:      mend the data or the job, then clear this task"]))

    def _cluster_gone(self) -> str | None:
        status = self.hook.conn.describe_cluster(ClusterId=self.cluster_id)["Cluster"]["Status"]
        if status["State"] not in GONE:
            return None
        reason = status.get("StateChangeReason") or {}
        return f"cluster {self.cluster_id} is {status['State']}: {reason.get('Message') or 'no reason given'}"

    @property
    def _clear_from_cluster(self) -> str:
        return f"  fix:      clear from {self.upstream_cluster_task}: that task and everything after it"
