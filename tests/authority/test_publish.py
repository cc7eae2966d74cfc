"""One set, one transaction, one current version: the rules of publishing."""

from __future__ import annotations

import datetime as dt
import json
import threading
import uuid

import psycopg
import pytest

from authority.client import Authority
from tests.authority.conftest import DATE, Publisher, sha

SET = ("account_value", "policy")


def refused(error: pytest.ExceptionInfo[psycopg.Error]) -> tuple[str | None, str]:
    return error.value.sqlstate, str(error.value).splitlines()[0]


def test_first_publication_is_sequence_one_and_current(publisher: Publisher, reader: Authority) -> None:
    made = publisher.make("a")
    assert (made["sequence"], made["is_new"], made["row_count"]) == (1, True, 3)
    current = reader.current(publisher.tenant)
    assert [(v.version_id, v.dataset, v.as_of, v.content_sha256) for v in current] == [
        (made["version_id"], "policy", dt.date(2026, 10, 31), sha("a"))
    ]
    assert made["version_id"].version == 7


def test_same_content_makes_no_version(publisher: Publisher, reader: Authority) -> None:
    first = publisher.make("a")
    again = publisher.make("a", inputs="other inputs")
    assert again == first | {"is_new": False}
    assert len(reader.history(publisher.tenant)) == 1
    assert [p.outcome for p in reader.publications(publisher.tenant)] == ["new", "confirmed"]


def test_other_content_needs_a_reason(publisher: Publisher, reader: Authority) -> None:
    first = publisher.make("a")
    with pytest.raises(psycopg.Error) as error:
        publisher.make("b")
    assert refused(error) == (
        "SL005",
        f"publish: policy as of {DATE} is already published with other content (version {first['version_id']}, "
        f"sequence 1, run {reader.current(publisher.tenant)[0].attempt})",
    )
    assert error.value.diag.message_hint == "Run again with the parameter restate set to the reason."
    assert [v.version_id for v in reader.current(publisher.tenant)] == [first["version_id"]]


def test_restatement_supersedes_and_says_why(publisher: Publisher, reader: Authority) -> None:
    first = publisher.make("a")
    second = publisher.make("b", restate="premium table was wrong")
    assert (second["sequence"], second["is_new"]) == (2, True)
    old, new = reader.history(publisher.tenant)
    assert (new.is_current, new.supersedes, new.reason) == (True, first["version_id"], "premium table was wrong")
    assert (old.is_current, old.version_id) == (False, first["version_id"])
    audit = reader.publications(publisher.tenant)[-1]
    assert (audit.outcome, audit.replaced, audit.reason) == ("new", first["version_id"], "premium table was wrong")
    assert audit.published_by == "pipeline"


def test_earlier_content_becomes_current_again_without_a_new_version(publisher: Publisher, reader: Authority) -> None:
    first = publisher.make("a")
    publisher.make("b", restate="wrong")
    back = publisher.make("a", restate="b was a mistake")
    assert (back["version_id"], back["is_new"]) == (first["version_id"], False)
    assert [v.sequence for v in reader.current(publisher.tenant)] == [1]
    assert len(reader.history(publisher.tenant)) == 2
    assert reader.publications(publisher.tenant)[-1].outcome == "restored"


def test_a_set_is_published_whole_or_not_at_all(publisher: Publisher, reader: Authority) -> None:
    publisher.make("a")
    attempt = publisher.open("more", SET)["attempt"]
    with pytest.raises(psycopg.Error) as error:
        publisher.publish(attempt, publisher.offer(attempt, "v", "account_value"), publisher.offer(attempt, "b"))
    assert refused(error)[0] == "SL005"
    assert [v.dataset for v in reader.history(publisher.tenant)] == ["policy"]


@pytest.mark.parametrize("offered", [("policy",), ("policy", "policy"), ("account_value", "payout", "policy"), ()])
def test_the_set_must_be_the_one_opened(publisher: Publisher, offered: tuple[str, ...]) -> None:
    attempt = publisher.open("x", SET)["attempt"]
    with pytest.raises(psycopg.Error) as error:
        publisher.publish(attempt, *(publisher.offer(attempt, "c", name) for name in offered))
    assert refused(error)[0] == "SL004"


def test_repeating_a_publication_changes_nothing(publisher: Publisher, reader: Authority) -> None:
    attempt = publisher.open("a")["attempt"]
    first = publisher.publish(attempt, publisher.offer(attempt, "a"))
    publisher.make("b", restate="newer")
    assert publisher.publish(attempt, publisher.offer(attempt, "a")) == first
    assert [v.sequence for v in reader.current(publisher.tenant)] == [2], (
        "a repeated task must not move the version back"
    )
    with pytest.raises(psycopg.Error) as error:
        publisher.publish(attempt, publisher.offer(attempt, "other"))
    assert refused(error)[0] == "SL006"


def test_superseded_versions_are_named(publisher: Publisher) -> None:
    first = publisher.make("a")
    second = publisher.make("b", restate="late correction")
    ids = [first["version_id"], second["version_id"]]
    assert publisher.call("SELECT * FROM authority.superseded(%s)", ids) == [
        {
            "dataset": "policy", "as_of": dt.date(2026, 10, 31), "version_id": ids[0], "current_version_id": ids[1],
            "reason": "late correction",
        }
    ]  # fmt: skip


def test_same_inputs_and_code_are_already_published(publisher: Publisher) -> None:
    attempt = publisher.open("a")["attempt"]
    assert publisher.open("a")["already_published"] is False, "an attempt that did not publish counts for nothing"
    publisher.publish(attempt, publisher.offer(attempt, "a"))
    assert publisher.open("a") == {"attempt": attempt, "already_published": True}
    assert publisher.open("a", restate="again")["already_published"] is False
    assert publisher.open("a", code="fedcba9876543210")["already_published"] is False
    assert publisher.open("a", publishes=SET)["already_published"] is False
    assert publisher.open("b")["already_published"] is False


def test_superseded_publication_is_not_already_published(publisher: Publisher) -> None:
    publisher.make("a")
    publisher.make("b", restate="wrong")
    assert publisher.open("a")["already_published"] is False


def test_eight_publishers_at_once_make_one_version(publisher: Publisher, reader: Authority) -> None:
    results: list[dict[str, object]] = []
    barrier = threading.Barrier(8)

    def run(number: int) -> None:
        attempt = publisher.open(f"inputs {number}", SET)["attempt"]
        offers = [publisher.offer(attempt, f"content of {name}", name) for name in SET]
        barrier.wait()
        # half of them name the datasets the other way round: locks must still be taken in one order
        results.extend(publisher.publish(attempt, *(offers if number % 2 else offers[::-1])))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(results) == 16
    assert sum(bool(result["is_new"]) for result in results) == 2
    assert {v.dataset: v.sequence for v in reader.history(publisher.tenant)} == {"account_value": 1, "policy": 1}


def test_racing_restatements_form_one_chain(publisher: Publisher, reader: Authority) -> None:
    publisher.make("0")
    threads = [
        threading.Thread(target=publisher.make, args=(str(number),), kwargs={"restate": f"reason {number}"})
        for number in range(1, 9)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    history = reader.history(publisher.tenant)
    assert [v.sequence for v in history] == list(range(1, 10))
    assert [v.supersedes for v in history] == [None, *(v.version_id for v in history[:-1])]
    assert [v.is_current for v in history] == [False] * 8 + [True]


def test_unknown_attempt_is_refused(publisher: Publisher) -> None:
    attempt = uuid.uuid4()
    with pytest.raises(psycopg.Error) as error:
        publisher.publish(attempt, publisher.offer(attempt, "a"))
    assert refused(error) == ("SL003", f"publish: attempt {attempt} was never opened")


def test_who_waited_for_another_publisher_is_later_than_it(publisher: Publisher, reader: Authority) -> None:
    """Its transaction began first, but what it published came after: the audit must tell them in that order."""
    publisher.make("first")
    waiting = publisher.open("waiting", restate="second thoughts")["attempt"]
    with publisher.connect() as connection:
        connection.execute("SELECT now()")  # here its transaction begins
        publisher.make("between", restate="a correction")
        offer = json.dumps([publisher.offer(waiting, "last")])
        connection.execute("SELECT * FROM authority.publish(%s, %s::jsonb, 'second thoughts')", (waiting, offer))
    told = reader.publications(publisher.tenant)
    assert [item.reason for item in told] == [None, "a correction", "second thoughts"]
    [current] = reader.current(publisher.tenant)
    assert current.published_at == told[-1].published_at
    assert current.current_since is not None
    assert current.current_since >= told[-1].published_at
