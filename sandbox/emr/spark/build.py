"""Builds what Spark needs here beyond its wheel: the jar with the `s3://` file system and an archive of loaded classes.

Both are cached below one folder under a hash of what they were made from. Must not know how a step is run.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import tempfile
import zipfile
from functools import cache
from pathlib import Path

from sandbox.emr.spark.java import Jdk

SOURCES = Path(__file__).parent / "file_system"
FILE_SYSTEM_CLASS = "org.sluice.sandbox.S3FileSystem"
_JAR_TIME = (1980, 1, 1, 0, 0, 0)


class SparkBuildError(RuntimeError):
    """Something that Spark needs on this machine could not be built."""

    exit_code = 3


def cache_folder() -> Path:
    """Return where built things are kept: SLUICE_CACHE, or `.sluice/cache` of this checkout."""
    default = Path(__file__).resolve().parents[3] / ".sluice" / "cache"
    return Path(os.environ.get("SLUICE_CACHE", default)).resolve() / "spark"  # the JVM runs elsewhere


@cache
def spark_home() -> Path:
    """Return the folder of the installed pyspark, which is a whole Spark distribution."""
    spec = importlib.util.find_spec("pyspark")
    if spec is None or not spec.submodule_search_locations:
        raise SparkBuildError(
            "pyspark: not installed beside the local cloud\n  fix: install requirements/tooling.txt (`make install`)"
        )
    return Path(spec.submodule_search_locations[0])


def file_system_jar(jdk: Jdk) -> Path:
    """Return the jar of the `s3://` file system, compiling it when its sources have changed.

    Raises:
        SparkBuildError: it does not compile.
    """
    sources = sorted(SOURCES.rglob("*.java"))
    hadoop = sorted((spark_home() / "jars").glob("hadoop-client-*.jar"))
    content = b"".join(source.read_bytes() for source in sources)
    fingerprint = _fingerprint(content, jdk.version.encode(), *(jar.name.encode() for jar in hadoop))
    jar = cache_folder() / f"s3-{fingerprint}.jar"
    if not jar.exists():
        _compile(jdk, sources, hadoop, jar)
    return jar


def _compile(jdk: Jdk, sources: list[Path], class_path: list[Path], jar: Path) -> None:
    jar.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=jar.parent) as folder:
        classes = Path(folder)
        options = ["--release", "17", "-d", str(classes), "-cp", os.pathsep.join(map(str, class_path))]
        done = subprocess.run(
            [str(jdk.javac), *options, *map(str, sources)], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise SparkBuildError(f"{SOURCES}: does not compile\n{done.stdout}{done.stderr}")
        half = classes / "half.jar"
        with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(classes.rglob("*.class")):
                entry = zipfile.ZipInfo(path.relative_to(classes).as_posix(), _JAR_TIME)
                archive.writestr(entry, path.read_bytes())
        half.replace(jar)  # two builders at once each make a whole jar; the last one stays


def class_archive(jdk: Jdk, jar: Path) -> Path:
    """Return where the archive of Spark's loaded classes belongs, whether it has been made or not.

    The JVM refuses an archive whose jars have another size or time than when it was made: they are part of the name.
    """
    jars = [jar, *sorted((spark_home() / "jars").glob("*.jar"))]
    stats = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in jars]
    return cache_folder() / f"classes-{_fingerprint(repr(stats).encode(), jdk.version.encode())}.jsa"


def configuration_folder() -> Path:
    """Return SPARK_CONF_DIR. It stays empty: the JVM archives no classes when its path holds a folder with files."""
    folder = cache_folder() / "conf"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _fingerprint(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:16]
