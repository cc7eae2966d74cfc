"""How long the local cloud takes to start, and what memory it holds: a new one, or one that runs and was applied to.

`python -m bench.local_cloud` starts one of its own; `python -m bench.local_cloud .sluice/sandbox` looks at that one.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sandbox import lifecycle

KIB = 1024
NO_SPARK = ("java", "spark_jobs")
"""What in a command line tells a step of a cluster, whose memory is no part of the local cloud's."""


def held_mib(pid: int) -> float:
    """Return the memory of a local cloud: its server's and its database's, Spark's not, shared pages counted once.

    Args:
        pid: the server.

    Source: Linux, proc(5), `smaps_rollup`: the proportional set size (Pss).
    """
    return sum(_pss_kib(each) for each in (pid, *_below(pid)) if not _is_spark(each)) / KIB


def _below(pid: int) -> Iterator[int]:
    """Yield the processes that a process started, and theirs."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:  # it has ended since
            continue
        for child in map(int, children):
            yield child
            yield from _below(child)


def _pss_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _is_spark(pid: int) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return True
    return any(word in words for word in NO_SPARK)


def _started() -> None:
    state = Path(tempfile.mkdtemp(prefix="bench-")) / "state"
    begin = time.monotonic()
    running = lifecycle.up(state)
    seconds = time.monotonic() - begin
    try:
        figures = Path(f"/proc/{running.pid}/stat").read_text().rpartition(")")[2].split()
        cpu = (int(figures[11]) + int(figures[12])) / os.sysconf("SC_CLK_TCK")
        load = Path("/proc/loadavg").read_text().split()[0]
        print(f"start {seconds:.1f} s by the clock at load {load}, {cpu:.1f} s of CPU; {held_mib(running.pid):.0f} MiB")
    finally:
        lifecycle.down(state)
        shutil.rmtree(state.parent)


def main() -> int:
    if len(sys.argv) == 1:
        _started()
        return 0
    running = lifecycle.find(Path(sys.argv[1]))
    if running is None:
        print(f"{sys.argv[1]}: no local cloud runs there", file=sys.stderr)
        return 2
    print(f"{held_mib(running.pid):.0f} MiB, server and database")
    return 0


if __name__ == "__main__":
    sys.exit(main())
