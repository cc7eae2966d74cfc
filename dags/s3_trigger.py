"""Wait until objects exist on S3."""

from __future__ import annotations

from typing import Any

from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from dags.aws_errors import ask_again_later
from dags.polling import PollingTrigger


class ObjectsTrigger(PollingTrigger):
    """Fires once every object exists.

    Args:
        aws_conn_id: Airflow connection.
        uris: S3 URIs.
    """

    def __init__(self, *, aws_conn_id: str, uris: list[str], **waiting: float) -> None:
        super().__init__(**waiting)
        self.aws_conn_id, self.uris = aws_conn_id, uris

    def arguments(self) -> dict[str, Any]:
        return {"aws_conn_id": self.aws_conn_id, "uris": self.uris}

    async def look(self) -> dict[str, Any] | None:
        hook = S3Hook(aws_conn_id=self.aws_conn_id)
        with ask_again_later("S3"):
            async with await hook.get_async_conn() as client:  # type: ignore[no-untyped-call]
                for uri in self.uris:
                    if not await _exists(client, uri):
                        return None
        return {}


async def _exists(client: Any, uri: str) -> bool:
    bucket, key = S3Hook.parse_s3_url(uri)
    try:
        await client.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"].get("Code") in ("404", "NoSuchKey"):
            return False
        raise
    return True
