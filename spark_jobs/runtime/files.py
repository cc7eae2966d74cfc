"""Small files through Hadoop's file systems, the way Spark reaches its own data: s3:// on a cluster, file:// in tests.

Decides nothing about what is written. No other storage client may be used in a job: only Spark carries the job's role.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class File:
    """One file below a prefix."""

    uri: str
    name: str
    bytes: int


class Files:
    """Reads, writes and lists files with the session's Hadoop configuration."""

    def __init__(self, spark: Any) -> None:
        self._jvm = spark._jvm
        self._configuration = spark._jsc.hadoopConfiguration()

    def exists(self, uri: str) -> bool:
        return bool(self._file_system(uri).exists(self._path(uri)))

    def list(self, prefix: str) -> list[File]:
        """Return the files directly below `prefix`, by name; none when the prefix does not exist."""
        if not self.exists(prefix):
            return []
        found = self._file_system(prefix).listStatus(self._path(prefix))
        files = [
            File(
                uri=prefix.rstrip("/") + "/" + status.getPath().getName(),
                name=status.getPath().getName(),
                bytes=status.getLen(),
            )
            for status in found
            if status.isFile()
        ]
        return sorted(files, key=lambda file: file.name)

    def read(self, uri: str) -> str:
        stream = self._file_system(uri).open(self._path(uri))
        try:
            return str(self._jvm.org.apache.commons.io.IOUtils.toString(stream, "UTF-8"))
        finally:
            stream.close()

    def write(self, uri: str, text: str, *, overwrite: bool) -> None:
        """Write a text file; with `overwrite` False an existing file is an error of the file system."""
        stream = self._file_system(uri).create(self._path(uri), overwrite)
        try:
            stream.write(bytearray(text, "utf-8"))
        finally:
            stream.close()

    def _path(self, uri: str) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(uri)

    def _file_system(self, uri: str) -> Any:
        return self._path(uri).getFileSystem(self._configuration)
