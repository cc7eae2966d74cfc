"""S3 as the engine's EC2 instance sees it: with the session of its instance profile, and what that may do.

Decides whose credentials are used. It must not know what is moved.
"""

from __future__ import annotations

from typing import Any

import boto3
from botocore.exceptions import ClientError
from moto.iam.models import iam_backends

from sandbox.aws.accounts import REGION
from sandbox.aws.role_permissions import may
from sandbox.aws.sessions import start_session

PARTITION = "aws"
PROFILE_SUFFIX = "-streamsets"


class NoInstanceProfileError(Exception):
    """An account has no instance profile for the engine: its Terraform module was not applied."""


class InstanceProfileS3:
    """The operations of S3 that the engine's stages use.

    Args:
        account_id: account whose instance profile `*-streamsets` the engine has.
        endpoint: base address of the local cloud.

    Raises:
        NoInstanceProfileError: there is no such profile, or it has no role.
    """

    def __init__(self, account_id: str, endpoint: str) -> None:
        profiles = iam_backends[account_id][PARTITION].instance_profiles.values()
        roles = [role for profile in profiles if profile.name.endswith(PROFILE_SUFFIX) for role in profile.roles]
        if not roles:
            raise NoInstanceProfileError(f"account {account_id} has no instance profile '*{PROFILE_SUFFIX}'")
        self._role = roles[0]
        key, secret, token = start_session(account_id, REGION, self._role.arn, "data-collector")
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=REGION,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
        )

    def check_bucket(self, bucket: str) -> None:
        """Raise ClientError unless the bucket exists and may be listed."""
        self._check("ListBucket", bucket)
        self._client.head_bucket(Bucket=bucket)

    def objects(self, bucket: str, prefix: str) -> list[dict[str, Any]]:
        """Return the objects below a prefix in the order of their keys, as ListObjectsV2 tells of them."""
        self._check("ListBucket", bucket)
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [found for page in pages for found in page.get("Contents", [])]

    def get_object(self, bucket: str, key: str) -> dict[str, Any]:
        self._check("GetObject", bucket, key)
        answer: dict[str, Any] = self._client.get_object(Bucket=bucket, Key=key)
        return answer

    def put_object(self, bucket: str, key: str, content: bytes, **encryption: str) -> None:
        self._check("PutObject", bucket, key)
        self._client.put_object(Bucket=bucket, Key=key, Body=content, **encryption)

    def _check(self, operation: str, bucket: str, key: str = "") -> None:
        resource = f"arn:{PARTITION}:s3:::{bucket}" + (f"/{key}" if key else "")
        if not may(self._role, f"s3:{operation}", resource):
            message = f"{self._role.arn} is not authorized to perform: s3:{operation} on resource: {resource}"
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": message}}, operation)
