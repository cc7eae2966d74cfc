"""What clusters share, and the ways in which they end. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sandbox.emr.execution import Slots
from sandbox.faults import Faults

ENDED = ("TERMINATED", "TERMINATED_WITH_ERRORS")


@dataclass(frozen=True)
class Runtime:
    """What the clusters of this process share.

    Attributes:
        endpoint: base address of the local cloud.
        folder: steps work in `<cluster>/<step>` below it.
        provision_seconds, bootstrap_seconds: how long a cluster is STARTING, then BOOTSTRAPPING.
    """

    endpoint: str
    folder: Path
    faults: Faults
    slots: Slots
    provision_seconds: float
    bootstrap_seconds: float


@dataclass(frozen=True)
class Ending:
    """Why a cluster ends; `code` is one of EMR's ClusterStateChangeReason codes."""

    code: str
    message: str
    with_errors: bool = False
    error_code: str | None = None


def no_capacity(zone: str | None) -> Ending:
    """Source: EMR Management Guide, error code INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ."""
    message = f"Amazon EC2 has insufficient capacity for the requested instance types in Availability Zone {zone}."
    return Ending("INTERNAL_ERROR", message, with_errors=True, error_code="INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ")
