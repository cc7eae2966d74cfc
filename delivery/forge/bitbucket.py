"""Comments of a pull request on Bitbucket Cloud. Source: REST API 2.0, "Pullrequests" and "Pagination"."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from urllib.parse import quote

from delivery.forge.base import Comment, Forge

PAGE = 100


class Bitbucket(Forge):
    """Bitbucket Cloud. Its comments show HTML as text: nothing is folded, and the marker is a link nobody refers to."""

    api = "https://api.bitbucket.org/2.0"
    limit = 32_768
    has_html = False

    @staticmethod
    def headers(token: str) -> dict[str, str]:
        """Return the headers for an access token, or for `<address>:<API token>` of a person."""
        if ":" in token:
            return {"Authorization": f"Basic {base64.b64encode(token.encode()).decode()}"}
        return {"Authorization": f"Bearer {token}"}

    def hidden(self, marker: str) -> str:
        return f"[//]: # ({marker})"

    def _comments(self, change: int) -> Iterator[Comment]:
        me = self._identity("uuid")
        page = 1
        while True:
            answer = self._api.call("GET", self._thread(change), query={"pagelen": PAGE, "page": page}).json()
            for item in answer["values"]:
                author = item.get("user") or {}
                is_own = author.get("type") != "user" if me is None else author.get("uuid") == me
                yield Comment(item["id"], item["content"]["raw"] or "", is_own and not item.get("deleted", False))
            if "next" not in answer:
                return
            page += 1

    def _create(self, change: int, text: str) -> int:
        created = self._api.call("POST", self._thread(change), body={"content": {"raw": text}}).json()
        return int(created["id"])

    def _update(self, change: int, comment: int, text: str) -> None:
        self._api.call("PUT", f"{self._thread(change)}/{comment}", body={"content": {"raw": text}})

    def _delete(self, change: int, comment: int) -> None:
        self._api.call("DELETE", f"{self._thread(change)}/{comment}")

    def _thread(self, change: int) -> str:
        return f"/repositories/{quote(self._repository)}/pullrequests/{change}/comments"
