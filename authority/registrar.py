"""Say in the authority that a tenant has ended, or begins again. What was published stays, and stays readable.

Needs the login that owns the schema: who publishes cannot end a tenant. It must not know what becomes of the data.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from authority.connection import engine_for

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


def retired_since(url: str, tenant: str) -> dt.datetime | None:
    """Return since when nothing new is published for `tenant`; None for one that lives.

    Raises:
        AuthorityUnreachable: the database does not answer.
    """
    since: dt.datetime | None = _asked(url, "SELECT authority.retired_since(:tenant)", {"tenant": tenant})
    return since


def _record(url: str, tenant: str, event: str, reason: str) -> bool:
    given = {"tenant": tenant, "event": event, "reason": reason}
    return bool(_asked(url, "SELECT authority.retire(:tenant, :event, :reason)", given))


def _asked(url: str, call: str, given: Mapping[str, str]) -> Any:
    """Return what one function of the authority answers, in a transaction of its own."""
    with engine_for(url) as engine, engine.begin() as connection:
        return connection.execute(text(call), given).scalar_one_or_none()
