"""What the authority refuses: malformed and hostile values, changes to what was published, and work beyond a role."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from authority.client import Authority
from tests.authority.conftest import Publisher

HOSTILE = [
    "policy'; DROP TABLE authority.version; --",
    'policy"',
    "policy\\",
    "Policy",
    "../policy",
    "p" * 31,
    "",
    "$$",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_dataset_names_are_refused(publisher: Publisher, reader: Authority, name: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        publisher.open(publishes=(name,))
    assert reader.datasets(publisher.tenant) == []


@pytest.mark.parametrize("tenant", ["x'; --", "-x", "UPPER", "a" * 21, "%s", ""])
def test_hostile_tenants_are_refused(publisher: Publisher, tenant: str) -> None:
    publisher.tenant = tenant
    with pytest.raises(psycopg.errors.CheckViolation):
        publisher.open()


def test_free_text_stays_data(publisher: Publisher, reader: Authority) -> None:
    reason = "it's; DROP TABLE authority.version; -- $$ %s \" \\ \u2028"
    publisher.make("a")
    publisher.make("b", restate=reason)
    assert reader.current(publisher.tenant)[0].reason == reason


@pytest.mark.parametrize(
    "wrong",
    [
        {"rows": -1}, {"rows": None}, {"content_sha256": "A" * 64}, {"content_sha256": "ab"}, {"schema_sha256": None},
        {"location": "s3://lake-curated/policy/"}, {"location": "https://example.com/x/"}, {"manifest_uri": "s3://a/b"},
        {"location": "s3://lake-curated/policy'/as_of=2026-10-31/"},
    ],
)  # fmt: skip
def test_malformed_offers_are_refused(publisher: Publisher, reader: Authority, wrong: dict[str, Any]) -> None:
    attempt = publisher.open()["attempt"]
    with pytest.raises(psycopg.Error) as error:
        publisher.publish(attempt, publisher.offer(attempt, "a", **wrong))
    assert error.value.sqlstate == "SL002"
    assert reader.history(publisher.tenant) == []


def test_data_of_another_attempt_is_refused(publisher: Publisher) -> None:
    other, attempt = publisher.open()["attempt"], publisher.open()["attempt"]
    with pytest.raises(psycopg.Error) as error:
        publisher.publish(attempt, publisher.offer(other, "a"))
    assert error.value.sqlstate == "SL002"
    assert f"attempt={attempt}/" in str(error.value.diag.message_detail)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE authority.version SET rows = 0", "DELETE FROM authority.version", "TRUNCATE authority.version CASCADE",
        "UPDATE authority.run SET code_version = 'x'", "UPDATE authority.dataset SET name = 'other'",
        "DELETE FROM authority.publication", "DELETE FROM authority.current_version",
        "TRUNCATE authority.current_version",
    ],
)  # fmt: skip
def test_published_rows_are_immutable_even_for_the_owner(publisher: Publisher, admin_dsn: str, statement: str) -> None:
    publisher.make("a")
    with psycopg.connect(admin_dsn) as connection, pytest.raises(psycopg.Error) as error:
        connection.execute(statement)
    assert error.value.sqlstate == "SL001"


def test_current_version_cannot_point_at_another_dataset(publisher: Publisher, admin_dsn: str) -> None:
    publisher.make("a")
    attempt = publisher.open("x", ("payout",))["attempt"]
    other = publisher.publish(attempt, publisher.offer(attempt, "a", "payout"))[0]
    with psycopg.connect(admin_dsn) as connection, pytest.raises(psycopg.errors.ForeignKeyViolation):
        connection.execute(
            "UPDATE authority.current_version c SET version_id = %s FROM authority.dataset d "
            "WHERE d.id = c.dataset_id AND d.name = 'policy' AND d.tenant = %s",
            (other["version_id"], publisher.tenant),
        )


TABLES = ["dataset", "run", "version", "publication", "current_version"]
VIEWS = ["current_data", "version_history", "dataset_list", "publication_log"]
INTERNAL = [
    "authority.check_offer(gen_random_uuid(), '[]')",
    "authority.publish_one(NULL::authority.run, gen_random_uuid(), '{}', '')",
]


@pytest.mark.parametrize(
    ("user", "query"),
    [
        *(("pipeline", f"TABLE authority.{name}") for name in TABLES + VIEWS),
        *(("analyst", f"TABLE authority.{name}") for name in TABLES),
        *(("pipeline", f"SELECT {call}") for call in INTERNAL),
        ("pipeline", "INSERT INTO authority.dataset (tenant, name) VALUES ('a', 'b')"),
        ("pipeline", "CREATE TABLE authority.mine (x int)"),
        ("analyst", "SELECT * FROM authority.publish(gen_random_uuid(), '[]', '')"),
        ("analyst", "SELECT * FROM authority.superseded('{}')"),
    ],
)
def test_roles_can_do_no_more_than_their_work(admin_dsn: str, user: str, query: str) -> None:
    dsn = admin_dsn.replace("user=postgres", f"user={user}")
    with psycopg.connect(dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(query)


def test_definer_functions_ignore_the_callers_search_path(publisher: Publisher) -> None:
    with publisher.connect() as connection:
        connection.execute("CREATE TEMP TABLE now (x int)")
        connection.execute("CREATE FUNCTION pg_temp.btrim(text) RETURNS text LANGUAGE sql AS $$ SELECT 'hijacked' $$")
        connection.execute("SET search_path = pg_temp, authority, pg_catalog")
        row = connection.execute(
            "SELECT * FROM authority.open_run(%s, 'd', 'r', '2026-10-31', repeat('a', 64), 'c', '{policy}', ' ')",
            (publisher.tenant,),
        ).fetchone()
    assert row is not None
    assert row["already_published"] is False
