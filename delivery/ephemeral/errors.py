"""What can go wrong with a short-lived cluster, besides what the gate finds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from delivery.errors import DeliveryError


class NotForThis(DeliveryError):
    """Somebody asked for a cluster that nobody gets: in another environment, for too long, under another name."""

    exit_code = 2


class CannotBeShown(DeliveryError):
    """The program declares what no plan can show, so that the gate could not judge it."""

    exit_code = 4


class ToolMissing(DeliveryError):
    """Pulumi, or the Python environment that holds its libraries, is not installed."""


class CloudRefused(DeliveryError):
    """AWS refused, or did not answer."""


class PulumiFailed(DeliveryError):
    """Pulumi's engine ended with an error; its own words stand above."""


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Tell a refusal of AWS as our own error; `what` is being asked for."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise CloudRefused(f"{what}: {error}", fix="look at the credentials, the region and the role") from error
