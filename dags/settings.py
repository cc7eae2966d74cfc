"""How patiently the runtime waits. Read from the environment when a task runs, never when a DAG is parsed."""

from __future__ import annotations

import os


def poll_seconds() -> float:
    """Seconds between two questions to a service, SLUICE_POLL_SECONDS; 30 unless told."""
    return float(os.environ.get("SLUICE_POLL_SECONDS", "30"))


def outage_seconds() -> float:
    """Seconds for which a service may give no answer before its task fails, SLUICE_OUTAGE_SECONDS; 600 unless told."""
    return float(os.environ.get("SLUICE_OUTAGE_SECONDS", "600"))
