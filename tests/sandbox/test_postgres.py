"""The PostgreSQL server starts, hosts databases, and leaves no process behind."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from sandbox.postgres import NAME_LIMIT, PostgresError, PostgresServer, database_name


def server_pid(server: PostgresServer) -> int:
    with psycopg.connect(server.dsn("postgres")) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    return int((Path(row[0]) / "postmaster.pid").read_text().splitlines()[0])


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_databases_are_made_once_and_answer_by_url(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path)
    server.start()
    try:
        name = server.ensure_database("warehouse_111111111111_dev")
        assert server.ensure_database(name) == name
        engine = sqlalchemy.create_engine(server.url(name))
        with engine.connect() as connection:
            assert connection.execute(sqlalchemy.text("SELECT current_database()")).scalar_one() == name
        engine.dispose()
    finally:
        server.stop()


def test_stop_leaves_no_process_and_data_survives_a_restart(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path)
    server.start()
    server.ensure_database("kept")
    pid = server_pid(server)
    server.stop()
    server.stop()
    assert not is_running(pid)

    again = PostgresServer(tmp_path)
    again.start()
    try:
        psycopg.connect(again.dsn("kept")).close()
    finally:
        again.stop()


def test_a_server_left_by_a_killed_process_is_replaced(tmp_path: Path) -> None:
    abandoned = PostgresServer(tmp_path)
    abandoned.start()
    pid = server_pid(abandoned)
    successor = PostgresServer(tmp_path)
    successor.start()
    try:
        assert server_pid(successor) != pid
    finally:
        successor.stop()
        abandoned.stop()
    assert not is_running(pid)


def test_a_data_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    data = tmp_path / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "something").write_text("in the way")
    with pytest.raises(PostgresError, match=r"initdb failed[\s\S]*exists but is not empty|Permission denied"):
        PostgresServer(tmp_path).start()


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
