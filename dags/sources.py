"""Sources as they were landed: wait for them, fingerprint them, and prove that what was ingested is what was landed.

Decides by manifests, object sizes, checksums and counts. It must not read the data.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections.abc import Sequence
from typing import Any

from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.sdk import Context
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from dags import settings
from dags.compat import AirflowException, AirflowFailException
from dags.documents import read_document
from dags.polling import OVER, UNREACHABLE
from dags.release import ReleasedOperator
from dags.s3_trigger import ObjectsTrigger


class WaitForSourcesOperator(ReleasedOperator):
    """Wait until every source's manifest is there, without a worker; fail by naming those that did not come.

    Args:
        source_manifests: {source: S3 URI of its landing manifest, which is written last}.
        timeout_minutes: from the start of the task.
        aws_conn_id: Airflow connection.
    """

    template_fields: Sequence[str] = ("source_manifests",)

    def __init__(
        self,
        *,
        source_manifests: dict[str, str],
        timeout_minutes: float,
        aws_conn_id: str = "aws_default",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.source_manifests, self.timeout_minutes, self.aws_conn_id = source_manifests, timeout_minutes, aws_conn_id

    def execute(self, context: Context) -> None:
        trigger = ObjectsTrigger(
            aws_conn_id=self.aws_conn_id,
            uris=sorted(self.source_manifests.values()),
            deadline=time.time() + self.timeout_minutes * 60,
            poll_seconds=settings.poll_seconds(),
            outage_seconds=settings.outage_seconds(),
        )
        self.defer(trigger=trigger, method_name="ended")

    def ended(self, context: Context, event: dict[str, Any]) -> None:
        """Continue once all came, or it is too late, or S3 fell silent."""
        if event["outcome"] == OVER:
            return
        if event["outcome"] == UNREACHABLE:
            raise AirflowException(f"{event['message']}\n  fix:      once S3 answers, clear this task")
        hook = S3Hook(aws_conn_id=self.aws_conn_id)
        missing = {name: uri for name, uri in self.source_manifests.items() if not hook.check_for_key(uri)}
        if not missing:
            return  # the last of them came while this task was woken
        raise AirflowFailException(
            f"sources did not come within {self.timeout_minutes} minutes: {', '.join(missing)}\n"
            + "".join(f"  expected: {uri}\n" for uri in missing.values())
            + "  fix:      ask the source system; once it has landed, clear this task"
        )


def fingerprint(manifests: dict[str, dict[str, Any]]) -> str:
    """Return one SHA-256 (hex) over what the manifests say was landed: {source: manifest}."""
    said = {
        source: sorted([entry["key"], entry["bytes"], entry["sha256"], entry["records"]] for entry in manifest["files"])
        for source, manifest in manifests.items()
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def read_manifests(hook: S3Hook, uris: dict[str, str], as_of: str | None = None) -> dict[str, dict[str, Any]]:
    """Return {source: landing manifest}.

    Raises:
        AirflowFailException: a manifest names another source or date than its place says, or lists no file.
    """
    manifests = {source: read_document(hook, uri) for source, uri in uris.items()}
    for source, manifest in manifests.items():
        uri = uris[source]
        if manifest.get("source") != source or (as_of is not None and manifest.get("as_of") != as_of):
            raise AirflowFailException(
                f"{uri}: says source {manifest.get('source')!r} as of {manifest.get('as_of')!r}\n"
                f"  expected: source {source!r}{f' as of {as_of!r}' if as_of else ''}\n"
                f"  fix:      the source system lands the right manifest, then clear this task"
            )
        files = manifest.get("files")
        if not files or not all(_is_entry(entry) for entry in files):
            raise AirflowFailException(
                f"{uri}: files is {files!r}\n"
                f"  expected: a list, not empty, of key, bytes, sha256 (64 hexadecimal digits), records"
            )
    return manifests


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("key"), str)
        and isinstance(entry.get("bytes"), int)
        and isinstance(entry.get("records"), int)
        and re.fullmatch("[0-9a-f]{64}", str(entry.get("sha256"))) is not None
    )


class VerifyIngestOperator(ReleasedOperator):
    """Fail unless landing still holds what the manifests say and all of it, without error records, was moved.

    Args:
        source_manifests: {source: S3 URI of its landing manifest}.
        ingest_tasks: {source: id of the task that ingested it}.
        open_run_task: task whose fingerprint of the manifests must still be right.
        aws_conn_id: Airflow connection.
    """

    template_fields: Sequence[str] = ("source_manifests",)

    def __init__(
        self,
        *,
        source_manifests: dict[str, str],
        ingest_tasks: dict[str, str],
        open_run_task: str = "open_run",
        aws_conn_id: str = "aws_default",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.source_manifests, self.ingest_tasks = source_manifests, ingest_tasks
        self.open_run_task, self.aws_conn_id = open_run_task, aws_conn_id

    def execute(self, context: Context) -> dict[str, int]:
        """Return {source: records}."""
        hook = S3Hook(aws_conn_id=self.aws_conn_id)
        manifests = read_manifests(hook, self.source_manifests)
        opened = context["ti"].xcom_pull(task_ids=self.open_run_task) or {}
        problems = []
        if opened.get("inputs_sha256") != fingerprint(manifests):
            problems.append("a manifest was replaced after the run was opened")
        for source, manifest in manifests.items():
            bucket, _ = S3Hook.parse_s3_url(self.source_manifests[source])
            for entry in manifest["files"]:
                problems += _object_problems(hook, bucket, entry)
            moved = context["ti"].xcom_pull(task_ids=self.ingest_tasks[source])
            problems += _count_problems(source, moved, _records(manifest))
        if problems:
            raise AirflowFailException(
                "\n  ".join(["what was ingested is not what was landed:", *problems])
                + f"\n  fix:      once the source is right, clear {self.open_run_task} and everything after it"
            )
        return {source: _records(manifest) for source, manifest in manifests.items()}


def _records(manifest: dict[str, Any]) -> int:
    return sum(int(entry["records"]) for entry in manifest["files"])


def _object_problems(hook: S3Hook, bucket: str, entry: dict[str, Any]) -> list[str]:
    """Compare one landed object with the manifest's entry: size in bytes and SHA-256, as S3 keeps them."""
    uri = f"s3://{bucket}/{entry['key']}"
    try:
        head = hook.conn.head_object(Bucket=bucket, Key=entry["key"], ChecksumMode="ENABLED")
    except ClientError as error:
        return [f"{uri}: {error.response['Error'].get('Code')}"]
    if head["ContentLength"] != entry["bytes"]:
        return [f"{uri}: {head['ContentLength']} bytes, the manifest says {entry['bytes']}"]
    kept = head.get("ChecksumSHA256")
    wanted = base64.b64encode(bytes.fromhex(entry["sha256"])).decode()
    if kept is None:
        return [f"{uri}: S3 keeps no SHA-256 for it; it must be put with ChecksumAlgorithm=SHA256"]
    return [] if kept == wanted else [f"{uri}: changed after its manifest was written (SHA-256 differs)"]


def _count_problems(source: str, moved: dict[str, int] | None, expected: int) -> list[str]:
    if moved is None:
        return [f"{source}: its ingestion reported no counts"]
    if (moved["input"], moved["output"], moved["error"]) != (expected, expected, 0):
        return [f"{source}: {expected} records landed; StreamSets moved {moved['output']} of {moved['input']} read, "
                f"{moved['error']} were errors"]  # fmt: skip
    return []
