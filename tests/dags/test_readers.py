"""The spec's readers, and no other role, get into a tenant's schema."""

from __future__ import annotations

from pathlib import Path

import pytest
from airflow.providers.amazon.aws.hooks.redshift_data import RedshiftDataHook
from airflow.sdk.exceptions import AirflowFailException

from dags.readers import GrantReadersOperator
from tests.dags.conftest import run_task
from tests.dags.fake_aws import FakeRedshift

WHERE = {"cluster_identifier": "c", "database": "warehouse", "db_user": "sluice_loader"}
GRANTS = [
    'GRANT USAGE ON SCHEMA "annuity" TO ROLE "awsidc:actuarial", ROLE "awsidc:audit"',
    'GRANT SELECT ON TABLE "annuity"."policy" TO ROLE "awsidc:actuarial", ROLE "awsidc:audit"',
]
READERS = ["awsidc:actuarial", "awsidc:audit"]


@pytest.fixture
def redshift(monkeypatch: pytest.MonkeyPatch) -> FakeRedshift:
    client = FakeRedshift()
    monkeypatch.setattr(RedshiftDataHook, "conn", client)
    return client


def grant(folder: Path, *roles: str) -> object:
    task = GrantReadersOperator(task_id="g", sql_folder=str(folder), schema="annuity", roles=list(roles), **WHERE)
    return run_task(task)


def test_missing_roles_are_made_and_readers_are_let_in(redshift: FakeRedshift, tmp_path: Path) -> None:
    (tmp_path / "readers.sql").write_text("-- Rendered.\n" + "".join(f"{sql};\n" for sql in GRANTS))
    redshift.catalogue["svv_roles"] = [("awsidc:audit",), ("sys:dba",)]
    assert grant(tmp_path, *READERS) == READERS
    assert redshift.batches == [['CREATE ROLE "awsidc:actuarial"', *GRANTS]]


def test_a_reader_that_left_the_spec_is_shut_out(redshift: FakeRedshift, tmp_path: Path) -> None:
    redshift.catalogue["svv_schema_privileges"] = [("awsidc:former",), ('odd"name',)]
    grant(tmp_path)
    assert redshift.batches == [
        [
            'REVOKE USAGE ON SCHEMA "annuity" FROM ROLE "awsidc:former"',
            'REVOKE USAGE ON SCHEMA "annuity" FROM ROLE "odd""name"',
        ]
    ]


def test_nothing_is_sent_where_nobody_reads_and_nobody_did(redshift: FakeRedshift, tmp_path: Path) -> None:
    assert grant(tmp_path) == []
    assert redshift.batches == []


def test_a_reader_without_a_grant_is_no_success(redshift: FakeRedshift, tmp_path: Path) -> None:
    (tmp_path / "readers.sql").write_text(f"{GRANTS[0]};\n")
    with pytest.raises(AirflowFailException, match="grants nothing to awsidc:other"):
        grant(tmp_path, "awsidc:other")
    assert redshift.batches == []
