"""Redshift's SQL as PostgreSQL's: split into statements, sorted by kind, translated, or refused.

Pure text in, text out; it must not know how a statement is run. Known to differ and not detected: the scale of
quotients and of AVG, which Redshift derives from the operands' types.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from sandbox.redshift.calendar import rewrite_dates
from sandbox.redshift.catalog import SCHEMA, VIEWS, role_creation
from sandbox.redshift.refusals import UnsupportedSqlError, refuse_unsupported
from sandbox.redshift.tables import rewrite_table

# sqlglot warns of every statement it keeps as text; each of those is refused or handled below.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

QUERIES = (exp.Query, exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Analyze)
CATALOG_CHANGES = (exp.Create, exp.Drop, exp.Alter, exp.Grant, exp.Revoke, exp.Comment)
OBJECT_KINDS = frozenset({"TABLE", "VIEW", "SCHEMA"})
LOCK = re.compile(r"LOCK\s+(?:TABLE\s+)?(?P<tables>[\w.\"]+(?:\s*,\s*[\w.\"]+)*)", re.IGNORECASE)
SEARCH_PATH = re.compile(r"SET\s+search_path\s+TO\s+(?P<schemas>[\w\"]+(?:\s*,\s*[\w\"]+)*)", re.IGNORECASE)
SEMICOLON = sqlglot.TokenType.SEMICOLON
MARK = "sluice_parameter_"


class Kind(Enum):
    """How a statement is run."""

    QUERY = "query"
    CATALOG = "catalog"  # DDL that others could see: one transaction at a time
    COPY = "copy"
    UNLOAD = "unload"


class SqlSyntaxError(Exception):
    """A text is not Redshift SQL."""


@dataclass(frozen=True)
class Statement:
    """One statement, ready to be run.

    Attributes:
        text: PostgreSQL for queries and DDL; the original text for COPY and UNLOAD.
        parameters: names that occur as `:name` in the original, `%(name)s` in `text` (then `%` is doubled there).
    """

    kind: Kind
    text: str
    parameters: frozenset[str] = frozenset()


def split(sql: str) -> list[str]:
    """Return the statements of a text, without semicolons and the comments around them; quotes are respected."""
    try:
        tokens = sqlglot.tokenize(sql, read="redshift")
    except SqlglotError as error:
        raise SqlSyntaxError(f"syntax error: {error}") from error
    statements: list[list[Any]] = [[]]
    for token in tokens:
        if token.token_type is SEMICOLON:
            statements.append([])
        else:
            statements[-1].append(token)
    return [sql[each[0].start : each[-1].end + 1] for each in statements if each]


def translate(sql: str) -> Statement:
    """Translate one statement.

    Raises:
        SqlSyntaxError: it is not one statement of Redshift SQL.
        UnsupportedSqlError: Redshift could run it, and this warehouse cannot as Redshift would.
    """
    words = [token.text.upper() for token in sqlglot.tokenize(sql, read="redshift")]
    word = words[0]
    if "ADD_MONTHS" in words:  # parsed as DATEADD, which keeps the day where ADD_MONTHS keeps the end of the month
        raise UnsupportedSqlError("ADD_MONTHS; use DATEADD, or LAST_DAY for the end of a month")
    if word in {"COPY", "UNLOAD"}:
        return Statement(Kind[word], sql)
    try:
        tree = sqlglot.parse_one(sql, read="redshift")
    except SqlglotError as error:
        raise SqlSyntaxError(_first_line(error)) from error
    if creation := role_creation(sql):
        return Statement(Kind.CATALOG, creation)
    if isinstance(tree, exp.Command | exp.Set):
        return Statement(Kind.QUERY, _translate_command(sql))
    kind = _kind(tree)
    refuse_unsupported(tree)
    tree = _rewrite(tree)
    return _render(kind, tree)


def _kind(tree: exp.Expr) -> Kind:
    """Sort a parsed statement, raising for one of a kind that nobody has looked at."""
    if isinstance(tree, QUERIES):
        return Kind.QUERY
    if isinstance(tree, CATALOG_CHANGES):
        described = tree.args.get("kind")
        if isinstance(tree, exp.Create | exp.Drop) and described not in OBJECT_KINDS:
            raise UnsupportedSqlError(f"{tree.key.upper()} {described}")
        return Kind.QUERY if tree.find(exp.TemporaryProperty) else Kind.CATALOG
    refuse_unsupported(tree)  # gives BEGIN, COMMIT and TRUNCATE their reasons
    raise UnsupportedSqlError(f"the command {tree.key.upper()}")


def _translate_command(sql: str) -> str:
    """Translate what sqlglot keeps as text: LOCK and SET search_path; everything else is refused."""
    if lock := LOCK.fullmatch(sql.strip()):
        # Stands before any query of its transaction, so that the snapshot is taken once the lock is held.
        return f"LOCK TABLE {lock['tables'].lower()} IN ACCESS EXCLUSIVE MODE"
    if path := SEARCH_PATH.fullmatch(sql.strip()):
        return f"SET search_path TO {path['schemas'].lower()}"
    words = " ".join(sql.split()[:3])
    raise UnsupportedSqlError(f"the command {words!r}")


def _rewrite(tree: exp.Expr) -> exp.Expr:
    """Change what PostgreSQL would read differently."""
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("this", identifier.name.lower())  # Redshift folds quoted names too
    for principal in tree.find_all(exp.GrantPrincipal):
        if principal.args.get("kind") == "ROLE":
            principal.set("kind", None)  # PostgreSQL names a role without the word
    for table in tree.find_all(exp.Table):
        if table.name in VIEWS and not table.db:
            table.set("db", exp.to_identifier(SCHEMA))
    rewrite_dates(tree)
    rewrite_table(tree)
    for concat in list(tree.find_all(exp.Concat)):  # NULL with anything is NULL in Redshift, not in PostgreSQL
        concat.replace(
            exp.paren(reduce(lambda left, right: exp.DPipe(this=left, expression=right), concat.expressions))
        )
    for group in list(tree.find_all(exp.WithinGroup)):
        _rewrite_listagg(group)
    for listagg in tree.find_all(exp.GroupConcat):
        if not isinstance(listagg.this, exp.Order | exp.Distinct):
            listagg.set("this", exp.cast(listagg.this, "text"))  # LISTAGG takes any type
    return tree


def _rewrite_listagg(group: exp.WithinGroup) -> None:
    listagg = group.this
    if isinstance(listagg, exp.GroupConcat):
        if isinstance(listagg.this, exp.Distinct):
            raise UnsupportedSqlError("LISTAGG(DISTINCT …) WITHIN GROUP")
        ordered = exp.Order(this=exp.cast(listagg.this, "text"), expressions=group.expression.expressions)
        group.replace(exp.GroupConcat(this=ordered, separator=listagg.args.get("separator")))


def _render(kind: Kind, tree: exp.Expr) -> Statement:
    """Write PostgreSQL; `%` is doubled only where there are parameters, as the driver reads it only then."""
    names = set()
    for placeholder in list(tree.find_all(exp.Placeholder)):
        if not isinstance(placeholder.this, str):
            raise SqlSyntaxError("a parameter has no name; write :name")
        names.add(placeholder.this)
        placeholder.replace(exp.Var(this=f"{MARK}{placeholder.this}_"))
    try:
        text = tree.sql(dialect="postgres", unsupported_level=sqlglot.ErrorLevel.RAISE)
    except SqlglotError as error:
        raise UnsupportedSqlError(_first_line(error)) from error
    if names:
        text = re.sub(rf"{MARK}(\w+)_", r"%(\1)s", text.replace("%", "%%"))
    return Statement(kind, text, frozenset(names))


def _first_line(error: SqlglotError) -> str:
    return f"syntax error: {str(error).splitlines()[0]}"
