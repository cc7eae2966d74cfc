"""Interrupting Terraform the one right way: a single SIGINT to each run, then patience.

Python handles signals in the main thread alone, while runs are waited for in worker threads; the main thread requests,
and each run learns of it here.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Interruption:
    """Shared by all Terraform runs of one command. A request is never taken back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._requested = False

    @property
    def is_requested(self) -> bool:
        return self._requested

    def request(self) -> None:
        """Ask every run to stop in order; asking again changes nothing.

        A second SIGINT would make Terraform exit without writing its state, so there is only ever one.
        """
        with self._lock:
            if self._requested:
                return
            self._requested = True
            for process in self._running:
                process.send_signal(signal.SIGINT)

    @contextmanager
    def listen(self) -> Iterator[None]:
        """Take Ctrl-C and SIGTERM as requests while the block runs. Main thread only."""
        previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        for number in previous:
            signal.signal(number, lambda *_: self.request())
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    @contextmanager
    def supervise(self, process: subprocess.Popen[bytes]) -> Iterator[None]:
        """Pass a request on to `process` while it runs; leave nothing of its process group behind.

        `process` must lead a process group of its own (`start_new_session=True`).
        """
        with self._lock:
            self._running.add(process)
            if self._requested:
                process.send_signal(signal.SIGINT)
        try:
            yield
        finally:
            if process.poll() is None:  # an error of ours while reading; Terraform's state still comes first
                process.send_signal(signal.SIGINT)
                process.wait()
            with self._lock:
                self._running.discard(process)
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)  # Terraform has ended; a provider may have outlived it
