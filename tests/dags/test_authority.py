"""Opening a run and offering its data: what is asked of the authority, and what is not even offered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.providers.postgres.hooks.postgres import PostgresHook
from airflow.sdk.exceptions import AirflowFailException, DownstreamTasksSkipped

from dags.authority import OpenRunOperator, PublishOperator, ask, still_current
from tests.dags.conftest import run_task
from tests.dags.fake_aws import FakeS3

ATTEMPT = "01980000-0000-7000-8000-000000000001"
LOCATION = f"s3://curated/policy/as_of=2026-10-31/attempt={ATTEMPT}/"
LANDED = "s3://landing/policies/as_of=2026-10-31/manifest.json"


class Database:
    """Answers each query with what a test prepared, and remembers what was asked."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self.error: Exception | None = None
        self.asked: list[tuple[str, Any]] = []

    def run(self, sql: str, parameters: Any, handler: Any) -> Any:
        self.asked.append((sql, parameters))
        if self.error:
            raise self.error
        return self.rows


class Refusal(Exception):
    """As a Postgres driver raises it."""

    def __init__(self, sqlstate: str) -> None:
        self.diag = type("Diagnostics", (), {})()
        self.diag.sqlstate, self.diag.message_primary = sqlstate, "publish: policy is already published"
        self.diag.message_hint, self.diag.message_detail = "Run again with restate.", None


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    database = Database()
    monkeypatch.setattr(PostgresHook, "run", database.run)
    return database


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> FakeS3:
    client = FakeS3()
    monkeypatch.setattr(S3Hook, "conn", client)
    files = [{"key": "k", "bytes": 1, "sha256": "a" * 64, "records": 1}]
    put(client, LANDED, {"source": "policies", "as_of": "2026-10-31", "files": files})
    put(client, LOCATION + "_manifest.json", made())
    return client


def put(client: FakeS3, uri: str, document: dict[str, Any]) -> None:
    client.objects[uri] = {"body": json.dumps(document).encode(), "sha256": None}


def made(**other: Any) -> dict[str, Any]:
    check = {
        "metric": "nullValues",
        "column": "policy_id",
        "observed": 0,
        "minimum": None,
        "maximum": 0,
        "passed": True,
    }
    return {
        "dataset": "policy", "as_of": "2026-10-31", "attempt": ATTEMPT, "location": LOCATION, "rows": 3,
        "content_sha256": "c" * 64, "schema_sha256": "d" * 64, "quality": [check],
    } | other  # fmt: skip


def open_run(as_of: str = "2026-10-31") -> OpenRunOperator:
    return OpenRunOperator(
        task_id="open_run", tenant="annuity", as_of=as_of, source_manifests={"policies": LANDED},
        code_version="0123456789abcdef", publishes=["policy"], restate="",
    )  # fmt: skip


def publish(**manifests: str) -> Any:
    manifests = manifests or {"policy": LOCATION + "_manifest.json"}
    return run_task(PublishOperator(task_id="publish", attempt=ATTEMPT, manifests=manifests, restate="late data"))


def test_open_run_hands_over_what_the_run_is(database: Database, s3: FakeS3) -> None:
    database.rows = [(ATTEMPT, False)]
    opened = run_task(open_run())
    [(_, asked)] = database.asked
    assert asked == ("annuity", "annuity_daily", "scheduled__1", "2026-10-31", opened["inputs_sha256"],
                     "0123456789abcdef", ["policy"], "")  # fmt: skip
    assert opened["attempt"] == ATTEMPT
    assert len(opened["inputs_sha256"]) == 64


def test_a_run_that_proves_a_release_is_opened_although_its_work_is_published(database: Database, s3: FakeS3) -> None:
    database.rows = [(ATTEMPT, False)]
    run_task(open_run(), conf={"files": "f" * 64})
    [(_, asked)] = database.asked
    assert asked[-1] == f"proves the release's files {'f' * 64}"


def test_manifest_of_another_date_is_refused(database: Database, s3: FakeS3) -> None:
    with pytest.raises(
        AirflowFailException, match=r"says source 'policies' as of '2026-10-31'\n  expected: .*'2026-10-30'"
    ):
        run_task(open_run("2026-10-30"))
    assert database.asked == []


def test_published_work_is_skipped(database: Database, s3: FakeS3, monkeypatch: pytest.MonkeyPatch) -> None:
    database.rows = [(ATTEMPT, True)]
    after = [type("Task", (), {"task_id": name})() for name in ("publish", "join_steps", "terminate_cluster")]
    monkeypatch.setattr(OpenRunOperator, "get_flat_relatives", lambda *_, **__: after)
    with pytest.raises(DownstreamTasksSkipped) as skipped:
        run_task(open_run())
    assert skipped.value.tasks == ["join_steps", "publish", "terminate_cluster"]


def test_publishes_what_the_manifests_say(database: Database, s3: FakeS3) -> None:
    database.rows = [("policy", "v-1", 1, True, LOCATION, 3)]
    assert publish() == [
        {
            "dataset": "policy", "version_id": "v-1", "sequence": 1, "is_new": True, "location": LOCATION, "rows": 3,
            "as_of": "2026-10-31",
        }
    ]  # fmt: skip
    [(_, (attempt, offers, restate))] = database.asked
    assert (attempt, restate) == (ATTEMPT, "late data")
    assert json.loads(offers) == [
        {
            "dataset": "policy", "location": LOCATION, "rows": 3, "content_sha256": "c" * 64, "schema_sha256": "d" * 64,
            "manifest_uri": LOCATION + "_manifest.json",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"dataset": "payout"}, "dataset is 'payout', expected 'policy'"),
        ({"attempt": "another"}, f"attempt is 'another', expected '{ATTEMPT}'"),
        ({"location": "s3://elsewhere/"}, "location is 's3://elsewhere/'"),
        (
            {"quality": [{"metric": "nullValues", "column": "premium", "observed": 7, "maximum": 0, "passed": False}]},
            "policy: nullValues of premium is 7, allowed None to 0",
        ),
        ({"quality": [{"metric": "rowCount"}]}, "policy: rowCount of the dataset"),
    ],
)  # fmt: skip
def test_unfit_data_is_not_offered(database: Database, s3: FakeS3, wrong: dict[str, Any], told: str) -> None:
    put(s3, LOCATION + "_manifest.json", made(**wrong))
    with pytest.raises(AirflowFailException) as error:
        publish()
    assert told in str(error.value)
    assert database.asked == []


def test_mixed_dates_are_not_offered(database: Database, s3: FakeS3) -> None:
    other = LOCATION.replace("policy", "payout").replace("10-31", "10-30")
    put(s3, other + "_manifest.json", made(dataset="payout", location=other, as_of="2026-10-30"))
    with pytest.raises(AirflowFailException, match="mixes dates"):
        publish(policy=LOCATION + "_manifest.json", payout=other + "_manifest.json")


def test_refusal_is_told_and_not_tried_again(database: Database) -> None:
    database.error = Refusal("SL005")
    with pytest.raises(AirflowFailException) as error:
        ask("authority", "SELECT 1")
    assert str(error.value) == (
        "the data authority refuses: publish: policy is already published\n  fix:      Run again with restate."
    )


@pytest.mark.parametrize("failure", [Refusal("08006"), ConnectionError("gone")])
def test_other_failures_may_be_tried_again(database: Database, failure: Exception) -> None:
    database.error = failure
    with pytest.raises(type(failure)):
        ask("authority", "SELECT 1")


def test_superseded_versions_are_left_out(database: Database) -> None:
    versions = [{"dataset": "policy", "version_id": "v-1"}, {"dataset": "payout", "version_id": "v-2"}]
    database.rows = [("policy", "2026-10-31", "v-1", "v-9", "restated")]
    log = type("Log", (), {"warning": lambda *_: None})()
    assert still_current("authority", versions, log) == versions[1:]
