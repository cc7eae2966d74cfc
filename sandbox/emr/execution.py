"""Executes one step by a real process on this machine, and suffers the faults asked for it.

Must not know other steps or the cluster: when its turn is, is the cluster's to decide.
"""

from __future__ import annotations

import shlex
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from moto.core.exceptions import ServiceException

from sandbox.emr.failure import failure_message
from sandbox.emr.logs import LogFolder
from sandbox.emr.process import StepProcess
from sandbox.emr.spark.arguments import UnsupportedArgumentError
from sandbox.emr.spark.build import SparkBuildError
from sandbox.emr.spark.java import JavaNotFoundError
from sandbox.emr.spark.submit import Command, Session, base_environment, spark_submit
from sandbox.emr.step import LocalStep
from sandbox.faults import Fault, Faults

COMMAND_RUNNER = "command-runner.jar"


class Slots:
    """How many spark-submits run on this machine at once."""

    def __init__(self, count: int) -> None:
        self._changed = threading.Condition()
        self._count = count
        self._taken = 0

    def take(self, is_given_up: Callable[[], bool]) -> int | None:
        """Wait for a slot; return how many are taken then, or None when the wait was given up."""
        with self._changed:
            while self._taken >= self._count:
                if is_given_up():
                    return None
                self._changed.wait(0.2)
            self._taken += 1
            return self._taken

    def give_back(self) -> None:
        with self._changed:
            self._taken -= 1
            self._changed.notify_all()


@dataclass
class StepExecution:
    """Executes one step on this machine.

    Attributes:
        step: PENDING until `run`, ended behind it.
        folder: for its output and scratch files.
        open_session: starts the session of the step's role.
        defaults: the cluster's `spark-defaults`.
        logs: where EMR would put its logs.
        interrupted: called when a Spot interruption takes the cluster away under the step.
    """

    step: LocalStep
    folder: Path
    open_session: Callable[[], Session]
    defaults: Mapping[str, str]
    logs: LogFolder | None
    faults: Faults
    slots: Slots
    interrupted: Callable[[], None]
    _gone: threading.Event = field(default_factory=threading.Event)
    _process: StepProcess | None = None
    _cancel_reason: str | None = None

    def run(self) -> None:
        """Run the step to its end; its state says how that was."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._run()
        except (UnsupportedArgumentError, JavaNotFoundError, SparkBuildError, ServiceException, OSError) as error:
            self._note(str(error))
            self.step.fail(str(error), self._ship())

    def cancel(self, reason: str, grace_seconds: float = 2.0) -> None:
        """End the step as CANCELLED, whatever it is doing."""
        self._cancel_reason = reason
        self._gone.set()
        if self._process:
            self._process.stop(grace_seconds)

    def _run(self) -> None:
        slow = self.faults.take("emr_slow_step", self.step.name)
        if slow:
            self._gone.wait(slow.seconds("seconds", 10))
        taken = self.slots.take(self._gone.is_set)
        if taken is None:
            self._conclude(None, None)
            return
        try:
            self._process = StepProcess(self._command(taken), self.folder)
            deadly = self._deadly_fault()
            if deadly:
                self._kill_later(self._process, deadly)
            exit_code = None if self._gone.is_set() else self._process.run()
        finally:
            self.slots.give_back()
        self._conclude(exit_code, deadly)

    def _deadly_fault(self) -> Fault | None:
        kinds = ("emr_spot_interruption", "emr_step_failure")
        return next((fault for kind in kinds if (fault := self.faults.take(kind, self.step.name))), None)

    def _command(self, taken: int) -> Command:
        jar, arguments = str(self.step.jar), [str(argument) for argument in self.step.args]
        if jar.rpartition("/")[2] != COMMAND_RUNNER:
            raise UnsupportedArgumentError(f"Jar {jar!r}: the local cloud runs {COMMAND_RUNNER} only")
        if not arguments:
            raise UnsupportedArgumentError(f"{COMMAND_RUNNER}: no command in Args")
        session = self.open_session()
        if arguments[0].rpartition("/")[2] != "spark-submit":
            self._note(f"running {shlex.join(arguments)}")
            return Command(tuple(arguments), base_environment(session))
        cores = 2 if taken == 1 else 1  # beside another step there is one core left
        command = spark_submit(arguments[1:], session, self.folder, self.defaults, cores)
        self._note(f"running {shlex.join(command.arguments)}")
        if command.left_out:
            self._note(f"left out, for they mean a real cluster: {shlex.join(command.left_out)}")
        return command

    def _kill_later(self, process: StepProcess, fault: Fault) -> None:
        def kill() -> None:
            self._gone.wait(fault.seconds("after_seconds", 1.0))
            if fault.kind == "emr_spot_interruption":
                self.interrupted()
            process.stop(grace_seconds=0)

        threading.Thread(target=kill, daemon=True, name=f"{fault.kind} {self.step.id}").start()

    def _conclude(self, exit_code: int | None, fault: Fault | None) -> None:
        self._note("was not started" if exit_code is None else f"ended with exit code {exit_code}")
        log_file = self._ship()
        if fault and fault.kind == "emr_spot_interruption":
            self.step.fail("The instance was terminated by a Spot interruption while the step was running", log_file)
        elif self._cancel_reason is not None:
            self.step.cancel(self._cancel_reason)
        elif exit_code == 0:
            self.step.complete()
        else:
            code = -signal.SIGKILL if exit_code is None else exit_code
            self.step.fail(failure_message(self._output("stdout"), self._output("stderr"), code), log_file)

    def _ship(self) -> str | None:
        """Write the logs before the step's last state: whoever sees that finds them. Returns where they are."""
        if self.logs is None:
            return None
        self.logs.ship(self.folder)
        return self.logs.uri("stdout")

    def _output(self, name: str) -> str:
        path = self.folder / name
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def _note(self, text: str) -> None:
        with (self.folder / "controller").open("a", encoding="utf-8") as controller:
            controller.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {text}\n")
