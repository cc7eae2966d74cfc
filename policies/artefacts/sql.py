"""SQL that the platform runs: what a tenant's DAG sends to the warehouse, and the migrations of the authority.

Read strictly, with sqlglot: text that its dialect cannot split or parse, and text that sqlglot and the database might
split differently, is undecided. Reads; what is allowed, checks decide.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from policies.artefacts.base import Artefact
from policies.artefacts.migration_code import sql_in
from policies.artefacts.plpgsql import statements_of_block
from policies.errors import Undecided

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of each statement that it keeps as a Command

QUOTED = r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|\$\$.*?\$\$"
PLACEHOLDER = re.compile(QUOTED + r"|\$\{(\w+)\}", re.DOTALL)
NESTED_COMMENT = re.compile(r"/\*(?:(?!\*/).)*/\*", re.DOTALL)


@dataclass(frozen=True)
class SqlStatement:
    """One statement.

    Attributes:
        tree: as sqlglot parses it; an `exp.Command` where it knows no more than the first word.
        words: its tokens: names as written, keywords in upper case, texts in single quotes.
        line: of its first word, from 1.
    """

    tree: exp.Expr
    words: tuple[str, ...]
    line: int


def split(text: str, dialect: str, path: str, first_line: int = 1) -> Iterator[SqlStatement]:
    """Yield the statements of a script.

    Raises:
        Undecided: the text cannot be split into tokens, or a statement cannot be parsed.
    """
    try:
        tokens = Dialect.get_or_raise(dialect).tokenize(text)
        for part in _parts(tokens):
            source = text[part[0].start : part[-1].end + 1]
            tree = sqlglot.parse_one(source, dialect=dialect)
            yield SqlStatement(tree, tuple(_word(token) for token in part), first_line + part[0].line - 1)
    except (SqlglotError, RecursionError) as error:
        raise Undecided(f"{path} is not {dialect} SQL that can be read: {str(error).splitlines()[0]}") from None


def _parts(tokens: list[Token]) -> Iterator[list[Token]]:
    part: list[Token] = []
    for token in tokens:
        if token.token_type is not TokenType.SEMICOLON:
            part.append(token)
        elif part:
            yield part
            part = []
    if part:
        yield part


def _word(token: Token) -> str:
    if token.token_type in (TokenType.STRING, TokenType.HEREDOC_STRING, TokenType.BYTE_STRING):
        return f"'{token.text}'"
    if token.token_type is TokenType.IDENTIFIER:
        return f'"{token.text}"'
    if token.token_type is TokenType.VAR:
        return str(token.text)
    return str(token.text).upper()


@dataclass(frozen=True)
class WarehouseSql(Artefact):
    """environments/<environment>/rendered/<tenant>/dag/warehouse/**.sql: Redshift, with `${…}` for a run's values."""

    kind: ClassVar[str] = "warehouse_sql"

    @property
    def part(self) -> str:
        """What the script is for: `ddl`, `load`, `reports` or `readers`; empty when its place does not say."""
        place = self.path.rpartition("/warehouse/")[2]
        return next((part for part in ("load", "reports") if place.startswith(f"{part}/")), "") or (
            place.removesuffix(".sql") if place in ("ddl.sql", "readers.sql") else ""
        )

    @property
    def schema(self) -> str:
        """The tenant's schema: its name, with underscores."""
        return self.context.stack.replace("-", "_")

    @cached_property
    def statements(self) -> tuple[SqlStatement, ...]:
        """The statements in order; a placeholder outside of quotes is an `exp.Placeholder`.

        Raises:
            Undecided: it is not SQL, or the database, or the DAG that cuts it at `;`, may read it otherwise.
        """
        for odd, why in ((r"\'", "a quote behind a backslash"), ("$$", "a dollar quote")):
            if odd in self.text:
                raise Undecided(f"{self.path} holds {why}, which readers of SQL understand differently")
        if NESTED_COMMENT.search(self.text):
            raise Undecided(f"{self.path} holds a comment in a comment, which readers of SQL understand differently")
        text = PLACEHOLDER.sub(lambda found: f":{found[1]}" if found[1] else found[0], self.text)
        statements = tuple(split(text, "redshift", self.path))
        cuts = (text.rstrip() + "\n").count(";\n")
        if cuts != len(statements):
            raise Undecided(f"{self.path}: {cuts} times `;` ends a line, where {len(statements)} statements end")
        return statements


@dataclass(frozen=True)
class Migration(Artefact):
    """authority/migrations: PostgreSQL in sql/**.sql, and what versions/*.py run."""

    kind: ClassVar[str] = "migration"

    @cached_property
    def statements(self) -> tuple[SqlStatement, ...]:
        """The statements in order, those inside DO blocks among them; bodies of functions are one text.

        Raises:
            Undecided: it is not SQL, or a DO block or a program builds its statements while it runs.
        """
        scripts = sql_in(self.text, self.path) if self.path.endswith(".py") else [(1, self.text)]
        found: list[SqlStatement] = []
        for statement in (each for line, text in scripts for each in split(text, "postgres", self.path, line)):
            if statement.words[0] != "DO":
                found.append(statement)
                continue
            for line, text in statements_of_block(" ".join(statement.words[1:]), statement.line, self.path):
                found.extend(split(text, "postgres", self.path, line))
        return tuple(found)
