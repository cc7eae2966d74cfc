"""A GitHub as far as comments go, for real builds."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class Forge:
    """A GitHub as far as comments go, on a loopback port."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        forge = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(200, {"login": "jenkins"} if self.path == "/user" else forge.comments)

            def do_POST(self) -> None:
                forge.comments.append({"id": len(forge.comments) + 1, "user": {"login": "jenkins"}, **self._body()})
                self._answer(201, forge.comments[-1])

            def do_PATCH(self) -> None:
                comment = forge.comments[int(self.path.rsplit("/", 1)[-1]) - 1]
                comment.update(self._body())
                self._answer(200, comment)

            def _body(self) -> dict[str, Any]:
                found: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                return found

            def _answer(self, status: int, document: object) -> None:
                content = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *arguments: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
