"""One run of a pipeline: objects of the origin, batch by batch, to objects of the destination.

Decides batches, offsets and counters, so that after a restart no record is lost and none is doubled. It must not know
the REST API.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.faults import Fault, Faults
from sandbox.streamsets.access import InstanceProfileS3, NoInstanceProfileError
from sandbox.streamsets.formats import DelimitedFormat, Record, as_json_lines
from sandbox.streamsets.plan import Plan
from sandbox.streamsets.states import Pipeline

THREAD = "0"
WHOLLY_READ = -1
POLL_SECONDS = 0.5
# The engine itself waits 15 s, then 30 s, and so on: too long for a laptop.
FIRST_RETRY_SECONDS = 1.0
RESTART_SECONDS = 1.0
S3_FAILURES = (BotoCoreError, ClientError)


class RunFailedError(Exception):
    """The run ended by an error that is not tried again."""


@dataclass(frozen=True)
class Offset:
    """How far the origin has come: `key::bytes::etag::milliseconds`, -1 bytes when the object is wholly read."""

    key: str = ""
    position: int = 0
    etag: str = ""
    modified: int = 0

    @classmethod
    def parse(cls, text: str | None) -> Offset:
        if not text:
            return cls()
        key, position, etag, modified = text.rsplit("::", 3)
        return cls(key, int(position), etag, int(modified))

    def __str__(self) -> str:
        return f"{self.key}::{self.position}::{self.etag}::{self.modified}"


@dataclass(frozen=True)
class Batch:
    """Records between two offsets of one object; `content` is what is written, None where all were in error."""

    after: Offset
    key: str
    content: bytes | None
    read: int
    errors: int


class Run:
    """Runs a pipeline that is STARTING until it is no longer active.

    Args:
        s3: connects as the engine's instance profile.
    """

    def __init__(self, pipeline: Pipeline, plan: Plan, s3: Callable[[], InstanceProfileS3], faults: Faults) -> None:
        self._pipeline, self._plan, self._connect = pipeline, plan, s3
        self._failure = faults.take("streamsets_run_error", pipeline.id)
        self._restart = faults.take("streamsets_restart", pipeline.id)

    def execute(self) -> None:
        """Go on until the data ends, someone stops the run, or an error does."""
        try:
            while self._attempt():
                self._pipeline.move("STARTING")
        except RunFailedError as error:
            if self._pipeline.status not in ("STOPPING", "STOPPED"):
                self._pipeline.move("RUN_ERROR", str(error))
        finally:
            if self._pipeline.status == "STOPPING":
                self._pipeline.move("STOPPED")
            self._pipeline.abandon()

    def _attempt(self) -> bool:
        """Run once; returns whether to start again after an error of S3."""
        if not self._start():
            return False
        try:
            self._move_data()
        except S3_FAILURES as error:
            message = f"S3_SPOOLDIR_20 - Cannot work with Amazon S3: {error}"
            if not self._enter("RUNNING_ERROR", message):
                return False
            return self._wait_for_retry(message)
        return False

    def _start(self) -> bool:
        """Connect and check the buckets, as the stages do when they are initialised."""
        try:
            self._s3 = self._connect()
            for bucket in (self._plan.source_bucket, self._plan.target_bucket):
                self._s3.check_bucket(bucket)
        except (*S3_FAILURES, NoInstanceProfileError) as error:
            message = f"CONTAINER_0800 - Pipeline '{self._pipeline.id}' validation error : S3_SPOOLDIR_12 - {error}"
            if self._enter("STARTING_ERROR", message):
                self._pipeline.move("START_ERROR", message)
            return False
        return self._enter("RUNNING")

    def _enter(self, status: str, message: str | None = None) -> bool:
        """Enter a state unless someone stopped the run meanwhile; returns whether it was entered."""
        with self._pipeline.lock:
            if self._pipeline.status in ("STOPPING", "STOPPED"):
                return False
            self._pipeline.move(status, message)
            return True

    def _wait_for_retry(self, message: str) -> bool:
        pipeline, plan = self._pipeline, self._plan
        if 0 <= plan.retries <= pipeline.retry_attempt:
            raise RunFailedError(message)
        seconds = FIRST_RETRY_SECONDS * 2**pipeline.retry_attempt
        pipeline.retry_attempt += 1
        pipeline.next_retry_milliseconds = int((time.time() + seconds) * 1000)
        pipeline.move("RETRY", message)
        pipeline.wait_while("RETRY", seconds)
        return pipeline.status == "RETRY"

    def _move_data(self) -> None:
        while self._pipeline.status == "RUNNING":
            for batch in self._batches():
                self._fail_if_asked()
                if self._pipeline.status != "RUNNING":
                    return
                if batch.content is not None:
                    plan = self._plan
                    self._s3.put_object(plan.target_bucket, batch.key, batch.content, **plan.encryption)
                if self._restart is not None:
                    return self._restart_engine(self._restart)
                self._commit(batch)
            self._fail_if_asked(at_the_end=True)
            if self._plan.finishes:
                if self._enter("FINISHING"):
                    self._pipeline.move("FINISHED")
                return
            self._pipeline.wait_while("RUNNING", POLL_SECONDS)

    def _commit(self, batch: Batch) -> None:
        with self._pipeline.lock:
            counts = self._pipeline.counts
            counts.batches += 1
            counts.read += batch.read
            counts.written += batch.read - batch.errors
            counts.errors += batch.errors
            self._pipeline.offsets[THREAD] = str(batch.after)

    def _restart_engine(self, fault: Fault) -> None:
        """Be an engine that is stopped between writing a batch and committing it, and comes back."""
        self._restart = None
        for status, seconds in (("DISCONNECTING", 0.0), ("DISCONNECTED", fault.seconds("seconds", RESTART_SECONDS))):
            if not self._enter(status):
                return
            self._pipeline.wait_while(status, seconds)
        if self._enter("CONNECTING") and self._enter("RUNNING"):
            self._move_data()

    def _fail_if_asked(self, at_the_end: bool = False) -> None:
        fault = self._failure
        if fault is None or not (
            at_the_end or self._pipeline.counts.read >= int(fault.options.get("after_records", 0))
        ):
            return
        message = str(fault.options.get("message", "CONTAINER_0000 - Runtime exception: the run was made to fail"))
        self._failure = None
        self._enter("RUNNING_ERROR", message)
        raise RunFailedError(message)

    def _batches(self) -> Iterator[Batch]:
        """Yield what is to be read behind the committed offset, in the order of keys."""
        offset = Offset.parse(self._pipeline.offsets.get(THREAD))
        for found in self._objects(offset):
            is_same = found["Key"] == offset.key
            answer = self._s3.get_object(self._plan.source_bucket, found["Key"])
            reached = Offset(
                found["Key"],
                offset.position if is_same else 0,
                answer["ETag"].strip('"'),
                int(answer["LastModified"].timestamp() * 1000),
            )
            content = answer["Body"].read()
            delimited = self._plan.format
            yield from self._records(delimited, reached, content) if delimited else self._file(reached, content)

    def _objects(self, offset: Offset) -> list[dict[str, Any]]:
        plan = self._plan
        return [
            found
            for found in self._s3.objects(plan.source_bucket, plan.source_prefix)
            if plan.pattern.match(found["Key"][len(plan.source_prefix) :])
            and (found["Key"] > offset.key or (found["Key"] == offset.key and offset.position != WHOLLY_READ))
        ]

    def _records(self, delimited: DelimitedFormat, begin: Offset, content: bytes) -> Iterator[Batch]:
        """Cut an object into batches. The last carries the offset -1, so an empty object has one batch too."""
        records: list[Record] = []
        read = errors = 0
        start = reached = begin.position
        for parsed in delimited.parse(content, begin.position):
            if read == self._plan.batch_records:
                yield self._batch(begin, start, reached, records, read, errors)
                records, read, errors, start = [], 0, 0, reached
            read, reached = read + 1, parsed.end
            if parsed.record is None:
                errors += 1
            else:
                records.append(parsed.record)
        yield self._batch(begin, start, WHOLLY_READ, records, read, errors)

    def _batch(self, begin: Offset, start: int, reached: int, records: list[Record], read: int, errors: int) -> Batch:
        """A batch under a name that depends on what is read, not on when: read again, it is written over itself."""
        plan = self._plan
        name = f"{plan.name_prefix}-{zlib.crc32(begin.key.encode()):08x}-{start}"
        suffix = f".{plan.name_suffix}" if plan.name_suffix else ""
        after = Offset(begin.key, reached, begin.etag, begin.modified)
        content = as_json_lines(records) if records else None
        return Batch(after, f"{plan.target_prefix}{name}{suffix}", content, read, errors)

    def _file(self, begin: Offset, content: bytes) -> Iterator[Batch]:
        """A whole file is one record, named as the source is."""
        plan = self._plan
        name = begin.key.rsplit("/", 1)[-1]
        prefix = f"{plan.name_prefix}-" if plan.name_prefix else ""
        after = Offset(begin.key, WHOLLY_READ, begin.etag, begin.modified)
        yield Batch(after, f"{plan.target_prefix}{prefix}{name}", content, read=1, errors=0)
