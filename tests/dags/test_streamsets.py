"""One run of a pipeline per set of parameters, whatever happens on the way."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, TaskDeferred

from dags.streamsets import StreamSetsOperator
from dags.streamsets_hook import EngineError, EngineUnreachable, StreamSetsHook
from tests.dags.conftest import run_task
from tests.dags.fake_engine import Engine

OURS = {"AS_OF": "2026-10-31", "ATTEMPT": "a-1"}
OTHERS = {"AS_OF": "2026-10-30", "ATTEMPT": "a-0"}
COUNTS = {"input": 5, "output": 5, "error": 0}


@pytest.fixture
def task(tmp_path: Path, engine: Engine) -> StreamSetsOperator:
    path = tmp_path / "policies.json"
    path.write_text(json.dumps({"pipelineConfig": {"metadata": {"sluice.sha256": "d1"}}}))
    return StreamSetsOperator(
        task_id="ingest_policies", pipeline_id="annuity_policies", pipeline_path=str(path), parameters=dict(OURS),
        timeout_minutes=0.05,
    )  # fmt: skip


def test_imports_runs_and_counts(task: StreamSetsOperator, engine: Engine) -> None:
    assert run_task(task) == COUNTS
    assert engine.calls == ["import", "resetOffset", "start"]


def test_imports_only_another_definition(task: StreamSetsOperator, engine: Engine) -> None:
    engine.hold("d1")
    run_task(task)
    assert "import" not in engine.calls
    task.parameters = {**OURS, "ATTEMPT": "a-2"}
    engine.definition = {"metadata": {"sluice.sha256": "older"}}
    run_task(task)
    assert engine.calls.count("import") == 1


def test_an_old_finished_is_not_ours(task: StreamSetsOperator, engine: Engine) -> None:
    engine.hold()
    engine.enter("FINISHED", OTHERS)
    engine.script = ["RUN_ERROR"]
    engine.message = "S3_21 - no such bucket"
    with pytest.raises(AirflowException, match="RUN_ERROR: S3_21 - no such bucket"):
        run_task(task)


def test_a_state_older_than_the_start_is_waited_out(task: StreamSetsOperator, engine: Engine) -> None:
    """An engine that answers with the earlier run's state for a while must not end the wait."""
    engine.hold()
    stale = engine.enter("FINISHED", OURS | {"ATTEMPT": "old"})
    with pytest.raises(TaskDeferred) as deferred:
        task.execute({})
    engine.states.append(stale)
    engine.steps = []
    trigger: Any = deferred.value.trigger
    assert asyncio.run(trigger.look()) is None


def test_adopts_the_active_run_of_an_earlier_try(task: StreamSetsOperator, engine: Engine) -> None:
    engine.hold()
    engine.enter("RUNNING", OURS)
    engine.steps = ["RUNNING", "FINISHED"]
    assert run_task(task) == COUNTS
    assert engine.calls == []


def test_adopts_the_finished_run_of_an_earlier_try(task: StreamSetsOperator, engine: Engine) -> None:
    engine.hold()
    engine.enter("FINISHED", OURS)
    engine.enter("FINISHED", OTHERS)
    assert run_task(task) == COUNTS
    assert engine.calls == [], "a second run would write every record twice"


def test_waits_for_its_turn(task: StreamSetsOperator, engine: Engine) -> None:
    engine.hold()
    engine.enter("RUNNING", OTHERS)
    engine.steps = ["RUNNING", "RUNNING", "FINISHED"]
    assert run_task(task) == COUNTS
    assert [state["attributes"]["RUNTIME_PARAMETERS"] for state in engine.states if state["status"] == "FINISHED"] == [
        OTHERS,
        OURS,
    ]


def test_someone_else_starts_first(task: StreamSetsOperator, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.hold()
    reset = StreamSetsHook.reset_offset

    def lose_the_race(hook: StreamSetsHook, pipeline_id: str) -> None:
        reset(hook, pipeline_id)
        if engine.calls.count("resetOffset") == 1:
            engine.enter("RUNNING", OTHERS)
            engine.steps = ["FINISHED"]

    monkeypatch.setattr(StreamSetsHook, "reset_offset", lose_the_race)
    assert run_task(task) == COUNTS
    assert engine.calls == ["import", "resetOffset", "start", "resetOffset", "start"][1:]


@pytest.mark.parametrize("state", ["RETRY", "DISCONNECTING", "DISCONNECTED", "CONNECTING", "RUNNING_ERROR"])
def test_a_restarting_engine_is_waited_for(task: StreamSetsOperator, engine: Engine, state: str) -> None:
    engine.script = ["RUNNING", state, state, "RUNNING", "FINISHED"]
    assert run_task(task) == COUNTS
    assert engine.calls.count("start") == 1


@pytest.mark.parametrize("state", ["RUN_ERROR", "STOPPED", "KILLED", "START_ERROR", "CONNECT_ERROR", "STOP_ERROR"])
def test_only_finished_is_success(task: StreamSetsOperator, engine: Engine, state: str) -> None:
    engine.script, engine.counts = [state], dict.fromkeys(engine.counts, 0)
    engine.message = "the engine's words"
    with pytest.raises(
        AirflowException, match=f"'annuity_policies' ended as {state}: the engine's words\n  fix: "
    ) as error:
        run_task(task)
    assert not isinstance(error.value, AirflowFailException), "nothing was written: a retry is right"
    engine.script, engine.counts = ["FINISHED"], {name: 5 for name in engine.counts} | {"batchErrorRecords": 0}
    assert run_task(task) == COUNTS


def test_a_run_that_wrote_and_failed_is_not_repeated(task: StreamSetsOperator, engine: Engine) -> None:
    engine.script, engine.message = ["RUN_ERROR"], "S3_21 - Slow Down"
    for _ in range(2):
        with pytest.raises(AirflowFailException, match="clear open_run and everything after it"):
            run_task(task)
    assert engine.calls.count("start") == 1


@pytest.mark.parametrize("after", [0, 1, 4, 6])
def test_a_short_outage_is_tolerated(
    task: StreamSetsOperator, engine: Engine, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    asked, answer = 0, engine.answer

    def down_for_a_while(method: str, path: str, body: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked == after + 1:
            engine.outages = 3
        return answer(method, path, body)

    monkeypatch.setattr(engine, "answer", down_for_a_while)
    assert run_task(task) == COUNTS
    assert engine.calls.count("start") == 1


def test_a_long_outage_fails_and_says_so(task: StreamSetsOperator, engine: Engine) -> None:
    engine.outages = 10_000
    with pytest.raises(AirflowException, match=r"does not answer GET .*HTTP 503\n  why:      no answer for 0 s"):
        run_task(task)


def test_refused_connections_are_an_outage(task: StreamSetsOperator, engine: Engine) -> None:
    engine.close()
    with pytest.raises(EngineUnreachable):
        task.hook.status("annuity_policies")
    with pytest.raises(EngineUnreachable):
        asyncio.run(task.hook.async_status("annuity_policies"))


def test_too_slow_is_a_timeout(task: StreamSetsOperator, engine: Engine) -> None:
    task.timeout_minutes = 0.001
    engine.script = ["RUNNING"]
    with pytest.raises(AirflowException, match=r"not done after 0\.001 minutes"):
        run_task(task)


def test_wrong_credentials_are_no_outage(
    task: StreamSetsOperator, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = {"conn_type": "http", "host": engine.url, "login": "admin", "password": "wrong"}
    monkeypatch.setenv("AIRFLOW_CONN_STREAMSETS", json.dumps(connection))
    with pytest.raises(EngineError, match="HTTP 401") as error:
        run_task(task)
    assert not isinstance(error.value, EngineUnreachable)
    assert "wrong" not in str(error.value)


def test_killing_stops_only_our_run(task: StreamSetsOperator, engine: Engine) -> None:
    engine.hold()
    engine.enter("RUNNING", OTHERS)
    task.on_kill()
    assert engine.calls == []
    engine.enter("RUNNING", OURS)
    task.on_kill()
    assert engine.calls == ["stop"]


def test_killing_while_deferred_stops_the_run(task: StreamSetsOperator, engine: Engine) -> None:
    engine.hold()
    engine.script = ["RUNNING"]
    with pytest.raises(TaskDeferred) as deferred:
        task.execute({})
    trigger: Any = deferred.value.trigger
    asyncio.run(trigger.on_kill())
    assert engine.states[-1]["status"] == "STOPPED"
