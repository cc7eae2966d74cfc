"""JSON over HTTPS to one forge: patience where it asks for it, a colleague's words where it refuses.

The token goes to the named host alone: nothing follows a redirect or an address that an answer gives.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from delivery.errors import DeliveryError
from policies.report.printable import printable

ATTEMPTS = 5
LONGEST_WAIT_SECONDS = 120.0
TIMEOUT_SECONDS = (10, 60)
UNAVAILABLE = frozenset({500, 502, 503, 504})
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
MEANINGS: Mapping[int, tuple[str, str]] = {
    401: ("the token is not accepted", "renew the token in SLUICE_FORGE_TOKEN"),
    403: ("the token may not do this", "give it the right to write comments on changes of this repository"),
    404: ("there is no such repository or change, or the token may not see it", "compare --repository and --change"),
    410: ("the change can no longer be commented on", "look at the change"),
}
"""{status: why, fix}."""


class ForgeRefused(DeliveryError):
    """A forge answered and did not do it.

    Attributes:
        status: of the answer; 0 when none was asked for.
    """

    def __init__(self, what: str, status: int, *, why: str = "", fix: str = "", expected: str = "") -> None:
        self.status = status
        super().__init__(what, expected=expected, why=why, fix=fix)


class ForgeUnavailable(DeliveryError):
    """A forge did not answer, or not in order: whether it did what was asked is not known."""


class Api:
    """One forge's API, entered with one token."""

    def __init__(
        self,
        base: str,
        headers: Mapping[str, str],
        token: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(base)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise ForgeRefused(
                f"--api {base!r}: not used", 0, expected="an https address", why="the token would travel in the clear"
            )
        self._base = base.rstrip("/")
        self._token = token
        self._sleep = sleep
        self._session = requests.Session()
        self._session.auth = lambda request: request  # else a .netrc of the machine would replace the token
        self._session.headers.update({"User-Agent": "sluice", **headers})

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> requests.Response:
        """Return the answer to one request, asked again where that does no harm.

        What the forge turned away (429) is always asked again; what failed there (5xx) or on the way only where doing
        it twice is doing it once: a comment that may have been written is not written again.

        Raises:
            ForgeRefused: the forge says no, or still "later" after ATTEMPTS.
            ForgeUnavailable: no answer, or a failure of the forge, after ATTEMPTS or at the first POST.
        """
        attempts = range(1, ATTEMPTS + 1)
        for attempt in attempts:
            last = attempt == attempts[-1]
            try:
                answer = self._session.request(
                    method,
                    f"{self._base}{path}",
                    params=dict(query or {}),
                    json=body,
                    timeout=TIMEOUT_SECONDS,
                    allow_redirects=False,
                )
            except requests.RequestException as error:
                if last or method == "POST":
                    raise ForgeUnavailable(f"{method} {path}: no answer", why=self._clean(str(error))) from error
                self._sleep(2.0**attempt)
                continue
            if answer.ok and not answer.is_redirect:
                return answer
            self._go_on_or_raise(method, path, answer, last=last)
            self._sleep(_wait(answer, attempt))
        raise AssertionError("the last attempt returns or raises")

    def _go_on_or_raise(self, method: str, path: str, answer: requests.Response, *, last: bool) -> None:
        status = answer.status_code
        if _is_turned_away(answer) and not last:
            return
        if status in UNAVAILABLE:
            if last or method == "POST":
                raise ForgeUnavailable(f"{method} {path}: the forge failed with {status}", why=self._said(answer))
            return
        why, fix = MEANINGS.get(status, ("", ""))
        if answer.is_redirect:
            why, fix = "it has moved", "name its new address with --repository or --api"
        raise ForgeRefused(
            f"{method} {path}: refused with {status}",
            status,
            why="; ".join(filter(None, [why, self._said(answer)])),
            fix=fix,
        )

    def _said(self, answer: requests.Response) -> str:
        """Return the forge's own words, as far as they are words."""
        try:
            document = answer.json()
        except ValueError:
            return ""
        said = document.get("message") or document.get("error") or "" if isinstance(document, dict) else ""
        if isinstance(said, dict):  # Bitbucket: {"error": {"message": …}}
            said = said.get("message", "")
        return self._clean(str(said))

    def _clean(self, text: str) -> str:
        return printable((text.replace(self._token, "…") if self._token else text)[:200])


def _is_turned_away(answer: requests.Response) -> bool:
    """Tell whether the forge asks for patience; GitHub says so of its rate limits with 403 as well."""
    limited = answer.headers.get("X-RateLimit-Remaining") == "0" or "Retry-After" in answer.headers
    return answer.status_code == requests.codes.too_many or (answer.status_code == requests.codes.forbidden and limited)


def _wait(answer: requests.Response, attempt: int) -> float:
    """Return how many seconds to wait: what the forge asks for, else twice as long each time."""
    asked = answer.headers.get("Retry-After", "")
    seconds = float(asked) if asked.isdecimal() else 2.0**attempt
    return min(seconds, LONGEST_WAIT_SECONDS)
