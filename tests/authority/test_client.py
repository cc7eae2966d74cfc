"""Asking the authority."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from authority.client import Authority
from authority.connection import AuthorityUnreachable
from tests.authority.conftest import Publisher


def test_questions_narrow_by_tenant_dataset_and_date(publisher: Publisher, reader: Authority) -> None:
    publisher.make("a")
    date = dt.date(2026, 10, 31)
    assert len(reader.current(publisher.tenant, "policy", date)) == 1
    assert reader.current(publisher.tenant, "policy", dt.date(2026, 9, 30)) == []
    assert reader.current(publisher.tenant, "payout") == []
    assert [(d.dataset, d.versions, d.latest_as_of) for d in reader.datasets(publisher.tenant)] == [("policy", 1, date)]
    assert publisher.tenant in {d.tenant for d in reader.datasets()}


def test_identifiers_sort_by_time(publisher: Publisher) -> None:
    attempts = [publisher.open()["attempt"] for _ in range(3)]
    milliseconds = [attempt.int >> 80 for attempt in attempts]
    assert milliseconds == sorted(milliseconds)
    assert abs(milliseconds[-1] / 1000 - dt.datetime.now(dt.UTC).timestamp()) < 60
    assert {(a.version, a.variant) for a in attempts} == {(7, "specified in RFC 4122")}


def test_no_answer_says_what_to_do(tmp_path: Any) -> None:
    with pytest.raises(AuthorityUnreachable, match="sluice sandbox up") as error:
        Authority(f"postgresql+psycopg://u:secret@/authority?host={tmp_path}").datasets()
    assert "secret" not in str(error.value)
    assert error.value.exit_code == 3
