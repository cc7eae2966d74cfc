"""The local cloud's one process: composes its services, says when it is ready, and stops all of them together.

`python -m sandbox.server --state DIR` runs it in the foreground; `sandbox.lifecycle` starts and stops it for others.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import sandbox.aws.lean  # noqa: F401 -- before anything of moto's

# isort: split
from werkzeug.serving import BaseWSGIServer, make_server

from sandbox.airflow.local import LocalAirflow
from sandbox.aws.gateway import Gateway
from sandbox.aws.http import RequestHandler
from sandbox.aws.services import mwaa
from sandbox.context import Context
from sandbox.control import PREFIX, Control
from sandbox.emr import backend as emr
from sandbox.faults import Faults
from sandbox.lifecycle import LOCK_FILE, LOG_FILE, READY_FILE, Sandbox
from sandbox.postgres import PostgresServer
from sandbox.redshift import data_api as redshift
from sandbox.streamsets import api as streamsets

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOST = "127.0.0.1"
STREAMSETS = "/_sdc"
AIRFLOW_PYTHON = Path(__file__).resolve().parents[1] / ".venv" / "airflow" / "bin" / "python"

log = logging.getLogger("sandbox")


class StateInUse(RuntimeError):
    """Another local cloud runs on this state folder."""

    exit_code = 2


class Application:
    """Sends each request to the service that its path or signature names.

    Args:
        context: what the services share.
    """

    def __init__(self, context: Context) -> None:
        for service in (emr, redshift):
            service.install(context)
        mwaa.install(partial(_airflow_of, context))
        self._gateway = Gateway(context.faults)
        self._paths: dict[str, WSGIApplication] = {
            PREFIX: Control(context, self._gateway),
            STREAMSETS: streamsets.wsgi(context),
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        first = "/" + environ.get("PATH_INFO", "").lstrip("/").partition("/")[0]
        return self._paths.get(first, self._gateway)(environ, start_response)


def _airflow_of(context: Context, account: str, environment: str) -> LocalAirflow:
    """Return the Airflow that stands behind an environment's MWAA; it acts as the environment's Airflow role."""
    here = Sandbox(context.state, context.endpoint, os.getpid())
    name = f"mwaa-{environment}"
    return LocalAirflow(
        context.state / "airflow" / name,
        AIRFLOW_PYTHON,
        here.airflow_environment(environment, account),
        here.airflow_database(name),
    )


def serve(state: Path, port: int) -> None:
    """Run the local cloud until SIGTERM or SIGINT.

    Args:
        state: folder for everything it keeps; created unless it exists.
        port: to listen on; 0 takes a free one.

    Raises:
        StateInUse: another process holds the folder.
    """
    told = _listen_for_signals()
    state.mkdir(parents=True, exist_ok=True)
    with ExitStack() as cleanup:
        cleanup.enter_context(_held(state))
        (state / READY_FILE).unlink(missing_ok=True)  # of a process that was killed
        _use_own_temporary_folder(state)
        postgres = PostgresServer(state)
        cleanup.callback(postgres.stop)
        starting = cleanup.enter_context(ThreadPoolExecutor()).submit(postgres.start)
        server = make_server(HOST, port, _not_ready, threaded=True, request_handler=RequestHandler)
        server.daemon_threads = True  # type: ignore[attr-defined]  # of socketserver.ThreadingMixIn
        cleanup.callback(server.server_close)
        context = Context(f"http://{HOST}:{server.server_port}", state, postgres, Faults())
        server.app = Application(context)
        cleanup.callback(emr.stop)
        cleanup.callback(mwaa.stop)  # before the clusters on which its runs wait
        starting.result()
        _announce(context, state / READY_FILE)
        cleanup.callback((state / READY_FILE).unlink, missing_ok=True)
        _run_until(told, server)


def _listen_for_signals() -> threading.Event:
    """Return the event that SIGTERM and SIGINT set: whenever they come, what was started is stopped in order."""
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    return told


def _run_until(told: threading.Event, server: BaseWSGIServer) -> None:
    """Serve requests in a thread of their own, so that this one is free to hear signals."""
    serving = threading.Thread(target=server.serve_forever, name="http", kwargs={"poll_interval": 0.1})
    serving.start()
    told.wait()
    log.info("stopping")
    server.shutdown()
    serving.join()


def _not_ready(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("503 Service Unavailable", [])
    return [b"the local cloud is starting"]


def _held(state: Path) -> IO[str]:
    """Hold the folder for as long as the returned file is open; the file names the holder's pid."""
    file = (state / LOCK_FILE).open("a+")
    try:
        _lock(file)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip()
        file.close()
        raise StateInUse(
            f"{state}: a local cloud runs here already (pid {holder})\n"
            "  fix:      use it, stop it with `sluice sandbox down`, or take another folder"
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def _lock(file: IO[str], attempts: int = 10) -> None:
    """Lock a file; try a few times, since `lifecycle.find` holds the lock for an instant to see whether it is free."""
    for remaining in reversed(range(attempts)):
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not remaining:
                raise
            time.sleep(0.05)


def _use_own_temporary_folder(state: Path) -> None:
    """Keep large S3 objects, which moto spools to temporary files, below the state folder: it goes with them."""
    folder = state / "tmp"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    tempfile.tempdir = str(folder)


def _announce(context: Context, path: Path) -> None:
    """Write where the local cloud is, at once and whole."""
    document: dict[str, Any] = {
        "pid": os.getpid(),
        "port": int(context.endpoint.rpartition(":")[2]),
        "endpoint": context.endpoint,
        "postgres_socket_dir": str(context.postgres.socket_dir) if context.postgres else None,
    }
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(document, indent=2) + "\n")
    draft.replace(path)
    log.info("ready at %s", context.endpoint)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox.server", description="Run the local cloud.")
    parser.add_argument("--state", type=Path, required=True, help="folder for everything it keeps")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    arguments = parser.parse_args()
    arguments.state.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        filename=arguments.state / LOG_FILE, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    try:
        serve(arguments.state.resolve(), arguments.port)
    except StateInUse as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
