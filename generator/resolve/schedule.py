"""When a tenant's run starts and how its time is shared out.

Decides the cron expression and every timeout, all from the schedule and the deadline that the team wrote.
"""

from __future__ import annotations

from generator.model import TenantSpec
from generator.model.schedule import cron
from generator.resolve.stack import Schedule

SHORTEST_MINUTES = 5
"""No part of a run gets less: EMR alone needs some minutes to start."""


def schedule(spec: TenantSpec) -> Schedule:
    """Share a deadline out: a third for late sources, a third for ingestion, two thirds for any one Spark step.

    The shares overlap on purpose. Each says when a part is surely stuck; the deadline ends the run as a whole.
    """
    deadline = spec.deadline_minutes
    return Schedule(
        cron=cron(spec.schedule),
        deadline_minutes=deadline,
        wait_minutes=max(SHORTEST_MINUTES, deadline // 3),
        ingest_minutes=max(SHORTEST_MINUTES, deadline // 3),
        step_minutes=max(SHORTEST_MINUTES, deadline * 2 // 3),
    )
