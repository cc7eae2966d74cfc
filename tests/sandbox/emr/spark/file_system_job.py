"""A Spark job that tries the `s3://` file system, one check after another, and reports as JSON what it saw.

Usage: file_system_job.py BUCKET. Writes `report.json`, {check: "passed" or a traceback}, and then fails on purpose.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

import library  # type: ignore[import-not-found]  # from --py-files
from py4j.protocol import Py4JJavaError
from pyspark.errors.exceptions.captured import CapturedException
from pyspark.sql import SparkSession

BUCKET = sys.argv[1]
SPARK = SparkSession.builder.getOrCreate()
JVM: Any = SPARK._jvm
CHECKS: list[Callable[[], None]] = []
NAMES = ("as_of=2026-10-31", "two words", "Zoë 日本", "plus+and%41", "a&b<c>'d\"", "semi;colon,comma!")


class TrailerMismatch(Exception):  # as the product's jobs call theirs
    """Stands for a job's own error."""


def check(function: Callable[[], None]) -> Callable[[], None]:
    CHECKS.append(function)
    return function


def path(key: str, bucket: str = BUCKET) -> Any:
    return JVM.org.apache.hadoop.fs.Path("s3", bucket, f"/{key}")


def files(bucket: str = BUCKET) -> Any:
    return path("", bucket).getFileSystem(SPARK._jsc.hadoopConfiguration())


def write(key: str, text: str, overwrite: bool = True) -> None:
    out = files().create(path(key), overwrite)
    out.write(bytearray(text.encode()))
    out.close()


def read(key: str) -> str:
    stream = files().open(path(key))
    text = str(JVM.org.apache.commons.io.IOUtils.toString(stream, "UTF-8"))
    stream.close()
    return text


def names(key: str) -> list[str]:
    return sorted(status.getPath().getName() for status in files().listStatus(path(key)))


def refused(action: Callable[[], Any], exception: str, *words: str) -> None:
    """Assert that an action ends in a Java exception of a class, with words in its message."""
    try:
        action()
    except (Py4JJavaError, CapturedException) as error:
        found = error.java_exception if isinstance(error, Py4JJavaError) else error._origin
        assert found.getClass().getSimpleName() == exception, found.toString()
        assert all(word in found.getMessage() for word in words), found.getMessage()
        return
    raise AssertionError(f"no {exception}")


@check
def special_characters_in_keys() -> None:
    for name in NAMES:
        write(f"special/{name}/{name}.txt", name)
    assert names("special") == sorted(NAMES)
    for name in NAMES:
        assert names(f"special/{name}") == [f"{name}.txt"]
        assert read(f"special/{name}/{name}.txt") == name
    assert files().rename(path("special"), path("renamed"))
    assert names("renamed") == sorted(NAMES)
    assert files().delete(path("renamed"), True)
    assert not files().exists(path("renamed"))


@check
def a_colon_in_a_key_of_others() -> None:
    (status,) = files().listStatus(path("colon"))
    assert status.getPath().toString() == f"s3://{BUCKET}/colon/at 10:30.txt"
    assert status.getLen() == 4


@check
def an_empty_object() -> None:
    write("empty/none", "")
    assert files().getFileStatus(path("empty/none")).getLen() == 0
    assert read("empty/none") == ""


@check
def overwriting_only_when_asked() -> None:
    write("over/a", "first")
    refused(lambda: write("over/a", "second", overwrite=False), "FileAlreadyExistsException", "already exists")
    assert read("over/a") == "first"
    write("over/a", "the second")
    assert (read("over/a"), files().getFileStatus(path("over/a")).getLen()) == ("the second", 10)
    refused(lambda: write("over", "x"), "FileAlreadyExistsException", "is a directory")


@check
def of_two_writers_at_once_one_is_refused() -> None:
    first, second = files().create(path("race"), False), files().create(path("race"), False)
    for stream, text in ((first, b"first"), (second, b"second")):
        stream.write(bytearray(text))
    first.close()
    refused(second.close, "FileAlreadyExistsException", f"s3://{BUCKET}/race already exists")
    assert read("race") == "first"


@check
def nothing_is_visible_before_it_is_whole() -> None:
    out = files().create(path("whole/a"), True)
    out.write(bytearray(b"half"))
    out.flush()
    assert not files().exists(path("whole/a"))
    out.close()
    assert read("whole/a") == "half"


@check
def a_reader_notices_that_its_object_was_replaced() -> None:
    write("replaced", "before")
    stream = files().open(path("replaced"))
    write("replaced", "after!")
    refused(stream.read, "IOException", f"s3://{BUCKET}/replaced was replaced")
    assert read("replaced") == "after!"


@check
def folders() -> None:
    assert files().mkdirs(path("folder/inner"))
    assert files().getFileStatus(path("folder/inner")).isDirectory()
    assert (names("folder"), names("folder/inner")) == (["inner"], [])
    assert files().mkdirs(path("folder/inner"))
    write("folder/file", "x")
    refused(lambda: files().mkdirs(path("folder/file/below")), "FileAlreadyExistsException", "folder/file is a file")
    refused(lambda: files().delete(path("folder"), False), "PathIsNotEmptyDirectoryException")
    assert files().delete(path("folder/inner"), False)
    assert names("folder") == ["file"]
    assert not files().delete(path("folder/none"), True)
    assert not files().delete(path(""), True)
    assert names("folder") == ["file"]


@check
def renaming() -> None:
    for key in ("move/a/1", "move/a/deep/2", "move/b/3", "move/file"):
        write(key, key)
    files().mkdirs(path("move/a/hollow"))
    assert files().rename(path("move/a"), path("move/new"))
    assert (names("move"), names("move/new")) == (["b", "file", "new"], ["1", "deep", "hollow"])
    assert read("move/new/deep/2") == "move/a/deep/2"
    assert files().rename(path("move/new"), path("move/b"))
    assert names("move/b") == ["3", "new"]
    assert files().rename(path("move/file"), path("move/b"))
    assert read("move/b/file") == "move/file"
    write("move/b2", "x")
    assert not files().rename(path("move/b/file"), path("move/b2"))
    assert read("move/b2") == "x"
    assert not files().rename(path("move/none"), path("move/anything"))
    assert not files().rename(path("move/b"), path("move/b/new/inside"))
    assert names("move/b") == ["3", "file", "new"]


@check
def listings_of_more_than_one_page() -> None:
    statuses = files().listStatus(path("many"))
    assert len(statuses) == 1005
    assert len({status.getPath().getName() for status in statuses}) == 1005
    assert files().delete(path("many"), True)
    assert not files().exists(path("many"))


@check
def ranges_of_a_large_object() -> None:
    size = files().getFileStatus(path("large")).getLen()
    assert size == 9 << 20
    stream = files().open(path("large"))
    for position in (0, size - 8, 5_000_000, 4 << 20, (8 << 20) - 8, 16):  # each long says where it is
        stream.seek(position)
        assert stream.readLong() == position
    assert stream.readLong() == 24
    stream.seek(size)
    assert stream.read() == -1
    refused(lambda: stream.seek(size + 1), "EOFException")
    assert stream.getPos() == size
    stream.close()
    refused(stream.read, "IOException", "has been closed")


@check
def errors_name_the_object_and_the_status() -> None:
    refused(lambda: files().open(path("no/such")), "FileNotFoundException", f"s3://{BUCKET}/no/such")
    nowhere = "no-such-bucket-anywhere"
    refused(lambda: files(nowhere).open(path("a", nowhere)), "FileNotFoundException", nowhere, "404", "NoSuchBucket")
    refused(lambda: read("faulty/denied"), "AccessDeniedException", "HTTP 403", f"s3://{BUCKET}/faulty/denied")
    refused(lambda: files().append(path("a")), "UnsupportedOperationException")


@check
def throttling_passes() -> None:
    write("faulty/slow", "in the end")
    assert read("faulty/slow") == "in the end"


@check
def spark_reads_what_it_wrote() -> None:
    folder = f"s3://{BUCKET}/out/as_of=2026-10-31/attempt=1/"
    frame = SPARK.range(100).selectExpr("id", "id % 3 as part", "cast(id as string) as text").repartition(2)
    frame.write.partitionBy("part").parquet(folder)
    assert SPARK.read.parquet(folder).where("part = 2").count() == 33
    assert names("out/as_of=2026-10-31/attempt=1") == ["_SUCCESS", "part=0", "part=1", "part=2"]
    frame.write.mode("append").partitionBy("part").parquet(folder)
    assert SPARK.read.parquet(folder).count() == 200
    frame.limit(5).write.mode("overwrite").json(folder)
    assert SPARK.read.json(folder).count() == 5
    assert SPARK.sparkContext.wholeTextFiles(folder).count() >= 1


@check
def the_step_runs_here() -> None:
    assert SPARK.sparkContext.master in ("local[1]", "local[2]")
    assert SPARK.conf.get("spark.sql.ansi.enabled") == "true"
    assert SPARK.conf.get("spark.sql.shuffle.partitions") == "2"
    assert SPARK.conf.get("spark.sql.session.timeZone") in ("UTC", "Etc/UTC")
    assert library.ANSWER == 42
    assert os.environ["EMR_STEP_ID"].startswith("s-")
    assert "spark_jobs" not in os.listdir()  # noqa: PTH208


def main() -> None:
    report = {}
    for function in CHECKS:
        try:
            function()
            report[function.__name__] = "passed"
        except (AssertionError, Py4JJavaError, CapturedException):
            report[function.__name__] = traceback.format_exc()
    write("report.json", json.dumps(report))
    raise TrailerMismatch("policies as_of 2026-10-31: trailer says 200 details, file holds 199")


if __name__ == "__main__":
    main()
