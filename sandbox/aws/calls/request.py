"""What a signed request asks for: service, operation and parameters, whatever protocol it speaks.

Reads the request without using it up. S3 speaks none of these protocols: `sandbox.aws.calls.s3` reads it.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from moto.core.utils import get_service_model

from sandbox.aws.calls.data import known

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

CREDENTIAL = re.compile(r"Credential=([^/,]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
FORM = "application/x-www-form-urlencoded"
CBOR_PATH = re.compile(r"/service/[^/]+/operation/(\w+)")
MOST_BYTES = 1 << 20
"""Larger bodies are those of S3, which are not read."""


@dataclass(frozen=True)
class Request:
    """One signed request.

    Attributes:
        key_id: access key that signed it.
        service: signing name, for example `monitoring`.
        operation: as the API reference calls it; empty where it cannot be told.
        parameters: members by their path, lists from 1: `{"Tags.1.Key": "env"}`.
    """

    key_id: str
    region: str
    service: str
    operation: str
    parameters: Mapping[str, str]


def read(environ: WSGIEnvironment) -> Request | None:
    """Return what a request asks for; None where nobody has signed it."""
    signed = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", "")) or CREDENTIAL.search(
        "Credential=" + unquote(environ.get("QUERY_STRING", "").partition("X-Amz-Credential=")[2])
    )
    if signed is None:
        return None
    key_id, region, service = signed[1], signed[2], signed[3].lower()
    if service == "s3":
        return Request(key_id, region, service, "", {})
    operation, parameters = _operation(environ, service)
    return Request(key_id, region, service, operation, parameters)


def _operation(environ: WSGIEnvironment, service: str) -> tuple[str, Mapping[str, str]]:
    if service in known().paths:
        return _by_path(environ, known().paths[service])
    target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    if target:
        return target, _json(environ)
    by_path = CBOR_PATH.search(environ.get("PATH_INFO", ""))
    if by_path:
        return by_path[1], {}
    pairs = parse_qsl(body(environ).decode(errors="replace")) or parse_qsl(environ.get("QUERY_STRING", ""))
    form = {name.replace(".member.", "."): value for name, value in pairs}
    return form.get("Action", ""), form


def body(environ: WSGIEnvironment) -> bytes:
    """Return a request's body and put it back; empty where it is larger than any but S3's."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if not 0 < length <= MOST_BYTES:
        return b""
    content: bytes = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(content)
    return content


def _json(environ: WSGIEnvironment) -> dict[str, str]:
    try:
        return dict(flattened(json.loads(body(environ) or b"{}")))
    except ValueError:
        return {}


def flattened(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield `(path, text)` of every plain value in a JSON document."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from flattened(item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from flattened(item, f"{path}.{number}")
    elif value is not None:
        yield path, value if isinstance(value, str) else json.dumps(value)


def _by_path(environ: WSGIEnvironment, model: str) -> tuple[str, Mapping[str, str]]:
    path = environ.get("PATH_INFO", "")
    for name, pattern in _patterns(model, environ["REQUEST_METHOD"]):
        found = pattern.fullmatch(path)
        if found:
            parameters = {_spelt(model, name, member): text for member, text in found.groupdict().items()}
            return name, {**_json(environ), **parameters}
    return "", {}


@cache
def _patterns(model: str, method: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return (operation, pattern of its path), those with fewer variables first."""
    found = []
    described = get_service_model(model)
    for name in described.operation_names:
        http = described.operation_model(name).http
        if http["method"] == method:
            path = http["requestUri"].partition("?")[0].rstrip("/")
            parts = [
                f"(?P<{part[1:-1].rstrip('+')}>.+)" if part.startswith("{") else re.escape(part)
                for part in re.split(r"(\{[^}]*\})", path)
            ]
            found.append((name, re.compile("".join(parts) + "/?")))
    return tuple(sorted(found, key=lambda item: item[1].groups))


@cache
def _spelt(model: str, operation: str, place: str) -> str:
    """Return the member that a variable of the path is; the two may be spelt otherwise."""
    shape = get_service_model(model).operation_model(operation).input_shape
    members = {} if shape is None else shape.members
    return next(
        (name for name, member in members.items() if member.serialization.get("name") == place),
        place,
    )
