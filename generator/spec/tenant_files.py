"""The files around a tenant's spec: contracts, report queries, job scripts.

Decides which must exist and that none lies unused. It must not know what a contract says (`contract.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from generator.errors import MissingFile, Place, SpecError, UnusedFile, WrongValue, nearest
from generator.model import TenantSpec
from generator.spec.contract import contract_names, contract_path
from generator.spec.contract_table import SUFFIX
from generator.spec.document import Document
from generator.spec.report_sql import ReportError, single_query
from generator.spec.yaml_tree import Location


@dataclass(frozen=True)
class TenantFiles:
    """What a spec asks for beside what its folder holds."""

    root: Path
    name: str
    spec: TenantSpec
    document: Document
    contracts: dict[str, str]
    """{source or dataset: the contract file's name}."""
    contract_files: frozenset[str]
    report_files: frozenset[str]

    @classmethod
    def of(cls, root: Path, name: str, spec: TenantSpec, document: Document) -> TenantFiles:
        contracts = {source: item.contract or source for source, item in spec.sources.items()}
        contracts |= {dataset: dataset for dataset in spec.datasets}
        reports = frozenset(path.stem for path in (root / "tenants" / name / "reports").glob("*.sql"))
        return cls(root, name, spec, document, contracts, frozenset(contract_names(root, name)), reports)

    def report_path(self, report: str) -> str:
        return f"tenants/{self.name}/reports/{report}.sql"

    def report_sql(self) -> dict[str, str]:
        """Return {report: its query}. UTF-8 was checked by `check_files`."""
        return {report: (self.root / self.report_path(report)).read_text("utf-8") for report in self.spec.reports}


def check_files(files: TenantFiles) -> list[SpecError]:
    """Return every file that is missing, unused or not what it should be; contracts' contents are read elsewhere."""
    return [*_contracts(files), *_reports(files), *_entrypoints(files)]


def _contracts(files: TenantFiles) -> Iterator[SpecError]:
    spec, document = files.spec, files.document
    for source, item in spec.sources.items():
        location: Location = ("sources", source, "contract") if item.contract else ("sources", source)
        yield from _missing_contract(files, location, files.contracts[source])
    for job, task in spec.jobs.items():
        for index, dataset in enumerate(task.writes):
            yield from _missing_contract(files, ("jobs", job, "writes", index), dataset)
    for unused in sorted(files.contract_files - set(files.contracts.values())):
        missing = set(files.contracts.values()) - files.contract_files
        yield _unused(contract_path(files.name, unused), unused, missing, document.path)


def _missing_contract(files: TenantFiles, location: Location, contract: str) -> Iterator[SpecError]:
    if contract in files.contract_files:
        return
    meant = nearest(contract, files.contract_files - set(files.contracts.values()))
    path = contract_path(files.name, contract)
    yield MissingFile(
        files.document.at(location, key=isinstance(location[-1], str) and location[-1] != "contract"),
        f"{contract!r} has no contract",
        value=contract,
        expected=f"the file {path}",
        why="the Spark schema, the Glue table, the Redshift table and the checks all come from it",
        fix=f"rename {meant}{SUFFIX} to {contract}{SUFFIX}" if meant else f"write {path}",
    )


def _reports(files: TenantFiles) -> Iterator[SpecError]:
    for report in files.spec.reports:
        place = files.document.at(("reports", report), key=True)
        path = files.report_path(report)
        if report not in files.report_files:
            meant = nearest(report, files.report_files - files.spec.reports.keys())
            yield MissingFile(
                place,
                f"report {report!r} has no query",
                value=report,
                expected=f"the file {path}",
                why="a report is a view made from its query",
                fix=f"rename {meant}.sql to {report}.sql" if meant else f"write {path}, one SELECT",
            )
        else:
            yield from _query(files, report)
    for unused in sorted(files.report_files - files.spec.reports.keys()):
        missing = files.spec.reports.keys() - files.report_files
        yield _unused(files.report_path(unused), unused, missing, files.document.path)


def _query(files: TenantFiles, report: str) -> Iterator[SpecError]:
    path = files.report_path(report)
    try:
        single_query(files.name, report, (files.root / path).read_text("utf-8"))
    except (ReportError, UnicodeDecodeError) as error:
        yield WrongValue(
            Place(path),
            error.found if isinstance(error, ReportError) else f"byte {error.start} is not UTF-8",
            value=report,
            expected="one SELECT (or WITH … SELECT) without a semicolon inside",
            why="a report becomes a view, made with the loader's rights",
            fix="keep only the query; quote a column that is called like a statement",
        )


def _entrypoints(files: TenantFiles) -> Iterator[SpecError]:
    if files.spec.tenant != files.name:
        return  # the folder of its jobs follows from the name, and which of the two names is right is not known
    for job, task in files.spec.jobs.items():
        place = files.document.at(("jobs", job, "entrypoint") if task.entrypoint else ("jobs", job), key=True)
        entrypoint = files.spec.entrypoint(job)
        package = files.spec.package
        if not entrypoint.startswith(f"{package}/"):
            yield WrongValue(
                place,
                f"{entrypoint!r} lies outside {package!r}",
                value=entrypoint,
                expected=f"a folder below spark_jobs/{package}",
                why="a tenant ships and answers for its own code and the shared runtime, nothing else",
                fix=f"move the job to spark_jobs/{package}/{job} and remove entrypoint",
            )
        elif not (files.root / "spark_jobs" / entrypoint / "job.py").is_file():
            below = (files.root / "spark_jobs" / package).glob("**/job.py")
            there = {str(path.parent.relative_to(files.root / "spark_jobs")) for path in below}
            meant = nearest(entrypoint, there - {files.spec.entrypoint(other) for other in files.spec.jobs})
            yield MissingFile(
                place,
                f"job {job!r} has no script",
                value=entrypoint,
                expected=f"the file spark_jobs/{entrypoint}/job.py",
                why="it is what the EMR step runs",
                fix=f"write entrypoint: {meant}" if meant else f"write spark_jobs/{entrypoint}/job.py",
            )


def _unused(path: str, name: str, missing: Collection[str], spec_path: str) -> UnusedFile:
    meant = nearest(name, missing)
    return UnusedFile(
        Place(path),
        f"{name!r} is named nowhere in {spec_path}",
        value=name,
        expected="a file for each name in the spec, and no other",
        why="a file that nothing reads is a typing error or a leftover",
        fix=f"rename it to {meant}" if meant else "remove it, or name it in the spec",
    )
