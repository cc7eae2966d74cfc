"""Where requests for approval and approvals lie until a deploy uses them: beside the ledger, in the same bucket.

Nothing here is believed: a request tells people what to read, and an approval is checked against what is found then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import msgspec
from botocore.exceptions import ClientError
from mypy_boto3_s3 import S3Client

from delivery import aws
from delivery.approval import Deploy, approval_digest
from delivery.errors import DeliveryError
from generator.model import EnvironmentSpec
from generator.names import Names

DEPLOY = "deploy"
ABSENT = ("NoSuchKey", "404")


class NothingRequested(DeliveryError):
    """Nobody has asked for an approval, or for another one than was read."""

    exit_code = 1


@dataclass(frozen=True)
class Request:
    """What somebody is asked to approve.

    Attributes:
        deploy: what would be applied, as its plans were found.
        summaries: `{<environment>/<stack>: what its plan would do}`, as summary.json holds it.
        asked_at: ISO 8601, UTC.
    """

    deploy: Deploy
    summaries: Mapping[str, Any] = field(default_factory=dict)
    asked_at: str = ""

    @property
    def digest(self) -> str:
        return request_digest(self.deploy)


def request_digest(deploy: Deploy) -> str:
    """Return the SHA-256 of what is asked for: environment, release, plans and authors."""
    return hashlib.sha256(json.dumps(asdict(deploy), sort_keys=True).encode()).hexdigest()


class ApprovalStore:
    """Requests and approvals of one environment.

    Args:
        name: what is approved; each name has one newest request, so that a decommission does not replace a deploy's.
    """

    def __init__(self, client: S3Client, bucket: str, environment: str, name: str = DEPLOY) -> None:
        self._client, self._bucket = client, bucket
        self._environment, self.name = environment, name
        self._prefix = f"approvals/{environment}/{name}/"

    def ask(self, request: Request) -> None:
        """Make `request` the one that is waiting."""
        body = json.dumps(asdict(request), indent=1, sort_keys=True) + "\n"
        self._client.put_object(Bucket=self._bucket, Key=f"{self._prefix}request.json", Body=body.encode())

    def request(self) -> Request:
        """Return the request that is waiting.

        Raises:
            NothingRequested: there is none.
        """
        try:
            body = self._client.get_object(Bucket=self._bucket, Key=f"{self._prefix}request.json")["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] not in ABSENT:
                raise
            raise NothingRequested(
                f"{self._environment}: nothing waits for an approval",
                fix=f"sluice deploy --env {self._environment} --plan-only says what would be applied, and asks",
            ) from error
        return msgspec.json.decode(body, type=Request)

    def put(self, envelope: Mapping[str, Any], deploy: Deploy) -> str:
        """Keep an approval of `deploy` beside earlier ones, and return its key."""
        key = f"{self._prefix}{request_digest(deploy)}/{approval_digest(envelope)}.dsse.json"
        self._client.put_object(Bucket=self._bucket, Key=key, Body=json.dumps(envelope, indent=1).encode())
        return key

    def envelopes(self, deploy: Deploy) -> list[Any]:
        """Return the approvals of exactly `deploy`, the newest first; where there is none, the newest of anything."""
        exact = self._newest_first(f"{self._prefix}{request_digest(deploy)}/")
        return [self._envelope(key) for key in exact or self._newest_first(self._prefix)[:1]]

    def _newest_first(self, prefix: str) -> Sequence[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        found = [item for page in pages for item in page.get("Contents", []) if item["Key"].endswith(".dsse.json")]
        return [item["Key"] for item in sorted(found, key=lambda item: item["LastModified"], reverse=True)]

    def _envelope(self, key: str) -> Any:
        body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        try:
            return json.loads(body)
        except ValueError:
            return None  # no envelope: the check refuses it by name


def approvals_of(
    spec: EnvironmentSpec, variables: Mapping[str, str], role: str | None = None, name: str = DEPLOY
) -> ApprovalStore:
    """Return the approvals of an environment, reached as `role`; see `delivery.aws`."""
    return ApprovalStore(aws.client("s3", spec, variables, role), Names(spec).bucket("ledger"), spec.environment, name)
