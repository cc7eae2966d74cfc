"""No new runs, and none on the way: the DAG is paused, and what still runs is named or waited for.

It must not know what is destroyed afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from delivery.airflow_api import NOT_FOUND, AirflowRefused
from delivery.decommission.streamsets import Engine
from delivery.errors import DeliveryError
from delivery.tagged import Clients, clusters
from generator.names import Names

POLL_SECONDS = 15.0


class StillRunning(DeliveryError):
    """Work of the tenant goes on."""

    exit_code = 1


class Airflow(Protocol):
    """What a drain asks of an environment's Airflow; `delivery.airflow_api.AirflowApi` answers it."""

    def pause(self, dag_id: str) -> None: ...

    def active_runs(self, dag_id: str) -> list[str]: ...


def pause(airflow: Airflow, names: Names) -> bool:
    """Pause the tenant's DAG and tell whether Airflow knows one.

    Raises:
        AirflowRefused, AirflowBusy: nobody knows whether new runs would start.
    """
    try:
        airflow.pause(names.dag_id)
    except AirflowRefused as error:
        if error.status != NOT_FOUND:
            raise
        return False
    return True


def running(
    airflow: Airflow, clients: Clients, names: Names, engine: Engine | None, pipelines: Sequence[str]
) -> list[str]:
    """Return a line for each run, cluster and pipeline of the tenant that is at work.

    Args:
        engine: the StreamSets engine; None where it cannot be asked from here.
        pipelines: ids of the tenant's pipelines on it.
    """
    return [
        *(f"run {run} of DAG {names.dag_id}" for run in _runs(airflow, names)),
        *(f"EMR cluster {item.arn.rpartition('/')[2]}" for item in clusters(clients, names)),
        *(f"StreamSets pipeline {pipeline}" for pipeline in (engine.active(pipelines) if engine else [])),
    ]


def _runs(airflow: Airflow, names: Names) -> Iterator[str]:
    try:
        yield from airflow.active_runs(names.dag_id)
    except AirflowRefused as error:
        if error.status != NOT_FOUND:
            raise


def wait(
    look: Callable[[], list[str]],
    stack: str,
    minutes: float,
    say: Callable[[str], None],
    go_on: Callable[[], None],
    poll_seconds: float = POLL_SECONDS,
) -> None:
    """Return when nothing is at work any more.

    Args:
        look: what is at work now.
        minutes: how long to wait; 0 looks once.
        say: told what is waited for whenever that changes.
        go_on: asked between two looks; raises when the waiting is to stop.

    Raises:
        StillRunning: something still is.
    """
    deadline = time.monotonic() + minutes * 60
    told: list[str] = []
    while found := look():
        if time.monotonic() >= deadline:
            raise StillRunning(
                f"{stack}: not drained, {len(found)} still at work: {', '.join(found)}",
                expected="no run, cluster or pipeline of the tenant at work; its DAG is paused, no new one starts",
                why="what is destroyed under a run leaves half of its results",
                fix="wait for them to end, or stop them, and run this again; --wait MINUTES waits here",
            )
        if found != told:
            say(f"waiting for {', '.join(found)}")
            told = found
        time.sleep(poll_seconds)
        go_on()
