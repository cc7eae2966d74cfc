"""Say in the authority that a tenant has ended, or begins again. What was published stays, and stays readable.

Needs the login that owns the schema: who publishes cannot end a tenant. It must not know what becomes of the data.
"""

from __future__ import annotations

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from authority.client import AuthorityUnreachable

RETIRED, REINSTATED = "retired", "reinstated"


def retire(url: str, tenant: str, reason: str) -> bool:
    """Let nothing new be published for `tenant`; False where it was retired already.

    Args:
        reason: who decided it and where, for auditors.

    Raises:
        AuthorityUnreachable: the database does not answer.
    """
    return _record(url, tenant, RETIRED, reason)


def reinstate(url: str, tenant: str, reason: str) -> bool:
    """Let `tenant` publish again; False where it may already.

    Raises:
        AuthorityUnreachable: the database does not answer.
    """
    return _record(url, tenant, REINSTATED, reason)


def _record(url: str, tenant: str, event: str, reason: str) -> bool:
    engine = create_engine(url)
    call = text("SELECT authority.retire(:tenant, :event, :reason)")
    try:
        with engine.begin() as connection:
            return bool(connection.execute(call, {"tenant": tenant, "event": event, "reason": reason}).scalar_one())
    except OperationalError as error:
        raise AuthorityUnreachable(engine.url.render_as_string(), str(error.orig).strip()) from error
    finally:
        engine.dispose()
