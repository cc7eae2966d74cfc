"""The PostgreSQL server starts, hosts databases, and leaves no process behind."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from sandbox import postgres
from sandbox.postgres import NAME_LIMIT, PostgresError, PostgresServer, database_name


def server_pid(server: PostgresServer) -> int:
    with psycopg.connect(server.dsn("postgres")) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    return int((Path(row[0]) / "postmaster.pid").read_text().splitlines()[0])


def tables(server: PostgresServer, database: str) -> int:
    with psycopg.connect(server.dsn(database)) as connection:
        row = connection.execute("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert row is not None
    return int(row[0])


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_databases_are_made_once_or_anew_and_answer_by_url(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path)
    server.start()
    try:
        name = server.ensure_database("warehouse_111111111111_dev")
        assert server.ensure_database(name) == name
        engine = sqlalchemy.create_engine(server.url(name))
        with engine.connect() as connection:
            assert connection.execute(sqlalchemy.text("SELECT current_database()")).scalar_one() == name
        engine.dispose()
        with psycopg.connect(server.dsn(name), autocommit=True) as connection:
            connection.execute("CREATE TABLE t (a INT)")
        server.ensure_database(name)
        assert tables(server, name) == 1
        server.new_database(name)
        assert tables(server, name) == 0
    finally:
        server.stop()


def test_stop_leaves_no_process_and_no_data(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path)
    server.start()
    pid, home = server_pid(server), server.socket_dir
    assert home.exists()
    server.stop()
    server.stop()
    assert not is_running(pid)
    assert not home.exists()


def test_it_does_not_outlive_a_process_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys, time; from sandbox.postgres import PostgresServer\n"
        "server = PostgresServer(pathlib.Path(sys.argv[1])); server.start()\n"
        "print(server.socket_dir, flush=True); time.sleep(600)"
    )
    owner = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert owner.stdout is not None
        home = Path(owner.stdout.readline().strip())
        pid = int((home / "data" / "postmaster.pid").read_text().splitlines()[0])
    finally:
        owner.kill()
        owner.communicate()
    deadline = time.monotonic() + 20
    while is_running(pid) or home.exists():
        assert time.monotonic() < deadline, "the server goes on"
        time.sleep(0.05)


def test_a_server_that_cannot_start_shows_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(postgres.SETTINGS, "no_such_setting", "1")
    server = PostgresServer(tmp_path)
    with pytest.raises(
        PostgresError, match=r'did not start[\s\S]*unrecognized configuration parameter "no_such_setting"'
    ):
        server.start()
    assert not server.socket_dir.exists()


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("authority", "111111111111"), "authority_111111111111"),
        (("warehouse", "1", "Meridian-Dev"), "warehouse_1_meridian_dev"),
    ],
)
def test_database_names_need_no_quoting(parts: tuple[str, ...], name: str) -> None:
    assert database_name(*parts) == name


def test_long_database_names_stay_distinct() -> None:
    one, other = database_name("warehouse", "a" * 70), database_name("warehouse", "a" * 71)
    assert one != other
    assert len(one) == len(other) == NAME_LIMIT
