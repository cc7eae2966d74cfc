"""The statements inside a DO block of PostgreSQL, as far as they stand there in plain SQL.

A small, closed grammar: BEGIN, IF … THEN, ELSE, END IF, RAISE, NULL and SQL statements. Variables, loops and EXECUTE
make a statement that nobody can read before it runs: undecided.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot.dialects import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from policies.errors import Undecided

SQL = frozenset({"ALTER", "COMMENT", "CREATE", "DROP", "GRANT", "REVOKE"})
CONTROL = frozenset({"RAISE", "NULL"})
TAG = "$"


def statements_of_block(words: str, line: int, path: str) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of each SQL statement of a DO block.

    Args:
        words: what follows DO: a text in quotes that holds the block between dollar quotes.
        line: of the word DO, from 1.

    Raises:
        Undecided: the block holds anything but plain statements and conditions.
    """
    body = _body(words, path)
    try:
        tokens = Dialect.get_or_raise("postgres").tokenize(body)
    except SqlglotError as error:
        raise Undecided(f"{path}:{line}: the DO block cannot be read: {str(error).splitlines()[0]}") from None
    part: list[Token] = []
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON or token.text.upper() in ("BEGIN", "THEN", "ELSE"):
            yield from _statement(part, body, line, path)
            part = []
        else:
            part.append(token)
    if part and [token.text.upper() for token in part] != ["END"]:
        raise Undecided(f"{path}:{line}: the DO block does not end with END")


def _body(words: str, path: str) -> str:
    text = words.strip().removeprefix("'").removesuffix("'").strip()
    tag_end = text.find(TAG, 1)
    tag = text[: tag_end + 1]
    if not text.startswith(TAG) or tag_end < 0 or not text.endswith(tag) or len(text) < 2 * len(tag):
        raise Undecided(f"{path}: a DO block in another form than DO $$ … $$")
    return text[len(tag) : -len(tag)]


def _statement(part: list[Token], body: str, line: int, path: str) -> Iterator[tuple[int, str]]:
    if not part:
        return
    first = part[0].text.upper()
    here = line + part[0].line - 1
    if first in ("IF", "ELSIF"):
        return
    if first == "END" and [token.text.upper() for token in part[1:]] in ([], ["IF"]):
        return
    if first in CONTROL:
        return
    if first not in SQL:
        raise Undecided(f"{path}:{here}: {first} in a DO block: what it does is known only when it runs")
    yield here, body[part[0].start : part[-1].end + 1]
