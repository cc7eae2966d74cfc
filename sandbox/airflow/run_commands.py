"""Carry out several of Airflow's commands in one process: each would take four seconds of CPU to start.

Runs in Airflow's environment, by path; it must not import anything of Sluice.

    python run_commands.py "db migrate" "pools import pools.json"
"""

from __future__ import annotations

import shlex
import sys

from airflow.__main__ import main as airflow


def main(*commands: str) -> None:
    for command in commands:
        sys.argv = ["airflow", *shlex.split(command)]
        airflow()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main(*sys.argv[1:])
