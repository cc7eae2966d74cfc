"""A cluster's life as EMR's: STARTING, BOOTSTRAPPING, RUNNING and WAITING, TERMINATING and how it ended.

Decides which step's turn it is and when the cluster ends; must not know how a step is executed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from moto.core.utils import utcnow
from moto.emr.exceptions import ValidationException
from moto.emr.models import Cluster

from sandbox.aws.sessions import start_session
from sandbox.emr.execution import StepExecution
from sandbox.emr.logs import LogFolder
from sandbox.emr.roles import instance_role_arn
from sandbox.emr.runtime import ENDED, Ending, Runtime, no_capacity
from sandbox.emr.spark.arguments import cluster_defaults
from sandbox.emr.spark.submit import Session
from sandbox.emr.step import LocalStep, step_from

_TICK_SECONDS = 1.0


class LocalCluster(Cluster):  # type: ignore[misc]  # moto is not typed here
    """A cluster whose states follow from time and from the steps that really run. Started by `live`."""

    __module__ = "moto.emr.models"  # moto reads the service's name from it

    auto_termination_policy: Mapping[str, Any] | None = None
    """{"IdleTimeout": seconds}, written by RunJobFlow and PutAutoTerminationPolicy."""

    def __init__(self, backend: Any, runtime: Runtime, **parameters: Any) -> None:
        self.runtime = runtime
        self._changed = threading.Condition(threading.RLock())
        self._executions: dict[str, StepExecution] = {}
        self._ending: Ending | None = None
        self._life = threading.Thread(target=self._live, daemon=True)
        super().__init__(backend, **parameters)

    # ---------------------------------------------------------------------------------- what moto calls

    def run_bootstrap_actions(self) -> None:
        """Nothing: moto would be WAITING at once."""

    def add_steps(self, steps: Sequence[Mapping[str, Any]], execution_role_arn: str | None = None) -> list[LocalStep]:
        """Queue steps, given as moto parses them.

        Raises:
            ValidationException: the cluster has ended, or is about to.
        """
        return self.queue([LocalStep(execution_role_arn, **step) for step in steps])

    def submit(self, configs: Sequence[Mapping[str, Any]], execution_role_arn: str | None) -> list[LocalStep]:
        """Queue steps given as AddJobFlowSteps' `StepConfig`."""
        self._check_failure_actions(configs)
        return self.queue([step_from(config, execution_role_arn) for config in configs])

    def queue(self, steps: list[LocalStep]) -> list[LocalStep]:
        with self._changed:
            if self._ending or getattr(self, "state", None) in ENDED:
                raise ValidationException(
                    "A job flow that is shutting down, terminating, or finished may not be modified."
                )
            self.steps.extend(steps)
            self._changed.notify_all()
        return steps

    def _check_failure_actions(self, configs: Sequence[Mapping[str, Any]]) -> None:
        for config in configs:
            action = config.get("ActionOnFailure", "CONTINUE")
            if self.step_concurrency_level > 1 and action != "CONTINUE":
                raise ValidationException(
                    f"ActionOnFailure {action} is not valid for a cluster with StepConcurrencyLevel "
                    f"{self.step_concurrency_level}: use CONTINUE."
                )

    def terminate(self) -> None:
        self.end(Ending("USER_REQUEST", "Terminated by user request"))

    @property
    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = super().status
        ending = self._ending
        status["StateChangeReason"] = {"Code": ending.code, "Message": ending.message} if ending else {}
        if ending and ending.error_code:
            status["ErrorDetails"] = [{"ErrorCode": ending.error_code, "ErrorMessage": ending.message}]
        return status

    # ---------------------------------------------------------------------------------- from other threads

    def live(self) -> None:
        """Begin: provision, bootstrap, run steps, end."""
        self._life.name = f"cluster {self.id}"
        self._life.start()

    def end(self, ending: Ending) -> None:
        """Begin to end, for the first reason given; steps still running are cancelled."""
        with self._changed:
            if self._ending:
                return
            self._ending = ending
            self.state = "TERMINATING"
            self._changed.notify_all()

    def join(self, timeout_seconds: float) -> None:
        self._life.join(timeout_seconds)

    def cancel_step(self, step_id: str) -> str | None:
        """Cancel a step that has not ended; return why that cannot be, or None."""
        with self._changed:
            step = next((step for step in self.steps if step.id == step_id), None)
            if step is None:
                return f"Step id '{step_id}' is not valid."
            if not step.is_open:
                return f"Step {step_id} is already {step.state}."
            execution = self._executions.get(step_id)
            if execution is None:
                step.cancel("Cancelled by user")
                self._changed.notify_all()
                return None
            step.state = "CANCEL_PENDING"
        threading.Thread(target=execution.cancel, args=("Cancelled by user",), daemon=True).start()
        return None

    # ---------------------------------------------------------------------------------- the cluster's own thread

    def _live(self) -> None:
        try:
            self._provision()
            self._run_steps()
        finally:
            self.end(Ending("INTERNAL_ERROR", "A defect of the local cloud: see its log", with_errors=True))
            self._close()

    def _provision(self) -> None:
        self._wait(self.runtime.provision_seconds)
        if self.runtime.faults.take("emr_no_capacity", self.name):
            self.end(no_capacity(self.availability_zone))
        self._become("BOOTSTRAPPING")
        self._wait(self.runtime.bootstrap_seconds)
        self.ready_datetime = None if self._ending else utcnow()
        self._become("WAITING")

    def _become(self, state: str) -> None:
        with self._changed:
            if not self._ending:
                self.state = state

    def _wait(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._ending is not None, seconds)

    def _run_steps(self) -> None:
        idle_since = time.monotonic()
        with self._changed:
            while not self._ending:
                self._start_steps()
                if any(step.is_open for step in self.steps):
                    self.state = "RUNNING"
                    self._changed.wait(_TICK_SECONDS)
                    idle_since = time.monotonic()
                    continue
                self.state = "WAITING"
                ending = self._idle_ending(time.monotonic() - idle_since)
                if ending:
                    self.end(ending)
                else:
                    self._changed.wait(_TICK_SECONDS)

    def _start_steps(self) -> None:
        running = sum(step.state in ("RUNNING", "CANCEL_PENDING") for step in self.steps)
        for step in [step for step in self.steps if step.state == "PENDING"][: self.step_concurrency_level - running]:
            step.begin()
            execution = self._execution(step)
            self._executions[step.id] = execution
            threading.Thread(target=self._run_step, args=(execution,), daemon=True, name=f"step {step.id}").start()

    def _idle_ending(self, idle_seconds: float) -> Ending | None:
        """Termination protection outweighs both ways in which an idle cluster ends itself."""
        if self.termination_protected:
            return None
        if not self.keep_job_flow_alive_when_no_steps:
            return Ending("ALL_STEPS_COMPLETED", "Steps completed")
        policy = self.auto_termination_policy
        if policy and idle_seconds >= float(policy["IdleTimeout"]):
            return Ending("USER_REQUEST", f"Auto-terminated: idle for {policy['IdleTimeout']} seconds")
        return None

    def _run_step(self, execution: StepExecution) -> None:
        step = execution.step
        try:
            execution.run()
        finally:
            with self._changed:
                if step.is_open:
                    step.fail("A defect of the local cloud: see its log", None)
                self._after(step)
                del self._executions[step.id]
                self._changed.notify_all()

    def _after(self, step: LocalStep) -> None:
        """Do what the step's ActionOnFailure says."""
        if step.state != "FAILED" or self._ending:
            return
        if step.action_on_failure in ("TERMINATE_CLUSTER", "TERMINATE_JOB_FLOW"):
            self.end(Ending("STEP_FAILURE", "Shut down as step failed", with_errors=True))
        elif step.action_on_failure == "CANCEL_AND_WAIT":
            self._cancel_pending("Job terminated")

    def _cancel_pending(self, reason: str) -> None:
        for step in self.steps:
            if step.state == "PENDING":
                step.cancel(reason)

    def _close(self) -> None:
        with self._changed:
            self._cancel_pending("Cluster terminated")
            executions = list(self._executions.values())
        for execution in executions:
            execution.cancel("Cluster terminated")
        with self._changed:
            self._changed.wait_for(lambda: not self._executions)
            self._release_instances()
            self.end_datetime = utcnow()
            self.state = "TERMINATED_WITH_ERRORS" if self._ending and self._ending.with_errors else "TERMINATED"

    def _release_instances(self) -> None:
        instances = [instance.ec2_instance.id for instance in self.ec2_instances]
        if instances:
            self.emr_backend.ec2_backend.terminate_instances(instances)
        for group in self.instance_groups:
            group.state, group.end_date_time = "TERMINATED", utcnow()

    # ---------------------------------------------------------------------------------- steps

    def _execution(self, step: LocalStep) -> StepExecution:
        return StepExecution(
            step=step,
            folder=self.runtime.folder / self.id / step.id,
            open_session=lambda: self._session(step),
            defaults=cluster_defaults(self.configurations),
            logs=LogFolder.of(self.emr_backend.account_id, self.log_uri, self.id, step.id),
            faults=self.runtime.faults,
            slots=self.runtime.slots,
            interrupted=lambda: self.end(
                Ending("INSTANCE_FAILURE", "Instances were terminated by a Spot interruption", with_errors=True)
            ),
        )

    def _session(self, step: LocalStep) -> Session:
        account, region = self.emr_backend.account_id, self.emr_backend.region_name
        role = step.execution_role_arn or instance_role_arn(account, self.job_flow_role)
        keys = start_session(account, region, role, step.id)
        variables = {"EMR_CLUSTER_ID": self.id, "EMR_STEP_ID": step.id}
        return Session(self.runtime.endpoint, region, *keys, variables=variables)
