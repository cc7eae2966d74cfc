"""Three forges on a loopback server: requests are answered in the shapes that each product documents.

Pages hold two comments, whatever is asked for, as a forge may cap them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

PAGE = 2
TOKEN = "s3cret-token-0123456789"
ME, SOMEBODY = "sluice-bot", "mallory"


@dataclass
class Failure:
    """The next answer to `method`. `after_writing`: what was asked for is done all the same."""

    method: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    after_writing: bool = False


@dataclass
class FakeForge:
    """One change of one repository, and everything that was asked of it."""

    product: str
    identity: str | None = ME
    comments: list[dict[str, Any]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    requests: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    url: str = ""
    ids: int = 1000

    def add(self, author: str, text: str, **more: Any) -> dict[str, Any]:
        """Put a comment under the change."""
        self.ids += 1
        comment = SHAPES[self.product](self.ids, author, text) | more
        self.comments.append(comment)
        return comment

    def texts(self) -> list[str]:
        return [_text(comment) for comment in self.comments]

    def asked(self, method: str) -> list[str]:
        return [path for asked, path, _, _ in self.requests if asked == method]


def _github(id: int, author: str, text: str) -> dict[str, Any]:
    kind = "Bot" if author.endswith("[bot]") else "User"
    return {
        "id": id,
        "node_id": "MDEyOklzc3VlQ29tbWVudDE=",
        "html_url": f"https://github.com/meridian/data/pull/17#issuecomment-{id}",
        "body": text,
        "user": {"login": author, "id": 1, "type": kind, "site_admin": False},
        "created_at": "2026-11-23T13:33:48Z",
        "author_association": "COLLABORATOR",
    }


def _gitlab(id: int, author: str, text: str) -> dict[str, Any]:
    return {
        "id": id,
        "body": text,
        "attachment": None,
        "author": {"id": 1, "username": author, "name": author, "state": "active"},
        "system": False,
        "noteable_type": "MergeRequest",
        "noteable_iid": 17,
        "resolvable": False,
        "created_at": "2026-11-23T09:44:00Z",
    }


def _bitbucket(id: int, author: str, text: str) -> dict[str, Any]:
    kind = "app_user" if author.endswith("[bot]") else "user"
    return {
        "id": id,
        "type": "pullrequest_comment",
        "content": {"type": "rendered", "raw": text, "markup": "markdown", "html": "<p></p>"},
        "user": {"display_name": author, "uuid": f"{{{author}}}", "type": kind},
        "deleted": False,
        "pending": False,
        "pullrequest": {"type": "pullrequest", "id": 17},
    }


SHAPES = {"github": _github, "gitlab": _gitlab, "bitbucket": _bitbucket}
WHO = {
    "github": lambda name: {"login": name, "id": 1, "type": "User"},
    "gitlab": lambda name: {"id": 1, "username": name, "state": "active"},
    "bitbucket": lambda name: {"display_name": name, "uuid": f"{{{name}}}", "type": "user"},
}
THREADS = {
    "github": "/repos/meridian/data/issues/17/comments",
    "gitlab": "/projects/meridian/data/merge_requests/17/notes",
    "bitbucket": "/repositories/meridian/data/pullrequests/17/comments",
}
COMMENTS = {**THREADS, "github": "/repos/meridian/data/issues/comments"}
UPDATES = {"github": "PATCH", "gitlab": "PUT", "bitbucket": "PUT"}


def _text(comment: dict[str, Any]) -> str:
    return str(comment["body"] if "body" in comment else comment["content"]["raw"])


class _Handler(BaseHTTPRequestHandler):
    forge: ClassVar[FakeForge]

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def do_PATCH(self) -> None:
        self._answer("PATCH")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        self.forge.requests.append((method, self.path, dict(self.headers), body))
        failure = next((item for item in self.forge.failures if item.method == method), None)
        if failure:
            self.forge.failures.remove(failure)
            if failure.after_writing:
                self._do(method, body)
            self._send(failure.status, failure.body, failure.headers)
            return
        self._send(*self._do(method, body))

    def _do(self, method: str, body: Any) -> tuple[int, Any, dict[str, str]]:
        forge = self.forge
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        if path == "/user":
            return (200, WHO[forge.product](forge.identity), {}) if forge.identity else (403, {"message": "no"}, {})
        if method == "GET" and path == THREADS[forge.product]:
            return self._page(int(parse_qs(parts.query)["page"][0]))
        if method == "POST" and path == THREADS[forge.product]:
            author = forge.identity or f"{ME}[bot]"
            return 201, forge.add(author, body["body"] if "body" in body else body["content"]["raw"]), {}
        prefix, _, id = path.rpartition("/")
        found = [comment for comment in forge.comments if str(comment["id"]) == id]
        if prefix == COMMENTS[forge.product] and found and method == "DELETE":
            forge.comments.remove(found[0])
            return 204, None, {}
        if prefix == COMMENTS[forge.product] and found and method == UPDATES[forge.product]:
            found[0].update(body if "body" in body else {"content": {**found[0]["content"], **body["content"]}})
            return 200, found[0], {}
        return 404, {"message": "Not Found"}, {}

    def _page(self, page: int) -> tuple[int, Any, dict[str, str]]:
        forge = self.forge
        items = forge.comments[(page - 1) * PAGE : page * PAGE]
        more = len(forge.comments) > page * PAGE
        if forge.product == "github":
            link = f'<{forge.url}{THREADS["github"]}?page={page + 1}>; rel="next"'
            return 200, items, {"Link": link} if more else {}
        if forge.product == "gitlab":
            return 200, items, {"X-Page": str(page), "X-Next-Page": str(page + 1) if more else ""}
        document: dict[str, Any] = {"pagelen": PAGE, "page": page, "values": items}
        return 200, document | ({"next": f"{forge.url}?page={page + 1}"} if more else {}), {}

    def _send(self, status: int, body: Any, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        text = json.dumps(body).encode() if body is not None else b""
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the tests' output clean."""


@contextmanager
def serve(forge: FakeForge) -> Iterator[FakeForge]:
    """Answer as `forge` on a free port of 127.0.0.1 while the block runs."""
    handler = type("Handler", (_Handler,), {"forge": forge})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    forge.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield forge
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
