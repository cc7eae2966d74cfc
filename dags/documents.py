"""Read the small JSON control documents that say what lies on S3; never the data itself."""

from __future__ import annotations

import json
from typing import Any

from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from dags.compat import AirflowException, AirflowFailException


def read_document(hook: S3Hook, uri: str) -> dict[str, Any]:
    """Return the JSON object at an S3 URI.

    Raises:
        AirflowException: there is none (yet).
        AirflowFailException: it is not a JSON object; reading it again would not help.
    """
    bucket, key = S3Hook.parse_s3_url(uri)
    try:
        body = hook.conn.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        raise AirflowException(f"{uri}: cannot be read: {error.response['Error'].get('Code')}") from error
    try:
        document = json.loads(body)
    except ValueError as error:
        raise AirflowFailException(f"{uri}: not JSON: {error}") from error
    if not isinstance(document, dict):
        raise AirflowFailException(f"{uri}: expected a JSON object, found {type(document).__name__}")
    return document
