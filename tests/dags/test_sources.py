"""What was landed, what was moved, and every way in which they may differ."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from dags.sources import VerifyIngestOperator, WaitForSourcesOperator, fingerprint
from tests.dags.conftest import run_task
from tests.dags.fake_aws import FakeS3

PREFIX = "policies/as_of=2026-10-31/"
URIS = {"policies": f"s3://landing/{PREFIX}manifest.json"}
BODY = b"H|policies\nD|P-1\nT|1\n"
MOVED = {"input": 3, "output": 3, "error": 0}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> FakeS3:
    client = FakeS3()

    async def async_client(_: Any) -> FakeS3:
        return client

    monkeypatch.setattr(S3Hook, "conn", client)
    monkeypatch.setattr(S3Hook, "get_async_conn", async_client)
    monkeypatch.setattr(S3Hook, "get_conn", lambda _: client)
    land(client, BODY)
    client.objects[URIS["policies"]] = {"body": json.dumps(manifest()).encode(), "sha256": None}
    return client


def land(client: FakeS3, body: bytes) -> None:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    client.objects[f"s3://landing/{PREFIX}policies.dat"] = {"body": body, "sha256": digest}


def manifest(**other: Any) -> dict[str, Any]:
    digest = hashlib.sha256(BODY).hexdigest()
    files = [{"key": f"{PREFIX}policies.dat", "bytes": len(BODY), "sha256": digest, "records": 3}]
    return {"source": "policies", "as_of": "2026-10-31", "files": files} | other


def verify(moved: dict[str, int] | None = MOVED, opened: str | None = None) -> Any:
    task = VerifyIngestOperator(
        task_id="verify_ingest", source_manifests=URIS, ingest_tasks={"policies": "ingest_policies"}
    )
    opened = opened or fingerprint({"policies": manifest()})
    return run_task(task, ingest_policies=moved, open_run={"attempt": "a", "inputs_sha256": opened})


def test_all_that_was_landed_was_moved(s3: FakeS3) -> None:
    assert verify() == {"policies": 3}
    assert s3.made("head_object")[0]["ChecksumMode"] == "ENABLED"


def test_object_of_the_same_size_that_changed_is_found(s3: FakeS3) -> None:
    land(s3, BODY.replace(b"P-1", b"P-2"))
    with pytest.raises(AirflowFailException) as error:
        verify()
    assert str(error.value) == (
        "what was ingested is not what was landed:\n"
        f"  s3://landing/{PREFIX}policies.dat: changed after its manifest was written (SHA-256 differs)\n"
        "  fix:      once the source is right, clear open_run and everything after it"
    )


def test_missing_shorter_and_unchecksummed_objects_are_found(s3: FakeS3) -> None:
    place = f"s3://landing/{PREFIX}policies.dat"
    land(s3, BODY[:-1])
    with pytest.raises(AirflowFailException, match=f"{len(BODY) - 1} bytes, the manifest says {len(BODY)}"):
        verify()
    s3.objects[place] = {"body": BODY, "sha256": None}
    with pytest.raises(AirflowFailException, match="S3 keeps no SHA-256 for it"):
        verify()
    del s3.objects[place]
    with pytest.raises(AirflowFailException, match=r"policies\.dat: 404"):
        verify()


@pytest.mark.parametrize(
    "moved",
    [
        {"input": 2, "output": 2, "error": 0}, {"input": 3, "output": 2, "error": 1},
        {"input": 4, "output": 4, "error": 0}, {"input": 3, "output": 3, "error": 1},
        {"input": 3, "output": 6, "error": 0},
        None,
    ],
)  # fmt: skip
def test_other_counts_are_found(s3: FakeS3, moved: dict[str, int] | None) -> None:
    with pytest.raises(AirflowFailException, match="policies: "):
        verify(moved)


def test_manifest_replaced_after_the_run_was_opened_is_found(s3: FakeS3) -> None:
    with pytest.raises(AirflowFailException, match="a manifest was replaced after the run was opened"):
        verify(opened="0" * 64)


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "transactions"}, {"files": []}, {"files": None}, {"files": [{"key": "x"}]},
        {"files": [{"key": "x", "bytes": 1, "records": 1, "sha256": "zz"}]},
    ],
)  # fmt: skip
def test_malformed_manifests_are_refused(s3: FakeS3, wrong: dict[str, Any]) -> None:
    s3.objects[URIS["policies"]]["body"] = json.dumps(manifest(**wrong)).encode()
    with pytest.raises(AirflowFailException, match=r"manifest\.json: "):
        verify()


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
def test_what_is_no_document_is_refused(s3: FakeS3, body: bytes) -> None:
    s3.objects[URIS["policies"]]["body"] = body
    with pytest.raises(AirflowFailException, match=r"manifest\.json: "):
        verify()


def test_fingerprint_is_of_content_not_of_order() -> None:
    one, two = (
        {"key": "a", "bytes": 1, "sha256": "0", "records": 1},
        {"key": "b", "bytes": 2, "sha256": "1", "records": 2},
    )
    assert fingerprint({"s": {"files": [one, two]}}) == fingerprint({"s": {"files": [two, one]}})
    assert fingerprint({"s": {"files": [one, two]}}) != fingerprint({"s": {"files": [one, one | {"sha256": "2"}]}})
    assert fingerprint({"s": {"files": [one]}}) != fingerprint({"t": {"files": [one]}})


def wait(*sources: str, minutes: float = 0.001) -> Any:
    uris = {name: f"s3://landing/{name}/as_of=2026-10-31/manifest.json" for name in sources}
    return run_task(WaitForSourcesOperator(task_id="wait", source_manifests=uris, timeout_minutes=minutes))


def test_sources_that_came_let_the_run_go_on(s3: FakeS3) -> None:
    assert wait("policies") is None


def test_source_that_does_not_come_is_named(s3: FakeS3) -> None:
    with pytest.raises(AirflowFailException) as error:
        wait("policies", "transactions")
    assert str(error.value) == (
        "sources did not come within 0.001 minutes: transactions\n"
        "  expected: s3://landing/transactions/as_of=2026-10-31/manifest.json\n"
        "  fix:      ask the source system; once it has landed, clear this task"
    )


def test_sources_that_come_at_the_last_moment_are_taken(s3: FakeS3) -> None:
    late = {"outcome": "timeout", "deadline": 0.0, "uris": [], "aws_conn_id": "aws_default"}
    operator = WaitForSourcesOperator(
        task_id="wait",
        source_manifests={"policies": "s3://landing/policies/as_of=2026-10-31/manifest.json"},
        timeout_minutes=1,
    )
    assert operator.ended({}, late) is None  # type: ignore[func-returns-value]


def test_failing_s3_is_tolerated_for_a_while(s3: FakeS3, monkeypatch: pytest.MonkeyPatch) -> None:
    s3.hiccups = 3
    assert wait("policies", minutes=1) is None
    s3.hiccups = 10_000
    monkeypatch.setenv("SLUICE_OUTAGE_SECONDS", "0")
    with pytest.raises(AirflowException, match=r"S3 cannot answer now: .*SlowDown"):
        wait("policies")
