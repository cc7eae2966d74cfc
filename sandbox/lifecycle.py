"""Starting, finding and stopping the local cloud, and what others need in order to use it.

The server is a process of its own that outlives the command which started it; everything about it lies in one folder.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.aws import accounts, overlay
from sandbox.aws.accounts import BASE_CREDENTIALS, REGION, AccountStack, Door

READY_FILE = "sandbox.json"
LOCK_FILE = "lock"
LOG_FILE = "sandbox.log"
OUTPUT_FILE = "output.log"
START_SECONDS = 60
STOP_SECONDS = 45
REMOVE_SECONDS = 10
POLL_SECONDS = 0.05
NOWHERE = "http://mwaa.invalid"
"""No name server knows it (RFC 2606), so that a process without the proxy fails instead of asking somebody else."""
PUBLISHER = "sluice_publisher"
"""Airflow's login at the authority, here as on AWS: it may call the publishing functions and touch no table."""
TAIL_LINES = 15


class SandboxError(RuntimeError):
    """The local cloud cannot be started, reached or stopped."""

    exit_code = 3


@dataclass(frozen=True)
class Sandbox:
    """A running local cloud.

    Attributes:
        state: its folder.
        endpoint: base address of everything it serves over HTTP.
        pid: its process, leader of its own process group.
    """

    state: Path
    endpoint: str
    pid: int

    def terraform_environment(self) -> dict[str, str]:
        """Return Terraform's variables: the way here, base credentials (roots assume their role), the overlay."""
        folder = overlay.write(self.state / "overlay", self.endpoint)
        return {**self._reach(), **BASE_CREDENTIALS, "SLUICE_TERRAFORM_OVERLAY": str(folder)}

    def account_environment(self, account_id: str, role_name: str) -> dict[str, str]:
        """Return the variables with which a process acts as a role of an account."""
        return {**self._reach(), **Door(self.endpoint).credentials(account_id, role_name)}

    def airflow_environment(self, environment: str, account_id: str) -> dict[str, str]:
        """Return the variables of an Airflow that runs as an environment's Airflow role.

        Args:
            environment: for example `dev`.
            account_id: the account of the environment.

        Raises:
            SandboxError: the platform of the environment was not applied yet.
        """
        database = self._database(f"authority_{environment.replace('-', '_')}")
        host, _, port = self.endpoint.removeprefix("http://").partition(":")
        connections = {
            "AUTHORITY": {
                "conn_type": "postgres",
                "host": database["socket_dir"],
                "login": PUBLISHER,
                "schema": database["name"],
            },
            "STREAMSETS": {
                "conn_type": "http",
                "host": f"http://{host}:{port}/_sdc/{account_id}",
                "login": "admin",
                "password": "admin",
            },
            "AWS_DEFAULT": {"conn_type": "aws", "extra": {"region_name": REGION}},
        }
        return {
            **self.account_environment(account_id, self._airflow_role(environment, account_id)),
            **{f"AIRFLOW_CONN_{name}": json.dumps(value) for name, value in connections.items()},
        }

    def authority_url(self, environment: str) -> str:
        """Return the SQLAlchemy URL of an environment's data authority; its database is created unless it exists."""
        return str(self._database(f"authority_{environment.replace('-', '_')}")["url"])

    def airflow_database(self, name: str) -> str:
        """Return the SQLAlchemy URL of an Airflow's own database; it is created, empty, unless it exists."""
        database = self._database(f"airflow_{name.replace('-', '_')}")
        return f"postgresql+psycopg2://{database['user']}@/{database['name']}?host={database['socket_dir']}"

    def bootstrap(self, accounts_: Mapping[str, str], organisation: str) -> None:
        """Make what accounts need before Sluice first runs in them; see `accounts.bootstrap`."""
        accounts.bootstrap(Door(self.endpoint), accounts_, organisation)

    def prepare(self, stacks: Iterable[AccountStack], jenkins_role: str) -> None:
        """Prepare accounts as the product does; see `accounts.prepare`."""
        accounts.prepare(Door(self.endpoint), stacks, jenkins_role)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Send a request to the local cloud's own interface and return its JSON answer.

        Args:
            method: HTTP method.
            path: below `/_sandbox/`, for example `faults`.
            body: sent as JSON unless None.

        Raises:
            SandboxError: it refused, or does not answer.
        """
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.endpoint}/_sandbox/{path}", data, method=method)  # noqa: S310  # http, ours
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise SandboxError(json.load(error)["error"]) from None
        except OSError as error:
            raise SandboxError(f"{self.endpoint}: the local cloud does not answer ({error})") from error

    def _reach(self) -> dict[str, str]:
        """Return the way here. SDKs put a word before MWAA's host, and only a proxy can take the name that results."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_MWAA": NOWHERE,
            "http_proxy": self.endpoint,
            "no_proxy": "127.0.0.1,localhost",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _database(self, name: str) -> dict[str, str]:
        answer: dict[str, str] = self.ask("PUT", f"databases/{name}")
        return answer

    def _airflow_role(self, environment: str, account_id: str) -> str:
        roles = Door(self.endpoint).client("iam", account_id).get_paginator("list_roles").paginate()
        ending = f"-{environment}-platform-airflow"
        for role in (role for page in roles for role in page["Roles"]):
            if role["RoleName"].endswith(ending):
                return f"{role['Path'].lstrip('/')}{role['RoleName']}"
        raise SandboxError(
            f"account {account_id} has no role that ends in {ending!r}\n"
            f"  why:      the platform of {environment!r} was not applied\n"
            f"  fix:      sluice apply {environment}/platform"
        )


def up(state: Path) -> Sandbox:
    """Start the local cloud on a state folder and wait until it is ready; return the running one if there is one.

    Raises:
        SandboxError: it does not become ready; the message ends with its log.
    """
    state = state.resolve()
    running = find(state)
    if running is not None:
        return running
    state.mkdir(parents=True, exist_ok=True)
    with (state / OUTPUT_FILE).open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.server", "--state", str(state)],
            cwd=Path(__file__).resolve().parents[1],
            env={**os.environ, "MALLOC_ARENA_MAX": "2"},  # one arena a thread would double the server's memory
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        code = process.poll()
        found = find(state)
        if found is not None:
            return found
        if code is not None and _holder(state) is None:  # held by another: someone else was faster, wait for theirs
            raise SandboxError(f"the local cloud ended while starting, with exit code {code}\n{_tail(state)}")
        time.sleep(POLL_SECONDS)
    process.terminate()
    process.wait(STOP_SECONDS)
    raise SandboxError(f"the local cloud was not ready after {START_SECONDS} s\n{_tail(state)}")


def find(state: Path) -> Sandbox | None:
    """Return the local cloud that runs on a state folder and is ready, if there is one."""
    state = state.resolve()
    try:
        document = json.loads((state / READY_FILE).read_text())
    except FileNotFoundError:
        return None
    if document["pid"] != _holder(state):
        return None  # left behind by a process that was killed
    return Sandbox(state, document["endpoint"], document["pid"])


def down(state: Path) -> None:
    """Stop the local cloud of a state folder and remove the folder; nothing to stop is no mistake.

    Raises:
        SandboxError: it does not stop.
        OSError: the folder cannot be removed.
    """
    state = state.resolve()
    pid = _holder(state)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while not _is_gone(pid):
            if time.monotonic() > deadline:
                raise SandboxError(f"process {pid} did not stop within {STOP_SECONDS} s\n{_tail(state)}")
            time.sleep(POLL_SECONDS)
    _remove(state)


def _remove(folder: Path) -> None:
    """Remove a folder in which others may still tidy up: what a killed server had started outlives it by a moment.

    Raises:
        OSError: it cannot be removed, or someone still writes there after REMOVE_SECONDS.
    """
    deadline = time.monotonic() + REMOVE_SECONDS
    while folder.exists():
        try:
            shutil.rmtree(folder)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTEMPTY) or time.monotonic() > deadline:
                raise
            time.sleep(POLL_SECONDS)


def _holder(state: Path) -> int | None:
    """Return the process that holds the state folder, if one does: a lock goes with its process, a file does not."""
    try:
        with (state / LOCK_FILE).open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read() or 0) or None
    except FileNotFoundError:
        return None
    return None


def _is_gone(pid: int) -> bool:
    """Return whether a process has ended; its exit code is collected if it is our child, so that no zombie stays."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def _tail(state: Path) -> str:
    lines = [
        line
        for name in (LOG_FILE, OUTPUT_FILE)
        if (state / name).exists()
        for line in (state / name).read_text(errors="replace").splitlines()
    ]
    return "\n".join([f"  log:      {state / LOG_FILE}", *(f"    {line}" for line in lines[-TAIL_LINES:])])
