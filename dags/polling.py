"""Wait for a service without holding a worker: ask, sleep, ask again, until it is over, too late, or nobody answers.

Decides when waiting ends. It must not know what is waited for: that is a subclass's `look`.
"""

from __future__ import annotations

import abc
import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

OVER, TIMEOUT, UNREACHABLE = "over", "timeout", "unreachable"


class NoAnswer(Exception):
    """The service did not answer, or said that it cannot now; asking later may help."""


class PollingTrigger(BaseTrigger):
    """Fires one event: what `arguments` and `look` return, `deadline`, and `outcome`: over, timeout or unreachable.

    The event carries all that the task needs to go on: `dag.test()` hands nothing else over. When nobody answers, it
    holds the last `message`.

    Args:
        deadline: Unix time in seconds after which the wait ends with `timeout`.
        poll_seconds: pause between two questions.
        outage_seconds: how long `NoAnswer` is tolerated without a break.
    """

    def __init__(self, *, deadline: float, poll_seconds: float, outage_seconds: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.deadline, self.poll_seconds, self.outage_seconds = deadline, poll_seconds, outage_seconds

    @abc.abstractmethod
    async def look(self) -> dict[str, Any] | None:
        """Return what is to be said once it is over, or None while it goes on.

        Raises:
            NoAnswer: no answer this time.
        """

    @abc.abstractmethod
    def arguments(self) -> dict[str, Any]:
        """Return the subclass's own arguments, JSON values only."""

    async def close(self) -> None:
        """Give back what `look` keeps open between two questions; nothing unless a subclass says so."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return import path and arguments, with which another process makes this trigger again."""
        waiting = {name: getattr(self, name) for name in ("deadline", "poll_seconds", "outage_seconds")}
        return f"{type(self).__module__}.{type(self).__qualname__}", waiting | self.arguments()

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Poll until there is something to say, then say it once."""
        try:
            event = {**self.arguments(), "deadline": self.deadline, **await self._end()}
        finally:
            await self.close()
        yield TriggerEvent(event)  # type: ignore[no-untyped-call]

    async def _end(self) -> dict[str, Any]:
        silent_since: float | None = None
        while True:
            try:
                over = await self.look()
            except NoAnswer as error:
                over, silent_since = None, silent_since or time.time()
                self.log.warning("%s", error)
                if time.time() - silent_since >= self.outage_seconds:
                    return {"outcome": UNREACHABLE, "message": str(error)}
            else:
                silent_since = None
            if over is not None:
                return {"outcome": OVER, **over}
            if time.time() >= self.deadline:
                return {"outcome": TIMEOUT}
            await asyncio.sleep(self.poll_seconds)
