"""Every permission that the local cloud's answers would have needed on AWS, by role, with how often.

Kept in memory, each distinct one once, up to a limit; how many more there were is told. It must not judge.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sandbox.aws.calls import needs, s3
from sandbox.aws.calls.callers import Callers
from sandbox.aws.calls.needs import Need
from sandbox.aws.calls.request import Request, read

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MOST = 50_000
"""Distinct permissions that are kept: some 20 MB. A day's run of both environments needs a tenth."""
UNTOLD_STATUS = (403, 501)
"""What the local cloud has refused itself, and what nobody answered."""

log = logging.getLogger(__name__)


class Calls:
    """The record of one local cloud."""

    def __init__(self) -> None:
        self._callers = Callers()
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, Need]] = Counter()
        self._not_kept = 0
        self._unread: Counter[str] = Counter()

    def open(self, environ: WSGIEnvironment) -> Call | None:
        """Return the record of one request that is about to be answered; None where no role has signed it."""
        request = read(environ)
        role = None if request is None else self._callers.role(request.key_id)
        if request is None or role is None:
            return None
        return Call(self, request, *role, environ)

    def note(self, role: str, found: Iterable[Need]) -> None:
        with self._lock:
            for need in found:
                if (role, need) in self._counts or len(self._counts) < MOST:
                    self._counts[role, need] += 1
                else:
                    self._not_kept += 1

    def could_not_read(self, what: str) -> None:
        with self._lock:
            self._unread[what] += 1

    def to_json(self) -> dict[str, Any]:
        """Return what was recorded: `calls` as [role, action, resource, context, count], and what was not."""
        with self._lock:
            calls = [
                [role, each.action, each.resource, dict(each.context), n] for (role, each), n in self._counts.items()
            ]
            return {"calls": calls, "not_kept": self._not_kept, "unread": dict(self._unread)}


class Call:
    """One request: what it names is looked up before it is answered, for it may delete that."""

    def __init__(self, calls: Calls, request: Request, role: str, account: str, environ: WSGIEnvironment) -> None:
        self._calls, self._request, self._role, self._environ = calls, request, role, environ
        self._found: list[Need] = []
        self._deleted: list[tuple[str, bool]] = []
        try:
            if request.service == "s3":
                self._deleted = s3.keys_to_delete(environ)
            elif not request.operation:
                calls.could_not_read(f"{request.service}:{environ['REQUEST_METHOD']} {environ.get('PATH_INFO', '')}")
            else:
                self._found = list(needs.needs(request, account))
        except Exception:  # noqa: BLE001 -- see _fail
            self._fail()

    def answered(self, status: str, headers: Mapping[str, str]) -> None:
        """Record the request, now that it was answered."""
        code = int(status.split(maxsplit=1)[0])
        if code in UNTOLD_STATUS:
            return
        try:
            if self._request.service == "s3":
                lowered = {name.lower(): text for name, text in headers.items()}
                self._found = list(s3.needs(self._environ, self._deleted, code, lowered, self._request.region))
        except Exception:  # noqa: BLE001 -- see _fail
            self._fail()
        self._calls.note(self._role, self._found)

    def _fail(self) -> None:
        """A request that cannot be read is still answered; that it is missing from the record is told."""
        what = f"{self._request.service}:{self._request.operation or self._environ['REQUEST_METHOD']}"
        log.exception("not recorded: %s", what)
        self._calls.could_not_read(what)
