"""How the local cloud speaks HTTP: moto's request handler, with failures in the log."""

from __future__ import annotations

import logging
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler

log = logging.getLogger("sandbox.http")


class RequestHandler(MotoRequestHandler):  # type: ignore[misc]  # moto is not typed here
    """One request on its own thread."""

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        if int(getattr(code, "value", code) if code != "-" else 0) >= 500:
            log.warning("%s %s", self.requestline, code)

    def log(self, type: str, message: str, *args: Any) -> None:  # werkzeug's name
        log.log(logging.ERROR if type == "error" else logging.INFO, message, *args)
