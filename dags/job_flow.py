"""Complete the rendered EMR job flow document at run time: looked-up values, name, tags.

Decides what a cluster is called and how it is found again. It must not know EMR's client.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from typing import Any

LOOKUP = "ssm:"
"""A string `ssm:<parameter>` stands for the parameter's value; in a list, a value with commas becomes several items."""

RUN_KEY, EXPIRES_AT = "run_key", "expires_at"
EPHEMERAL = "ephemeral"
"""On clusters that engineers start for some hours, `sluice ephemeral`: their short name."""
OWNER = ("managed-by", "sluice")
TAG_FORBIDS = re.compile(r"[^\w .:/=+@-]", re.ASCII)
TAG_LIMIT = 256


def looked_up(document: Any, parameter: Callable[[str], str]) -> Any:
    """Return the document with every `ssm:` string replaced.

    Args:
        document: JSON value.
        parameter: returns a parameter's value by name.
    """
    if isinstance(document, dict):
        return {key: looked_up(value, parameter) for key, value in document.items()}
    if isinstance(document, list):
        return [item for value in document for item in _items(value, parameter)]
    if isinstance(document, str) and document.startswith(LOOKUP):
        return parameter(document.removeprefix(LOOKUP))
    return document


def _items(value: Any, parameter: Callable[[str], str]) -> list[Any]:
    if isinstance(value, str) and value.startswith(LOOKUP):
        return [item.strip() for item in parameter(value.removeprefix(LOOKUP)).split(",")]
    return [looked_up(value, parameter)]


def tag_value(text: str) -> str:
    """Return the text in the alphabet and length that AWS allows in a tag; changed texts stay distinct by a hash."""
    safe = TAG_FORBIDS.sub("_", text)
    if safe == text and len(text) <= TAG_LIMIT:
        return text
    return f"{safe[: TAG_LIMIT - 17]}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def for_run(document: dict[str, Any], run_key: str, as_of: str, now: dt.datetime, max_hours: float) -> dict[str, Any]:
    """Return the job flow with the run's name and tags.

    Args:
        document: job flow with everything but name and run tags.
        run_key: `<dag id>/<run id>`: who the cluster belongs to.
        as_of: business date, for people who look at the list of clusters.
        now: aware time in UTC.
        max_hours: age at which the reaper may end the cluster.
    """
    dag_id = run_key.split("/", 1)[0]
    added = {
        OWNER[0]: OWNER[1],
        RUN_KEY: tag_value(run_key),
        "dag_id": tag_value(dag_id),
        EXPIRES_AT: (now + dt.timedelta(hours=max_hours)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    kept = [tag for tag in document.get("Tags", []) if tag["Key"] not in added]
    return document | {
        "Name": tag_value(f"{dag_id}-{as_of}"),
        "Tags": kept + [{"Key": name, "Value": value} for name, value in added.items()],
    }
