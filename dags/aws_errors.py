"""Which failures of an AWS call are worth asking again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from dags.polling import NoAnswer

ASK_LATER = frozenset(
    {"ThrottlingException", "Throttling", "RequestLimitExceeded", "SlowDown", "InternalServerException"}
)


@contextmanager
def ask_again_later(service: str) -> Iterator[None]:
    """Turn a silent, failing or overloaded service into NoAnswer; let its refusals through."""
    try:
        yield
    except BotoCoreError as error:
        raise NoAnswer(f"{service} does not answer: {error}") from error
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status < 500 and error.response["Error"].get("Code") not in ASK_LATER:
            raise
        raise NoAnswer(f"{service} cannot answer now: {error}") from error
