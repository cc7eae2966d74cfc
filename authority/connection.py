"""Reaching the authority's database, and what is said when it does not answer. It must not know what is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import OperationalError


class AuthorityUnreachable(Exception):
    """The authority's database does not answer."""

    exit_code = 3

    def __init__(self, where: str, why: str) -> None:
        super().__init__(
            f"data authority {where}: no answer\n"
            f"  why:      {why}\n"
            f"  fix:      start it (`sluice sandbox up`), or set SLUICE_AUTHORITY_URL"
        )
        self.where, self.why = where, why


@contextmanager
def answering(engine: Engine) -> Iterator[None]:
    """Name the database, without its password, where it does not answer.

    Raises:
        AuthorityUnreachable: see there.
    """
    try:
        yield
    except OperationalError as error:
        raise AuthorityUnreachable(engine.url.render_as_string(), str(error.orig).strip()) from error


@contextmanager
def engine_for(url: str) -> Iterator[Engine]:
    """Give an engine for one errand; its connections are closed after it.

    Raises:
        AuthorityUnreachable: the database does not answer.
    """
    engine = create_engine(url)
    try:
        with answering(engine):
            yield engine
    finally:
        engine.dispose()
