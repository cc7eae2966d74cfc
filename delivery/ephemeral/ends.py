"""Whether a cluster will end although nobody ends it: judged on what the program declares, not on what was asked.

The CSO lets a development cluster last (CSO_EMR_09). A short-lived one may not, so this is asked beside the controls.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from delivery.ephemeral.running import EPHEMERAL, EXPIRES_AT, MANAGED_BY, MANAGER, MOST_HOURS, moment
from delivery.ephemeral.translate import ShownPlan
from delivery.errors import DeliveryError

TYPE = "aws_emr_cluster"
IDLE = range(60, 3601)
"""Seconds; EMR knows no shorter time."""


class WouldNotEnd(DeliveryError):
    """A cluster would go on when its engineer is gone; the message names every reason."""

    exit_code = 1


def require_end(plan: ShownPlan, now: datetime) -> None:
    """Refuse a program whose clusters would not all end by idleness and by the reaper.

    Raises:
        WouldNotEnd: see there.
    """
    resources = json.loads(plan.json)["planned_values"]["root_module"]["resources"]
    clusters = [item for item in resources if item["type"] == TYPE and item["address"] in plan.addresses]
    problems = [f"{item['address']}: {problem}" for item in clusters for problem in _problems(item["values"], now)]
    if not clusters:
        problems.append("the program declares no cluster")
    if problems:
        raise WouldNotEnd(
            "a cluster would outlive its time",
            expected="an idle hour at most, no protection, and the tags by which the reaper finds it",
            why="\n            ".join(problems),
            fix="mend delivery/ephemeral/program.py or wish.py",
        )


def _problems(values: Mapping[str, Any], now: datetime) -> Iterator[str]:
    policies = values.get("auto_termination_policy") or [{}]
    idle = policies[0].get("idle_timeout")
    if idle not in IDLE:
        yield f"it ends after {idle} idle seconds, not {IDLE.start} to {IDLE.stop - 1}"
    if values.get("termination_protection") is not False:
        yield "nothing says that it may be terminated"
    tags = values.get("tags") or {}
    if tags.get(MANAGED_BY) != MANAGER or not tags.get(EPHEMERAL):
        yield f"without the tags {MANAGED_BY} = {MANAGER} and {EPHEMERAL} the reaper does not know it"
    end = moment(str(tags.get(EXPIRES_AT)))
    if end is None or not now < end <= now + timedelta(hours=MOST_HOURS):
        yield f"its tag {EXPIRES_AT} is {tags.get(EXPIRES_AT)!r}, no moment within {MOST_HOURS} hours"
