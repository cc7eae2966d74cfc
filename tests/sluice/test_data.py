"""`sluice data`: what an analyst, and a script of theirs, is told of the authority's versions."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from authority.client import Publication, Version
from sluice import cli
from sluice.commands import data

AS_OF = date(2026, 10, 31)
AT = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
FIRST, SECOND = uuid.UUID(int=1), uuid.UUID(int=2)


def version(sequence: int, version_id: uuid.UUID, supersedes: uuid.UUID | None = None) -> Version:
    """Return a version of the dataset `payout` as of AS_OF; the second is current."""
    return Version(
        tenant="annuity",
        dataset="payout",
        dataset_id=uuid.UUID(int=9),
        as_of=AS_OF,
        sequence=sequence,
        version_id=version_id,
        is_current=sequence == 2,
        location="s3://curated/payout/",
        manifest_uri="s3://curated/payout/_manifest.json",
        row_count=78,
        content_sha256="a" * 64,
        schema_sha256="b" * 64,
        attempt=uuid.UUID(int=3),
        dag_id="annuity_daily",
        run_key="2026-10-31",
        inputs_sha256="c" * 64,
        code_version="d",
        supersedes=supersedes,
        reason="late file" if supersedes else None,
        published_by="airflow",
        published_at=AT,
        current_since=AT,
    )


def publication(outcome: str, version_id: uuid.UUID, replaced: uuid.UUID | None) -> Publication:
    reason = "late file" if replaced else None
    return Publication(
        "annuity", "payout", AS_OF, 2, version_id, uuid.UUID(int=3), outcome, replaced, reason, "airflow", AT
    )


class Published:
    """Stands for the authority's client, and remembers what it was asked for."""

    versions: Sequence[Version] = ()
    log: Sequence[Publication] = ()

    def __init__(self, url: str) -> None:
        assert url == "postgresql+psycopg://authority"

    def current(self, tenant: str, dataset: str | None, as_of: date | None) -> list[Version]:
        return [row for row in self.history(tenant, dataset, as_of) if row.is_current]

    def history(self, tenant: str, dataset: str | None, as_of: date | None) -> list[Version]:
        wanted = [row for row in self.versions if dataset in (None, row.dataset) and as_of in (None, row.as_of)]
        return [row for row in wanted if row.tenant == tenant]

    def publications(self, tenant: str, dataset: str | None, as_of: date | None) -> list[Publication]:
        return [row for row in self.log if row.tenant == tenant and dataset in (None, row.dataset)]


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> type[Published]:
    """Let the verbs ask an authority in which one dataset was restated."""
    monkeypatch.setenv(data.URL_VARIABLE, "postgresql+psycopg://authority")
    monkeypatch.setattr(data, "Authority", Published)
    log = [publication("new", FIRST, None), publication("new", SECOND, FIRST), publication("restored", FIRST, SECOND)]
    monkeypatch.setattr(Published, "versions", [version(1, FIRST), version(2, SECOND, FIRST)])
    monkeypatch.setattr(Published, "log", log)
    return Published


def test_a_script_gets_the_current_version_with_all_its_fields(
    published: type[Published], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["data", "current", "annuity", "--as-of", "2026-10-31", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["version_id"], told["as_of"], told["row_count"]) == (str(SECOND), "2026-10-31", 78)
    assert (told["published_at"], told["supersedes"]) == ("2026-11-01T05:30:00+00:00", str(FIRST))


@pytest.mark.parametrize("verb", ["current", "history", "restated"])
def test_what_was_never_published_ends_with_1_for_people_and_scripts(
    published: type[Published], capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    assert cli.run(["data", verb, "claims"]) == 1
    assert "nothing of this is published" in capsys.readouterr().err
    assert cli.run(["data", verb, "claims", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == []


def test_history_of_a_tenant_names_each_dataset(published: type[Published], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["data", "history", "annuity"]) == 0
    said = capsys.readouterr().out
    assert said.count("payout") == len(published.versions)
    assert "late file" in said


def test_restated_is_what_took_the_place_of_another_also_what_was_restored(
    published: type[Published], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["data", "restated", "annuity", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(row["outcome"], row["version_id"], row["replaced"]) for row in told] == [
        ("new", str(SECOND), str(FIRST)),
        ("restored", str(FIRST), str(SECOND)),
    ]


def test_nothing_restated_is_said(
    published: type[Published], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "log", [publication("new", FIRST, None)])
    assert cli.run(["data", "restated", "annuity"]) == 0
    assert capsys.readouterr().out == "nothing of this was restated\n"


def test_who_names_no_authority_is_told_both_ways(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(data.URL_VARIABLE, raising=False)
    assert cli.run(["data", "list"]) == 2
    assert "sluice sandbox up, or set SLUICE_AUTHORITY_URL to the authority of prod" in capsys.readouterr().err
