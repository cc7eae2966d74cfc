"""Comments of a pull request on GitHub: it is an issue there. Source: REST API, "Issue comments"."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from delivery.forge.base import Comment, Forge

PAGE = 100


class GitHub(Forge):
    """GitHub, and GitHub Enterprise Server at `https://<host>/api/v3`."""

    api = "https://api.github.com"
    limit = 65_536

    @staticmethod
    def headers(token: str) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }

    def hidden(self, marker: str) -> str:
        return f"<!-- {marker} -->"

    def _comments(self, change: int) -> Iterator[Comment]:
        me = self._identity("login")
        page = 1
        while True:
            answer = self._api.call("GET", self._thread(change), query={"per_page": PAGE, "page": page})
            for item in answer.json():
                author = item.get("user") or {}  # null once the account is gone
                is_own = author.get("type") == "Bot" if me is None else author.get("login") == me
                yield Comment(item["id"], item.get("body") or "", is_own)
            if "next" not in answer.links:
                return
            page += 1

    def _create(self, change: int, text: str) -> int:
        created = self._api.call("POST", self._thread(change), body={"body": text}).json()
        return int(created["id"])

    def _update(self, change: int, comment: int, text: str) -> None:
        self._api.call("PATCH", f"/repos/{quote(self._repository)}/issues/comments/{comment}", body={"body": text})

    def _delete(self, change: int, comment: int) -> None:
        self._api.call("DELETE", f"/repos/{quote(self._repository)}/issues/comments/{comment}")

    def _thread(self, change: int) -> str:
        return f"/repos/{quote(self._repository)}/issues/{change}/comments"
