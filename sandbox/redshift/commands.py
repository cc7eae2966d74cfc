"""COPY and UNLOAD as written: a small strict grammar. A clause it does not know is an error, never skipped.

Knows syntax only; which roles and objects exist is decided elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandbox.redshift.refusals import UnsupportedSqlError
from sandbox.redshift.storage import Location

STRING = r"'(?:[^']|'')*'"
NAME = r"[\w\"]+(?:\.[\w\"]+)?"
COPY = re.compile(
    rf"COPY\s+(?P<table>{NAME})\s*(?:\((?P<columns>[^)]*)\))?\s*FROM\s+(?P<source>{STRING})(?P<clauses>.*)",
    re.IGNORECASE | re.DOTALL,
)
UNLOAD = re.compile(
    rf"UNLOAD\s*\(\s*(?:(?P<query>{STRING})|\$\$(?P<dollars>.*?)\$\$)\s*\)\s*TO\s+(?P<target>{STRING})(?P<clauses>.*)",
    re.IGNORECASE | re.DOTALL,
)
CLAUSES: dict[str, re.Pattern[str]] = {
    name: re.compile(rf"\s*{pattern}(?=\s|$|')", re.IGNORECASE)
    for name, pattern in {
        "role": rf"IAM_ROLE\s+(?:AS\s+)?(?P<value>{STRING}|DEFAULT\b)",
        "format": r"(?:FORMAT\s+(?:AS\s+)?)?(?P<value>PARQUET|CSV|JSON|AVRO|ORC|SHAPEFILE|DELIMITER|FIXEDWIDTH)\b",
        "manifest": r"MANIFEST\b",
        "allow_overwrite": r"ALLOWOVERWRITE\b",
        "parallel": r"PARALLEL\s+(?:ON|OFF|TRUE|FALSE)\b",
    }.items()
}


class CommandError(Exception):
    """A COPY or UNLOAD is malformed."""


@dataclass(frozen=True)
class CopyCommand:
    """`COPY table [(columns)] FROM 's3://…' IAM_ROLE '…' FORMAT AS PARQUET [MANIFEST]`."""

    table: str
    source: Location
    role_arns: tuple[str, ...]
    columns: tuple[str, ...] = field(default=())
    is_manifest: bool = False


@dataclass(frozen=True)
class UnloadCommand:
    """`UNLOAD ('query') TO 's3://…' IAM_ROLE '…' FORMAT AS PARQUET [ALLOWOVERWRITE]`; query is Redshift SQL."""

    query: str
    target: Location
    role_arns: tuple[str, ...]
    may_overwrite: bool = False


def parse_copy(sql: str) -> CopyCommand:
    """Parse a COPY statement.

    Raises:
        CommandError: malformed, or without IAM_ROLE.
        UnsupportedSqlError: another format than Parquet, or a clause that is not understood here.
    """
    match = COPY.fullmatch(sql.strip())
    if match is None:
        raise CommandError("syntax error in COPY; expected COPY table FROM 's3://…' IAM_ROLE '…' FORMAT AS PARQUET")
    clauses = _clauses("COPY", match["clauses"], {"role", "format", "manifest"})
    columns = tuple(_name(each) for each in (match["columns"] or "").split(",") if each.strip())
    return CopyCommand(
        _name(match["table"]), Location.parse(_text(match["source"])), _roles(clauses), columns, "manifest" in clauses
    )


def parse_unload(sql: str) -> UnloadCommand:
    """Parse an UNLOAD statement; raises as `parse_copy` does."""
    match = UNLOAD.fullmatch(sql.strip())
    if match is None:
        raise CommandError("syntax error in UNLOAD; expected UNLOAD ('query') TO 's3://…' IAM_ROLE '…' FORMAT PARQUET")
    clauses = _clauses("UNLOAD", match["clauses"], {"role", "format", "allow_overwrite", "parallel"})
    query = match["dollars"] if match["query"] is None else _text(match["query"])
    return UnloadCommand(query, Location.parse(_text(match["target"])), _roles(clauses), "allow_overwrite" in clauses)


def _clauses(command: str, text: str, allowed: set[str]) -> dict[str, str]:
    """Return {clause: value} of the clauses after the location, in any order."""
    found: dict[str, str] = {}
    rest = text
    while rest.strip():
        for name in allowed:
            if match := CLAUSES[name].match(rest):
                found[name] = (match.groupdict().get("value") or "").strip()
                rest = rest[match.end() :]
                break
        else:
            raise UnsupportedSqlError(f"{command} … {' '.join(rest.split()[:2])}")
    if found.get("format", "").upper() != "PARQUET":
        raise UnsupportedSqlError(f"{command} in the format {found.get('format', 'TEXT').upper()}; only PARQUET is")
    return found


def _roles(clauses: dict[str, str]) -> tuple[str, ...]:
    value = clauses.get("role")
    if value is None:
        raise CommandError("no authorization clause; expected IAM_ROLE 'arn:aws:iam::…:role/…'")
    if value.upper() == "DEFAULT":
        raise UnsupportedSqlError("IAM_ROLE DEFAULT")
    return tuple(each.strip() for each in _text(value).split(","))


def _text(literal: str) -> str:
    return literal[1:-1].replace("''", "'")


def _name(identifier: str) -> str:
    return identifier.strip().replace('"', "").lower()
