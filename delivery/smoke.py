"""Proof that a deployed release works: tenants' DAGs run for the probe date, in the environment's own Airflow.

A run does the whole work where the date was not published yet, and finds it done where it was. Airflow's machines take
new files from their bucket each in its own time. So a run starts only once Airflow shows the very DAG of the release,
and names the files that it is about: each of its tasks waits on its machine until those are there (dags/release.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from delivery.airflow_api import NOT_FOUND, AirflowApi, AirflowBusy, AirflowRefused, airflow_of
from delivery.errors import DeliveryError
from delivery.released_dag import ReleasedDag
from generator.model import EnvironmentSpec
from generator.names import Names

ENDED = ("success", "failed")
BROKEN_TASKS = ("failed", "upstream_failed")
WAITS = "up_for_reschedule"
"""State of a task that starts again, for its machine has other files than the release's. Nothing else of ours does."""

Listener = Callable[[str, str], None]
"""Called with a DAG's id and what happens to it, whenever that changes."""


class NoProbeDate(DeliveryError):
    """An environment declares no date to run its pipelines for, so nothing can be verified."""

    exit_code = 2


@dataclass(frozen=True)
class Limits:
    """How long a smoke run waits, in seconds.

    Attributes:
        ready: for Airflow, and then for each machine of a run, to take files from the bucket; MWAA's look there about
            every half minute.
        run: for a run to end; Airflow itself ends one after the DAG's own limit.
        poll: between two looks.
    """

    ready: float = 900
    run: float = 4 * 3600
    poll: float = 5


@dataclass(frozen=True)
class SmokeRun:
    """How one tenant's run ended.

    Attributes:
        state: success or failed as Airflow says; `not started` or `not ended` where a limit was reached.
        failed: tasks that failed, first those that failed themselves.
        why: one line; empty after a success.
    """

    dag_id: str
    run_id: str
    state: str
    failed: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class SmokeResult:
    """What a smoke run has shown; it is `ok` when there was a run and every one succeeded."""

    runs: tuple[SmokeRun, ...]

    @property
    def ok(self) -> bool:
        return bool(self.runs) and all(run.state == "success" for run in self.runs)


def smoke(
    spec: EnvironmentSpec,
    tenants: Sequence[str],
    variables: Mapping[str, str],
    listener: Listener = lambda dag_id, text: None,
    *,
    released: Mapping[str, ReleasedDag] | None = None,
    limits: Limits | None = None,
) -> SmokeResult:
    """Run the DAGs of `tenants` for the environment's probe date and wait for all of them.

    Args:
        released: {tenant: its DAG as it was released}, with which the run must work. Of a tenant that is not named, any
            version will do.

    Raises:
        NoProbeDate: see there.
        AirflowRefused: Airflow may not be asked, or there is none.
    """
    if spec.delivery.probe_date is None:
        raise NoProbeDate(
            f"{spec.environment}: declares no probe date, so nothing can be verified",
            fix=f"set delivery.probe_date in environments/{spec.environment}/environment.yaml",
        )
    return run_probes(
        airflow_of(spec, variables),
        {Names(spec, tenant).dag_id: (released or {}).get(tenant) for tenant in tenants},
        spec.delivery.probe_date.isoformat(),
        listener,
        limits or Limits(),
    )


def run_probes(
    airflow: AirflowApi, dags: Mapping[str, ReleasedDag | None], as_of: str, listener: Listener, limits: Limits
) -> SmokeResult:
    """Start the run of each DAG as soon as it is ready, all side by side, and return how they ended.

    Args:
        dags: {DAG id: as it was released; None for any version}.
        as_of: business date, ISO 8601.
    """
    begun = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    probes = [Probe(airflow, dag_id, dag, f"smoke__{as_of}__{begun}", as_of) for dag_id, dag in dags.items()]
    said: dict[str, str] = {}
    while waiting := [probe for probe in probes if probe.result is None]:
        for probe in waiting:
            text = probe.step(limits)
            if said.get(probe.dag_id) != text:
                listener(probe.dag_id, text)
                said[probe.dag_id] = text
        if any(probe.result is None for probe in waiting):
            time.sleep(limits.poll)
    return SmokeResult(tuple(probe.result for probe in probes if probe.result is not None))


class Probe:
    """One DAG's run, looked after step by step.

    Attributes:
        result: None until it is known.
    """

    def __init__(self, airflow: AirflowApi, dag_id: str, dag: ReleasedDag | None, run_id: str, as_of: str) -> None:
        self._airflow, self.dag_id, self._dag, self._run_id, self._as_of = airflow, dag_id, dag, run_id, as_of
        self._since = time.monotonic()
        self._waits_since: float | None = None
        self._started = False
        self.result: SmokeRun | None = None

    def step(self, limits: Limits) -> str:
        """Look once, do what can be done now, and return what happens in one line.

        Raises:
            AirflowRefused: by MWAA, which would say the same of every DAG.
        """
        try:
            text = self._watch() if self._started else self._start()
        except AirflowBusy as error:
            text = f"Airflow does not answer: {error.why or error.what}"
        except AirflowRefused as error:
            if not error.status:
                raise
            return self._end("not ended" if self._started else "not started", f"{error.what}: {error.said}")
        if self.result is None and (limit := self._passed(limits)):
            return self._end("not ended" if self._started else "not started", f"after {limit:.0f} s: {text}")
        return text

    def _passed(self, limits: Limits) -> float:
        """Return the limit that has passed, in seconds; 0 while none has."""
        now = time.monotonic()
        if self._waits_since is not None and now - self._waits_since > limits.ready:
            return limits.ready
        limit = limits.run if self._started else limits.ready
        return limit if now - self._since > limit else 0

    def _start(self) -> str:
        reason = self._not_ready()
        if reason:
            return reason
        if self._airflow.is_paused(self.dag_id):
            return self._end("not started", "the DAG is paused, so that Airflow would never run it")
        conf = {"as_of": self._as_of} | ({"files": self._dag.files} if self._dag else {})
        self._airflow.trigger(self.dag_id, self._run_id, conf)
        self._started, self._since = True, time.monotonic()
        return f"run {self._run_id} is asked for"

    def _not_ready(self) -> str:
        """Return what Airflow does not have yet; empty when it shows the DAG that is to run."""
        try:
            shown = self._airflow.source(self.dag_id)
            reason = "Airflow still shows the DAG of an earlier release"
        except AirflowRefused as error:
            if error.status != NOT_FOUND:
                raise
            shown, reason = None, "Airflow has not taken the DAG from its bucket yet"
        if shown is not None and (self._dag is None or self._dag.source == shown):
            return ""
        broken = [path for path in self._airflow.import_errors() if Path(path).stem == self.dag_id]
        return f"{reason}: it cannot import {broken[0]}" if broken else reason

    def _watch(self) -> str:
        state = self._airflow.run_state(self.dag_id, self._run_id)
        if state == "queued":
            return "queued"
        tasks = self._airflow.task_states(self.dag_id, self._run_id)
        if state not in ENDED:
            if waiting := sorted(task for task, found in tasks.items() if found == WAITS):
                self._waits_since = self._waits_since or time.monotonic()
                return f"{state}, {waiting[0]} waits until its machine has the release's files"
            self._waits_since = None
            done = sum(1 for task in tasks.values() if task in ("success", "skipped"))
            return f"{state}, {done} of {len(tasks)} tasks done"
        failed = [task for broken in BROKEN_TASKS for task, found in sorted(tasks.items()) if found == broken]
        return self._end(state, "" if state == "success" else f"failed: {', '.join(failed) or 'the run'}", failed)

    def _end(self, state: str, why: str, failed: Sequence[str] = ()) -> str:
        self.result = SmokeRun(self.dag_id, self._run_id if self._started else "", state, tuple(failed), why)
        return why or state
