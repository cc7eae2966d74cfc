"""One step as EMR's API shows it: its states, and why it ended. Must not know when its turn is or how it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from moto.core.utils import utcnow
from moto.emr.models import Step


class LocalStep(Step):  # type: ignore[misc]  # moto is not typed here
    """A step that waits for its turn; moto's own would be RUNNING for ever."""

    __module__ = "moto.emr.models"  # moto reads the service's name from it

    def __init__(self, execution_role_arn: str | None = None, **config: Any) -> None:
        known = ("name", "hadoop_jar_step", "action_on_failure")
        super().__init__(state="PENDING", **{name: config[name] for name in known if name in config})
        self.execution_role_arn = execution_role_arn
        self.last_state_change_reason: str | None = None
        self.failure_details: dict[str, str] | None = None

    def start(self) -> None:
        """Nothing: moto would start the first step of a cluster that does not run yet."""

    def begin(self) -> None:
        self.state = "RUNNING"
        self.start_date_time = utcnow()

    def complete(self) -> None:
        self._end("COMPLETED")

    def cancel(self, reason: str) -> None:
        self.last_state_change_reason = reason
        self._end("CANCELLED")

    def fail(self, message: str, log_file: str | None) -> None:
        self.failure_details = {"Reason": "Unknown Error.", "Message": message}
        if log_file:
            self.failure_details["LogFile"] = log_file
        self._end("FAILED")

    def _end(self, state: str) -> None:
        self.end_date_time = utcnow()
        self.state = state

    @property
    def is_open(self) -> bool:
        return self.state in ("PENDING", "RUNNING", "CANCEL_PENDING")

    @property
    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = super().status
        if self.failure_details:
            status["FailureDetails"] = self.failure_details
        if self.state == "CANCELLED":
            status["StateChangeReason"]["Code"] = "NONE"
        return status


def step_from(config: Mapping[str, Any], execution_role_arn: str | None) -> LocalStep:
    """Return the step of a `StepConfig` under the names of the API reference."""
    names: Sequence[tuple[str, str]] = (
        ("Name", "name"),
        ("HadoopJarStep", "hadoop_jar_step"),
        ("ActionOnFailure", "action_on_failure"),
    )
    return LocalStep(execution_role_arn, **{ours: config[theirs] for theirs, ours in names if theirs in config})
