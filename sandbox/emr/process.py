"""Runs one step's process in its own process group, with its output in files, and stops all of it on demand."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.emr.spark.submit import Command

GRACE_SECONDS = 2.0
_SETPRIV = shutil.which("setpriv")
LIFELINE = (_SETPRIV, "--pdeathsig", "KILL", "--") if _SETPRIV else ()
"""Where the system can: a step does not outlive the server, even when that is killed and cannot stop it."""


@dataclass
class StepProcess:
    """The process of one step: started once by `run`, stopped from any thread.

    Attributes:
        folder: of the step; `stdout` and `stderr` are written there.
    """

    command: Command
    folder: Path
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _process: subprocess.Popen[bytes] | None = None
    _stopped: bool = False

    def run(self) -> int | None:
        """Run to the end and return the exit code, negative for a signal; None when it was stopped before."""
        with (self.folder / "stdout").open("wb") as stdout, (self.folder / "stderr").open("wb") as stderr:
            with self._lock:
                if self._stopped:
                    return None
                self._process = subprocess.Popen(
                    [*LIFELINE, *self.command.arguments],
                    env=dict(self.command.environment),
                    cwd=self.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=stdout,
                    stderr=stderr,
                    start_new_session=True,
                )
            exit_code = self._process.wait()
        _signal_group(self._process.pid, signal.SIGKILL)  # whatever the job left running
        return exit_code

    def stop(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """End the whole process group: asked to first, killed after the grace."""
        with self._lock:
            self._stopped = True
            process = self._process
        if process is None or process.poll() is not None:
            return
        if grace_seconds > 0:
            _signal_group(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(grace_seconds)
        _signal_group(process.pid, signal.SIGKILL)


def _signal_group(leader: int, number: signal.Signals) -> None:
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return  # everyone has gone
