"""Which files go to one worker together: those that share what is costly to make. pytest-xdist has no word for it."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

FOLDERS = ("tests/end_to_end", "tests/spark_jobs")
"""Folders whose session fixture is costly, a provisioned production or a Spark session: a second worker would make it
anew."""


class LoadSharedScheduling(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """`--dist loadfile`, with all files of a folder of FOLDERS as if they were one."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return next((folder for folder in FOLDERS if file.startswith(f"{folder}/")), file)
