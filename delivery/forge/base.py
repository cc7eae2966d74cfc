"""What every forge can do for us: keep exactly one comment of ours under a change."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from delivery.errors import DeliveryError
from delivery.forge.api import Api, ForgeRefused, ForgeUnavailable

CREATE_ATTEMPTS = 3


class TooLong(DeliveryError):
    """A body is longer than the forge takes."""

    exit_code = 2


@dataclass(frozen=True)
class Comment:
    """One comment under a change. `is_own`: the token's owner wrote it, so nobody else can have put words in it."""

    id: int
    body: str
    is_own: bool


@dataclass(frozen=True)
class Upserted:
    """What became of the comment; `action` is created, updated or unchanged."""

    id: int
    action: str


class Forge(ABC):
    """One repository on one forge."""

    api: ClassVar[str]
    """Base address of the product's public API."""
    limit: ClassVar[int]
    """Most characters of a comment."""
    has_html: ClassVar[bool] = True
    """Whether a comment may fold parts away with <details>."""

    def __init__(self, api: Api, repository: str) -> None:
        self._api = api
        self._repository = repository

    def upsert(self, change: int, marker: str, body: str) -> Upserted:
        """Make `body` the one comment of ours with `marker` under a change.

        A comment of somebody else that carries the marker is not ours. Where it is not known whether a comment was
        written, it is looked for before it is written again; of two that two builds wrote at once, the older stays.

        Raises:
            TooLong: the body with its marker has more than `limit` characters.
            ForgeRefused, ForgeUnavailable: see there.
        """
        text = f"{self.hidden(marker)}\n\n{body}"
        if len(text) > self.limit:
            raise TooLong(f"the comment has {len(text):,} characters", expected=f"at most {self.limit:,}")
        for attempt in range(1, CREATE_ATTEMPTS + 1):
            own = self._own(change, marker)
            if own:
                return self._settle(change, own, text)
            try:
                created = self._create(change, text)
            except ForgeUnavailable:
                if attempt == CREATE_ATTEMPTS:
                    raise
                continue
            return self._after_creation(change, marker, text, created)
        raise AssertionError("the last attempt returns or raises")

    def _own(self, change: int, marker: str) -> list[Comment]:
        first = self.hidden(marker)
        found = [item for item in self._comments(change) if item.is_own and item.body.lstrip().startswith(first)]
        return sorted(found, key=lambda comment: comment.id)

    def _after_creation(self, change: int, marker: str, text: str, created: int) -> Upserted:
        own = self._own(change, marker)
        if not own:
            self._delete(change, created)  # the next run would not find it either, and write a second one
            raise ForgeUnavailable(
                "the comment was written, not found again, and removed",
                why="the forge shows another author for it than for the token",
                fix="use a token that may ask who it is",
            )
        settled = self._settle(change, own, text)
        return Upserted(settled.id, "created" if len(own) == 1 else settled.action)

    def _settle(self, change: int, own: list[Comment], text: str) -> Upserted:
        """Bring the oldest comment to `text` and remove the others."""
        first, *others = own
        for comment in others:
            self._delete(change, comment.id)
        if first.body.replace("\r\n", "\n").strip() == text.strip():
            return Upserted(first.id, "unchanged")
        self._update(change, first.id, text)
        return Upserted(first.id, "updated")

    def _identity(self, key: str) -> str | None:
        """Return who the token's owner is; None for a token that is nobody's own, as those of apps."""
        try:
            answer = self._api.call("GET", "/user").json()
        except ForgeRefused as error:
            if error.status in (403, 404):
                return None
            raise
        return str(answer[key])

    @staticmethod
    @abstractmethod
    def headers(token: str) -> dict[str, str]:
        """Return the headers that carry the token."""

    @abstractmethod
    def hidden(self, marker: str) -> str:
        """Return `marker` as a first line that the forge keeps and does not show."""

    @abstractmethod
    def _comments(self, change: int) -> Iterator[Comment]:
        """Yield every comment under a change, page by page."""

    @abstractmethod
    def _create(self, change: int, text: str) -> int:
        """Write a comment and return its id."""

    @abstractmethod
    def _update(self, change: int, comment: int, text: str) -> None: ...

    @abstractmethod
    def _delete(self, change: int, comment: int) -> None: ...
