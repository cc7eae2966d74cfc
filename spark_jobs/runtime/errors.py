"""Reasons for which a job gives up.

The last line that a failed job leaves behind is what Airflow shows, so each message says where, what, what was expected
and what to do, on one line.
"""

from __future__ import annotations

from typing import Any


class JobError(Exception):
    """A job stopped on purpose; the message is for the people who own the data."""

    exit_code = 1

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        # A traceback prints `module.Class: message` except for builtins; people look for `TrailerMismatch: ...`.
        cls.__module__ = "builtins"


class UnknownContract(JobError):
    """A job reads or writes a name that contracts.json does not describe."""

    exit_code = 2


class InputMissing(JobError):
    """An input has not been delivered or was left half written."""


class UnreadableRaw(JobError):
    """A line of the raw zone is not the JSON that ingestion writes."""


class HeaderMismatch(JobError):
    """The header of a source file names another source or another business date."""


class TrailerMismatch(JobError):
    """A source file does not hold what its trailer says."""


class SchemaMismatch(JobError):
    """A job returned other columns or types than the contract has."""


class QualityFailed(JobError):
    """Data that was to be published breaks its contract."""


class OutputConflict(JobError):
    """The place to write to already holds a complete output of other inputs or other code."""


class SparkFailed(JobError):
    """Spark itself gave up; the cause stands above in the log."""

    exit_code = 3
