"""What jobs read and write, as one graph.

Decides whether data can flow: everything read is made once, by another job, and no job waits for itself. It must not
know files (`tenant_files.py`) or names in the cloud (`tenant.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

from generator.errors import (
    JobCycle,
    NothingToRead,
    NotPublished,
    ReadsOwnOutput,
    SpecError,
    TooManyTables,
    UnknownDataset,
    WrittenTwice,
    WrongValue,
    nearest,
    one_of,
    shown,
)
from generator.model import TenantSpec
from generator.spec.document import Document
from generator.spec.yaml_tree import Location

BATCH_STATEMENTS = 40
"""Statements that the Redshift Data API takes in one transaction. Source: BatchExecuteStatement, parameter Sqls."""
LOAD_STATEMENTS = 6
"""Statements that load one table; one more, in front of them all, locks the ledger."""
MOST_TABLES = (BATCH_STATEMENTS - 1) // LOAD_STATEMENTS


def check_graph(spec: TenantSpec, document: Document) -> list[SpecError]:
    """Return every mistake in what is read, written, published and loaded."""
    return [
        *_writes(spec, document),
        *_reads(spec, document),
        *_lists(spec, document),
        *_readers(spec, document),
        *_repeated(spec, document),
        *_one_load(spec, document),
        *_cycle(spec, document),
    ]


def _writes(spec: TenantSpec, document: Document) -> Iterator[SpecError]:
    writers: dict[str, str] = {}
    for job, index, dataset in _entries((name, item.writes) for name, item in spec.jobs.items()):
        place = document.at(("jobs", job, "writes", index))
        if writers.setdefault(dataset, job) != job:
            yield WrittenTwice(
                place,
                f"{shown(dataset)} is written by {writers[dataset]} already",
                value=dataset,
                expected="each dataset written by one job",
                why="which of the two versions is published would depend on which job ends last",
                fix=f"give it another name here, or remove it from the writes of {writers[dataset]}",
            )
        if dataset in spec.jobs[job].reads and dataset not in spec.sources:
            yield ReadsOwnOutput(
                place,
                f"{shown(dataset)} is both read and written by {job}",
                value=dataset,
                expected="a job that writes other datasets than it reads",
                why="the job would wait for itself",
                fix=f"remove it from the reads of {job}, or write the result under another name",
            )


def _reads(spec: TenantSpec, document: Document) -> Iterator[SpecError]:
    known = {*spec.sources, *spec.datasets}
    for job, index, name in _entries((name, item.reads) for name, item in spec.jobs.items()):
        if name not in known:
            yield _unknown(
                document, ("jobs", job, "reads", index), name, known, "no source lands it and no job writes it"
            )


def _lists(spec: TenantSpec, document: Document) -> Iterator[SpecError]:
    datasets = set(spec.datasets)
    for index, name in enumerate(spec.publishes):
        if name not in datasets:
            yield _unknown(document, ("publishes", index), name, datasets, "no job writes it")
    for index, name in enumerate(spec.warehouse):
        location: Location = ("warehouse", index)
        if name not in datasets:
            yield _unknown(document, location, name, datasets, "no job writes it")
        elif name not in spec.publishes:
            yield NotPublished(
                document.at(location),
                f"{shown(name)} is not published",
                value=name,
                expected=one_of(spec.publishes),
                why="the warehouse loads published versions only",
                fix=f"add {name} to publishes, or remove it here",
            )


def _repeated(spec: TenantSpec, document: Document) -> Iterator[SpecError]:
    """No list names one thing twice."""
    lists: list[tuple[Location, tuple[str, ...]]] = [
        (("publishes",), spec.publishes),
        (("warehouse",), spec.warehouse),
        (("readers",), spec.readers),
    ]
    for job, item in spec.jobs.items():
        lists += [(("jobs", job, "reads"), item.reads), (("jobs", job, "writes"), item.writes)]
    for location, names in lists:
        for index, name in enumerate(names):
            if name in names[:index]:
                yield WrongValue(
                    document.at((*location, index)),
                    f"{shown(name)} stands in this list a second time",
                    value=name,
                    expected="each name once",
                    why="saying it twice changes nothing, so something else was probably meant",
                    fix="remove it, or write the name that was meant",
                )


def _readers(spec: TenantSpec, document: Document) -> Iterator[SpecError]:
    if spec.readers and not spec.warehouse:
        yield NothingToRead(
            document.at(("readers",), key=True),
            "readers are named, and nothing is loaded that they could read",
            value=list(spec.readers),
            expected="readers of a tenant that has warehouse tables",
            why="readers are let into the tenant's schema in the warehouse, and it would have none",
            fix="name published datasets under warehouse, or remove readers",
        )


def _one_load(spec: TenantSpec, document: Document) -> Iterator[SpecError]:
    tables = len(spec.warehouse)
    if tables > MOST_TABLES:
        yield TooManyTables(
            document.at(("warehouse",), key=True),
            f"{tables} tables do not fit one load",
            value=tables,
            expected=f"at most {MOST_TABLES} tables",
            why=f"all are loaded in one transaction, in which Redshift takes {BATCH_STATEMENTS} statements",
            fix="leave out what no report reads, or move some datasets to a tenant of their own",
        )


def _cycle(spec: TenantSpec, document: Document) -> Iterator[SpecError]:
    writers = {dataset: name for name, job in spec.jobs.items() for dataset in job.writes}
    waits_for = {
        name: sorted({writers[read] for read in job.reads if read in writers} - {name})
        for name, job in spec.jobs.items()
    }
    try:
        TopologicalSorter(waits_for).prepare()
    except CycleError as error:
        jobs: list[str] = error.args[1]
        first = jobs.index(min(jobs))
        jobs = [*jobs[first:-1], *jobs[:first], jobs[first]]
        index, name = next(
            (index, read) for index, read in enumerate(spec.jobs[jobs[1]].reads) if writers.get(read) == jobs[0]
        )
        yield JobCycle(
            document.at(("jobs", jobs[1], "reads", index)),
            f"{shown(name)} closes a cycle of jobs: {' -> '.join(jobs)}",
            value=name,
            expected="jobs that can run one after another",
            why="each would wait for the other",
            fix=f"remove one of the reads between them, or split {jobs[1]} in two",
        )


def _entries(lists: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[tuple[str, int, str]]:
    """Yield (job, index, name) for every entry of every job's list."""
    for job, names in lists:
        for index, name in enumerate(names):
            yield job, index, name


def _unknown(document: Document, location: Location, name: str, known: set[str], problem: str) -> UnknownDataset:
    meant = nearest(name, known)
    return UnknownDataset(
        document.at(location),
        f"{shown(name)} is unknown: {problem}" + (f"; did you mean {meant!r}?" if meant else ""),
        value=name,
        expected=one_of(known),
        why="the run would wait for data that never comes",
        fix=f"write {meant}" if meant else f"remove it, or add {name} to the writes of a job",
    )
