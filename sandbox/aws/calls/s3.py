"""The permissions that a request to S3 needs, those of its KMS key included, by the tables of s3.yaml.

Needs what was answered: a missing object is 404 for whoever may list the bucket, and 403 for others; and only the
answer says under which key an object lies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree

import yaml
from moto.s3.models import s3_backends

from sandbox.aws.calls import things
from sandbox.aws.calls.data import HERE
from sandbox.aws.calls.needs import UNTOLD, Context, Need
from sandbox.aws.calls.request import body

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

ACCOUNTS_OWN = {
    "GET": "GetAccountPublicAccessBlock",
    "PUT": "PutAccountPublicAccessBlock",
    "DELETE": "PutAccountPublicAccessBlock",
}
TAGS_OF_CONTROL = {"GET": "ListTagsForResource", "POST": "TagResource", "DELETE": "UntagResource"}
ENCRYPTION, KEY = "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id"
OPENING, MAKING = "kms:Decrypt", "kms:GenerateDataKey"
MISSING = 404


@cache
def _tables() -> Mapping[str, Any]:
    tables: Mapping[str, Any] = yaml.safe_load((HERE / "s3.yaml").read_text(encoding="utf-8"))
    return tables


def keys_to_delete(environ: WSGIEnvironment) -> list[tuple[str, bool]]:
    """Return (key, whether a version is named) of a request that deletes many objects; read before it is answered."""
    if environ["REQUEST_METHOD"] != "POST" or "delete" not in _query(environ):
        return []
    found = []
    for item in ElementTree.fromstring(body(environ) or b"<Delete/>"):  # noqa: S314  # of our own clients
        members = {re.sub(r"\{.*\}", "", member.tag): member.text or "" for member in item}
        if "Key" in members:
            found.append((members["Key"], bool(members.get("VersionId"))))
    return found


def needs(
    environ: WSGIEnvironment, deleted: list[tuple[str, bool]], status: int, answered: Mapping[str, str], region: str
) -> Iterator[Need]:
    """Yield what a request needs.

    Args:
        deleted: of `keys_to_delete`.
        status: of the answer.
        answered: headers of the answer, in lower case.
    """
    path = unquote(environ.get("PATH_INFO", "").lstrip("/"))
    method, query = environ["REQUEST_METHOD"], _query(environ)
    if environ.get("PATH_INFO", "").startswith("/v20180820/"):  # S3 Control, which signs as S3
        yield from _control(path, method)
        return
    bucket, _, key = path.partition("/")
    if not bucket:
        yield Need("s3:ListAllMyBuckets", "*")
        return
    told: Context = {
        name: environ.get("HTTP_" + header.upper().replace("-", "_"))
        for header, name in _tables()["conditions"].items()
    }
    if deleted:
        for each, has_version in deleted:
            yield Need.of(f"s3:DeleteObject{'Version' if has_version else ''}", f"arn:aws:s3:::{bucket}/{each}", {})
        return
    yield from _plain(environ, bucket, key, query, told)
    if key and status == MISSING and method in ("GET", "HEAD"):
        yield Need.of("s3:ListBucket", f"arn:aws:s3:::{bucket}", {"s3:prefix": key})
    yield from _of_key(environ, bucket, key, answered, region)


def _control(path: str, method: str) -> Iterator[Need]:
    if "publicAccessBlock" in path:
        yield Need(f"s3:{ACCOUNTS_OWN[method]}", "*")
    elif "/tags/" in path:
        yield Need(f"s3:{TAGS_OF_CONTROL.get(method, method)}", path.partition("/tags/")[2])
    else:
        yield Need(f"s3:{method} {path.partition('/')[2].partition('/')[0]}", UNTOLD)


def _plain(environ: WSGIEnvironment, bucket: str, key: str, query: Mapping[str, str], told: Context) -> Iterator[Need]:
    table = _tables()["object" if key else "bucket"].get(environ["REQUEST_METHOD"], {})
    action = next((table[name] for name in query if name in table), table.get("", ""))
    if not action:
        yield Need(f"s3:{environ['REQUEST_METHOD']} {'&'.join(query)}", UNTOLD)
        return
    if query.get("versionId"):
        action = _tables()["of_a_version"].get(action, action)
    resource = f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else "")
    if action == "ListBucket":
        told = {"s3:prefix": query.get("prefix"), "s3:delimiter": query.get("delimiter")}
    yield Need.of(f"s3:{action}", resource, told if action in ("ListBucket", "PutObject") else {})
    for header, more in _tables()["headers"].get(action, {}).items():
        if _header(environ, header):
            yield from (Need(f"s3:{each}", resource) for each in more)
    source = unquote(environ.get("HTTP_X_AMZ_COPY_SOURCE", "")).lstrip("/")
    if source:
        name, _, version = source.partition("?versionId=")
        yield Need("s3:GetObjectVersion" if version else "s3:GetObject", f"arn:aws:s3:::{name}")


def _of_key(
    environ: WSGIEnvironment, bucket: str, key: str, answered: Mapping[str, str], region: str
) -> Iterator[Need]:
    """Yield what the request needs of the object's key: S3 uses it in the caller's name."""
    writes = environ["REQUEST_METHOD"] in ("PUT", "POST")
    if not key or answered.get(ENCRYPTION) != "aws:kms" or environ["REQUEST_METHOD"] == "HEAD":
        return
    named, owner = answered.get(KEY), s3_backends.bucket_accounts.get(bucket, ("", ""))[1]
    if not named or not owner:
        return  # AWS's own key of S3, which everyone in the account may use
    arn = things.arn("key", named, {"region": region, "account": owner})
    told = {
        "kms:viaservice": f"s3.{region}.amazonaws.com",
        "kms:encryptioncontext:aws:s3:arn": f"arn:aws:s3:::{bucket}",
    }
    yield Need.of(MAKING if writes else OPENING, arn, told)
    if writes and ("uploads" in _query(environ) or "uploadId" in _query(environ)):
        yield Need.of(OPENING, arn, told)


def _header(environ: WSGIEnvironment, name: str) -> str | None:
    value: str | None = environ.get("HTTP_" + name.upper().replace("-", "_"))
    return value


def _query(environ: WSGIEnvironment) -> dict[str, str]:
    return dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
