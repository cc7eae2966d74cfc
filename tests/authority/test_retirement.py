"""A tenant that has ended publishes nothing new, and all that it published stays where readers find it."""

from __future__ import annotations

import psycopg
import pytest

from authority.client import Authority
from authority.registrar import reinstate, retire, retired_since
from tests.authority.conftest import Publisher

REASON = "DATA-812: decommissioned in prod"


def test_nothing_new_is_published_and_history_stays(url: str, reader: Authority, publisher: Publisher) -> None:
    begun = publisher.open("before")["attempt"]
    publisher.make("one")
    assert retire(url, publisher.tenant, REASON)

    for attempt in (lambda: publisher.open("after"), lambda: publisher.publish(begun, publisher.offer(begun, "one"))):
        with pytest.raises(psycopg.Error) as refused:
            attempt()
        assert refused.value.sqlstate == "SL007"
        assert f"tenant {publisher.tenant} is retired since" in str(refused.value)
    assert [version.is_current for version in reader.history(publisher.tenant, "policy")] == [True]
    assert reader.datasets(publisher.tenant)[0].retired_at is not None


def test_it_is_said_once_and_can_be_taken_back(url: str, reader: Authority, publisher: Publisher) -> None:
    publisher.make("one")
    assert not reinstate(url, publisher.tenant, "nothing to take back")
    assert [retire(url, publisher.tenant, REASON), retire(url, publisher.tenant, REASON)] == [True, False]
    assert retired_since(url, publisher.tenant)
    assert reinstate(url, publisher.tenant, "DATA-900: taken up again")
    assert retired_since(url, publisher.tenant) is None
    assert reader.datasets(publisher.tenant)[0].retired_at is None
    publisher.make("two", restate="a second content")


def test_who_publishes_or_reads_can_retire_nobody(url: str, publisher: Publisher) -> None:
    for login in ("pipeline", "analyst"):
        with pytest.raises(Exception, match="permission denied"):
            retire(url.replace("postgres@", f"{login}@"), publisher.tenant, REASON)


def test_the_record_is_never_changed(url: str, admin_dsn: str, publisher: Publisher) -> None:
    retire(url, publisher.tenant, REASON)
    for change in ("UPDATE authority.retirement SET reason = 'x'", "DELETE FROM authority.retirement"):
        with psycopg.connect(admin_dsn) as connection, pytest.raises(psycopg.Error):
            connection.execute(change)


def test_who_waited_for_a_publisher_is_later_than_it(admin_dsn: str, reader: Authority, publisher: Publisher) -> None:
    publisher.make("one")
    with psycopg.connect(admin_dsn) as connection:
        connection.execute("SELECT now()")  # here its transaction begins
        publisher.make("two", restate="a correction")
        connection.execute("SELECT authority.retire(%s, 'retired', %s)", (publisher.tenant, REASON))
    retired_at = reader.datasets(publisher.tenant)[0].retired_at
    assert retired_at is not None
    assert retired_at > reader.publications(publisher.tenant)[-1].published_at
