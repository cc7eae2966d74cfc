"""Mistakes that people make in what they write, one class per kind.

Decides what such a mistake looks like when it is shown: where, what, expected, why, fix. It must not know how a mistake
is found (`spec/`) nor print anything (`sluice/`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

SHOWN_LENGTH = 120
"""Characters of an offending value that are worth showing."""


class SluiceError(Exception):
    """A mistake that is reported as a note, not as a traceback."""

    exit_code = 2


@dataclass(frozen=True, order=True)
class Place:
    """Where a value stands.

    `line` and `column` count from 1; line 0 is no line, as in an argument. `field` is the dotted way, empty for a file.
    """

    path: str
    line: int = 1
    column: int = 1
    field: str = ""


class SpecError(SluiceError):
    """One mistake in one file.

    Attributes:
        path, line, column, field: where it stands.
        value: the offending value as read, None when something is absent.
        problem: what is wrong with it, in a clause that quotes the value.
        expected, why, fix: one line each.
    """

    def __init__(self, place: Place, problem: str, *, expected: str, why: str, fix: str, value: object = None) -> None:
        super().__init__(place, problem)
        self.place = place
        self.path, self.line, self.column, self.field = place.path, place.line, place.column, place.field
        self.problem, self.value = problem, value
        self.expected, self.why, self.fix = expected, why, fix

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}:{self.column}: " if self.line else f"{self.path}: "
        if self.field:
            where += f"{self.field}: "
        return f"{where}{self.problem}\n  expected: {self.expected}\n  why:      {self.why}\n  fix:      {self.fix}"

    def moved(self, place: Place) -> SpecError:
        """Return the same mistake at another place."""
        return type(self)(place, self.problem, expected=self.expected, why=self.why, fix=self.fix, value=self.value)


class YamlSyntax(SpecError):
    """The file is not YAML, or uses a part of YAML that specs do without: tags, merge keys, several documents."""


class YamlTooLarge(SpecError):
    """The file, or what its aliases expand to, is larger or deeper than any spec needs to be."""


class DuplicateKey(SpecError):
    """One mapping holds a key twice."""


class UnknownKey(SpecError):
    """A key that nothing reads."""


class MissingKey(SpecError):
    """A key without which the file says too little."""


class WrongValue(SpecError):
    """A value of the wrong type, shape or range."""


class BadSchedule(WrongValue):
    """A schedule that is no cron expression."""


class MissingFile(SpecError):
    """A file that the spec names or implies does not exist."""


class UnusedFile(SpecError):
    """A contract or report that no spec refers to."""


class WrongFolder(SpecError):
    """A folder has another name than what stands in it."""


class ReservedName(SpecError):
    """A name that the platform keeps for itself."""


class NameClash(SpecError):
    """Two things would bear one name, or a name whose wildcard would cover another's resources."""


class AlreadyThere(SpecError):
    """A file that would be overwritten."""


class NameLengthError(SpecError):
    """A name composed for the cloud is longer than AWS allows."""


class UnknownDataset(SpecError):
    """A dataset is read, published, loaded or reported that no source lands and no job writes."""


class WrittenTwice(SpecError):
    """Two jobs write one dataset."""


class ReadsOwnOutput(SpecError):
    """A job reads what it writes."""


class JobCycle(SpecError):
    """Jobs wait for each other."""


class NotPublished(SpecError):
    """A table is loaded from a dataset that is never published."""


class NothingToRead(WrongValue):
    """Readers are named where no table is loaded that they could read."""


class TooManyTables(SpecError):
    """More tables than the warehouse loads in one transaction."""


class UnknownSourceSystem(SpecError):
    """An environment does not know the system that is to land a source's files."""


class UnknownTenant(SpecError):
    """A tenant that has no folder."""


class ContractError(SpecError):
    """A contract that is valid ODCS and yet cannot be kept: types, keys or checks contradict each other."""


class UncheckedRule(ContractError):
    """A quality rule or constraint that the Spark runtime does not judge."""


class SpecErrors(SluiceError):
    """Every mistake of every file that was read, sorted by place, none twice."""

    def __init__(self, errors: Iterable[SpecError]) -> None:
        unique = {(error.place, error.problem): error for error in errors}
        self.errors: tuple[SpecError, ...] = tuple(unique[key] for key in sorted(unique))
        super().__init__(*self.errors)

    def __str__(self) -> str:
        files = len({error.path for error in self.errors})
        total = f"{_count(len(self.errors), 'error')} in {_count(files, 'file')}"
        return "\n".join([*(str(error) for error in self.errors), total])


def shown(value: object) -> str:
    """Return `value` quoted, cut to a length that a person reads."""
    text = repr(value)
    return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}… ({len(text)} characters)"


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the one of `names` that was probably meant, if any is near."""
    matches = difflib.get_close_matches(name[:SHOWN_LENGTH], sorted(names), n=1)
    return matches[0] if matches else None


def one_of(names: Iterable[str]) -> str:
    """Return a closed set in words, sorted, for `expected`."""
    listed = sorted(set(names))
    if not listed:
        return "nothing: there is none to choose from"
    return listed[0] if len(listed) == 1 else f"one of {', '.join(listed)}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
