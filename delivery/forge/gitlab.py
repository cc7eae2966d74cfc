"""Notes of a merge request on GitLab. Source: REST API, "Notes" and "Pagination"."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from delivery.forge.base import Comment, Forge

PAGE = 100


class GitLab(Forge):
    """GitLab, and a GitLab of one's own at `https://<host>/api/v4`."""

    api = "https://gitlab.com/api/v4"
    limit = 1_000_000

    @staticmethod
    def headers(token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"}

    def hidden(self, marker: str) -> str:
        return f"<!-- {marker} -->"

    def _comments(self, change: int) -> Iterator[Comment]:
        me = self._identity("username")
        page = "1"
        while page:
            query: dict[str, str | int] = {"per_page": PAGE, "page": page, "sort": "asc", "order_by": "created_at"}
            answer = self._api.call("GET", self._thread(change), query=query)
            for item in answer.json():
                is_own = me is not None and item["author"]["username"] == me and not item["system"]
                yield Comment(item["id"], item["body"], is_own)
            page = answer.headers.get("X-Next-Page", "")

    def _create(self, change: int, text: str) -> int:
        created = self._api.call("POST", self._thread(change), body={"body": text}).json()
        return int(created["id"])

    def _update(self, change: int, comment: int, text: str) -> None:
        self._api.call("PUT", f"{self._thread(change)}/{comment}", body={"body": text})

    def _delete(self, change: int, comment: int) -> None:
        self._api.call("DELETE", f"{self._thread(change)}/{comment}")

    def _thread(self, change: int) -> str:
        return f"/projects/{quote(self._repository, safe='')}/merge_requests/{change}/notes"
