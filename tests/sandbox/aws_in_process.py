"""AWS for tests of the data services: moto over HTTP in this process, with the services under test in it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ACCOUNT = "123456789012"
REGION = "us-east-1"


@contextmanager
def serve(*, paths: dict[str, Any] | None = None) -> Iterator[str]:
    """Serve moto, and WSGI applications below paths of their own; yields the endpoint.

    Args:
        paths: {first part of the path, with its slash: application}; may be filled after the server has started.
    """
    aws: WSGIApplication = DomainDispatcherApplication(create_backend_app)
    mounted = {} if paths is None else paths

    def application(environ: Any, start_response: Any) -> Any:
        first = "/" + environ["PATH_INFO"].lstrip("/").partition("/")[0]
        return mounted.get(first, aws)(environ, start_response)

    server = make_server("127.0.0.1", 0, application, threaded=True)
    server.daemon_threads = True  # type: ignore[attr-defined]  # of socketserver.ThreadingMixIn
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def client(service: Any, endpoint: str) -> Any:
    """A boto3 client of the account."""
    return boto3.client(
        service, endpoint_url=endpoint, region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing"
    )


def policy(*statements: dict[str, Any]) -> str:
    """A policy document of IAM."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
