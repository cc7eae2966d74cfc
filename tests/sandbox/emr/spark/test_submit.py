"""The command that runs a step here: what it is given, what it is kept from, and what is built for it once."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from sandbox.emr.spark import build, prepare
from sandbox.emr.spark.build import SparkBuildError
from sandbox.emr.spark.java import find_jdk
from sandbox.emr.spark.submit import Command, Session, base_environment, spark_submit

SESSION = Session("http://127.0.0.1:1", "eu-west-1", "AKIA00000000000000AA", "secret", "token", {"EMR_STEP_ID": "s-1"})


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder of this module's own, empty at first; the file system is compiled into it once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def own_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLUICE_CACHE", str(cache))
    return cache / "spark"


def submitted(folder: Path, *arguments: str, **options: object) -> tuple[Command, dict[str, str]]:
    """Return the command and the settings in its properties file."""
    command = spark_submit(arguments, SESSION, folder, **options)  # type: ignore[arg-type]
    properties = Path(command.arguments[2]).read_text(encoding="utf-8")
    return command, dict(line.split(" ", 1) for line in properties.splitlines())


def test_the_jobs_own_arguments_are_kept(own_cache: Path, tmp_path: Path) -> None:
    command, settings = submitted(tmp_path, "--master", "yarn", "s3://code/job.py", "--as-of", "2026-10-31", cores=1)
    assert command.arguments[0].endswith("pyspark/bin/spark-submit")
    assert command.arguments[3:] == ("s3://code/job.py", "--as-of", "2026-10-31")
    assert command.left_out == ("--master", "yarn")
    assert settings["spark.master"] == "local[1]"
    assert command.environment["PYSPARK_PYTHON"] == sys.executable
    assert command.environment["JAVA_HOME"] == str(find_jdk().home)


def test_a_clusters_defaults_outweigh_ours_where_they_mean_something(own_cache: Path, tmp_path: Path) -> None:
    _, settings = submitted(tmp_path, "job.py", defaults={"spark.sql.ansi.enabled": "true"})
    assert settings["spark.sql.ansi.enabled"] == "true"


def test_a_step_sees_its_own_credentials_and_nothing_of_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of the server")
    monkeypatch.setenv("AIRFLOW_HOME", "/somewhere")
    environment = base_environment(SESSION)
    assert {name for name in environment if name.startswith(("AIRFLOW", "PYTHON", "SLUICE"))} == set()
    assert environment["AWS_ACCESS_KEY_ID"] == SESSION.access_key
    assert environment["AWS_SESSION_TOKEN"] == "token"
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert (environment["TZ"], environment["EMR_STEP_ID"], environment["PATH"]) == ("UTC", "s-1", os.environ["PATH"])


def test_the_class_archive_is_used_once_it_is_there(own_cache: Path, tmp_path: Path) -> None:
    jdk = find_jdk()
    archive = build.class_archive(jdk, build.file_system_jar(jdk))
    assert "SharedArchiveFile" not in submitted(tmp_path, "job.py")[1]["spark.driver.extraJavaOptions"]
    archive.touch()
    try:
        options = submitted(tmp_path, "job.py")[1]["spark.driver.extraJavaOptions"]
        assert f"-XX:SharedArchiveFile={archive}" in options
        assert prepare.prepare() == archive
    finally:
        archive.unlink()


def test_the_file_system_is_compiled_once(own_cache: Path) -> None:
    jar = build.file_system_jar(find_jdk())
    built = jar.stat().st_mtime_ns
    assert build.file_system_jar(find_jdk()) == jar
    assert jar.stat().st_mtime_ns == built


def test_an_archive_belongs_to_its_jars(own_cache: Path, tmp_path: Path) -> None:
    jdk = find_jdk()
    jar = tmp_path / "own.jar"
    jar.write_bytes(b"one")
    before = build.class_archive(jdk, jar)
    jar.write_bytes(b"another")
    assert build.class_archive(jdk, jar) != before


def test_sources_that_do_not_compile_are_named(
    own_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Broken.java").write_text("class Broken { int x = ; }")
    monkeypatch.setattr(build, "SOURCES", tmp_path)
    with pytest.raises(SparkBuildError, match=r"Broken\.java:1"):
        build.file_system_jar(find_jdk())
    assert [path.name for path in own_cache.iterdir() if path.suffix not in (".jar", "")] == []


def test_spark_finds_no_settings_of_the_machine(own_cache: Path, tmp_path: Path) -> None:
    command, _ = submitted(tmp_path, "job.py")
    folder = Path(command.environment["SPARK_CONF_DIR"])
    assert list(folder.iterdir()) == [], "a file here would keep the JVM from archiving classes"
