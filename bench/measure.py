"""CPU and memory of a command and everything that it starts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Cost:
    """What a command took.

    Attributes:
        cpu_seconds: user and system time, children included.
        wall_seconds: by the clock.
        peak_mib: largest resident size of one of its processes.
        exit_code, said: how it ended, and the last line that it printed.
    """

    cpu_seconds: float
    wall_seconds: float
    peak_mib: float
    exit_code: int
    said: str


def run(command: Sequence[str], folder: Path = ROOT) -> Cost:
    """Run `command` and return what it took. Compiled modules are used, as where the tool is installed."""
    variables = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    variables |= {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(ROOT / ".sluice" / "cache" / "bench")}
    begin = time.monotonic()
    process = subprocess.Popen(
        list(command), cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    lines = process.stdout.read().strip().splitlines()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(
        usage.ru_utime + usage.ru_stime,
        time.monotonic() - begin,
        usage.ru_maxrss / 1024,
        process.returncode,
        lines[-1] if lines else "",
    )


def python(module: str, *arguments: object) -> list[str]:
    """Return the command that runs a module of this repository."""
    return [sys.executable, "-m", module, *map(str, arguments)]
