"""The command line of a Spark step, the same for every job.

Decides what a step must be told. It must not know what any job does with it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Arguments:
    """One step: which job, for which business date and attempt, reading and writing where."""

    job: str
    as_of: date
    attempt: str
    code_version: str
    contracts: str
    """URI of contracts.json."""
    reads: dict[str, str]
    """{source or dataset: URI of its prefix}."""
    writes: dict[str, str]
    """{dataset: URI of the prefix to write}."""


def parse_arguments(argv: Sequence[str] | None = None) -> Arguments:
    """Return the step's arguments; a wrong command line ends the process with code 2, as argparse does."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--job", required=True)
    parser.add_argument("--as-of", required=True, type=date.fromisoformat, help="business date, YYYY-MM-DD")
    parser.add_argument("--attempt", required=True, help="identifier of the run's attempt")
    parser.add_argument("--code-version", required=True, help="hash of the code, as in its path")
    parser.add_argument("--contracts", required=True, help="URI of contracts.json")
    parser.add_argument("--read", action="append", default=[], type=_location, metavar="NAME=URI")
    parser.add_argument("--write", action="append", default=[], type=_location, metavar="NAME=URI")
    given = parser.parse_args(argv)
    return Arguments(
        job=given.job,
        as_of=given.as_of,
        attempt=given.attempt,
        code_version=given.code_version,
        contracts=given.contracts,
        reads=dict(given.read),
        writes=dict(given.write),
    )


def _location(text: str) -> tuple[str, str]:
    name, separator, uri = text.partition("=")
    if not separator or not name or "://" not in uri:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=URI, for example policy=s3://bucket/policy/")
    return name, uri.rstrip("/") + "/"
