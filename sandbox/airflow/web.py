"""An Airflow that keeps running, with its web page: scheduler, triggerer and API server of `airflow standalone`."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from sandbox.airflow.local import AirflowFailedError, LocalAirflow

START_SECONDS = 120
STOP_SECONDS = 20


def start(local: LocalAirflow) -> str:
    """Start the standalone Airflow of `local` and return its address once its page answers.

    Raises:
        AirflowFailedError: it ended, or did not answer within two minutes.
    """
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    log = local.home / "standalone.log"
    settings = local.settings | {
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(local.python), "-m", "airflow", "standalone"],
            env=settings,
            cwd=local.home,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _pid_file(local.home).write_text(str(process.pid))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(URLError, OSError), urlopen(f"{address}/api/v2/monitor/health", timeout=2):  # noqa: S310
            return address
        time.sleep(0.5)
    stop(local.home)
    process.wait()
    raise AirflowFailedError(f"Airflow's page did not come up:\n{log.read_text(errors='replace')[-2000:]}")


def stop(home: Path) -> None:
    """Stop what `start` started in `home`; do nothing where nothing runs."""
    file = _pid_file(home)
    if not file.exists():
        return
    group = int(file.read_text())
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            time.sleep(0.3)
            os.killpg(group, 0)  # raises once all of them have ended
        os.killpg(group, signal.SIGKILL)
    file.unlink(missing_ok=True)


def _pid_file(home: Path) -> Path:
    return home / "standalone.pid"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
