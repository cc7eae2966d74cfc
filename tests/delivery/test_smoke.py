"""What a smoke run waits for, when it gives up, and what it tells; its Airflow is a table of what happens when."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dags import files
from delivery import smoke as module
from delivery.airflow_api import AirflowBusy, AirflowRefused
from delivery.released_dag import ReleasedDag, released_dags
from delivery.smoke import Limits, NoProbeDate, SmokeResult, SmokeRun, run_probes, smoke
from generator.model import Delivery
from generator.spec import load_environment

DAG = "annuity_daily"
SOURCE = "the DAG as released"
RELEASED = ReleasedDag(SOURCE, "f" * 64)
LIMITS = Limits(ready=100, run=1000, poll=10)
MISSING = AirflowRefused("GET /dagSources: refused (404)", 404, "not found")
BUSY = AirflowBusy("GET: not now", why="starting")


class Airflow:
    """Answers each question with the next of its answers, and with the last one from then on."""

    def __init__(self, **answers: list[Any]) -> None:
        usual: dict[str, list[Any]] = {
            "source": [SOURCE],
            "is_paused": [False],
            "trigger": [None],
            "run_state": ["success"],
            "task_states": [{"open_run": "success"}],
            "import_errors": [{}],
        }
        self._answers = {name: list(given) for name, given in {**usual, **answers}.items()}
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def ask(*arguments: Any) -> Any:
            self.asked.append((name, arguments))
            answers = self._answers[name]
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return ask

    @property
    def triggered(self) -> list[tuple[Any, ...]]:
        return [arguments for name, arguments in self.asked if name == "trigger"]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Time that passes by sleeping alone; the list holds the seconds."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


def probe(airflow: Airflow, released: ReleasedDag | None = RELEASED) -> tuple[SmokeRun, list[str]]:
    """Run one DAG's probe; return how it ended and what was told meanwhile."""
    told: list[str] = []
    result = run_probes(airflow, {DAG: released}, "2026-10-31", lambda _, text: told.append(text), LIMITS)  # type: ignore[arg-type]
    (run,) = result.runs
    assert result.ok is (run.state == "success")
    return run, told


def test_a_run_is_for_the_probe_date_and_under_a_name_of_its_own() -> None:
    airflow = Airflow()
    run, _ = probe(airflow)
    ((dag_id, run_id, conf),) = airflow.triggered
    assert (dag_id, run.state, run.run_id) == (DAG, "success", run_id)
    assert conf == {"as_of": "2026-10-31", "files": "f" * 64}, "each task is told with which files it must work"
    assert run_id.startswith("smoke__2026-10-31__")


def test_it_waits_until_airflow_shows_the_released_dag() -> None:
    airflow = Airflow(source=[MISSING, "an older DAG", SOURCE])
    run, told = probe(airflow)
    assert run.state == "success"
    assert told[:2] == [
        "Airflow has not taken the DAG from its bucket yet",
        "Airflow still shows the DAG of an earlier release",
    ]
    assert len(airflow.triggered) == 1


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([MISSING], "has not taken the DAG"),
        (["an older DAG"], "still shows the DAG of an earlier release"),
        ([BUSY], "does not answer: starting"),
    ],
)
def test_it_gives_up_after_a_while_and_says_on_what_it_waited(answers: list[Any], why: str, clock: list[float]) -> None:
    airflow = Airflow(source=answers)
    run, _ = probe(airflow)
    assert (run.state, run.run_id, airflow.triggered) == ("not started", "", [])
    assert why in run.why
    assert LIMITS.ready < clock[0] <= LIMITS.ready + 2 * LIMITS.poll


def test_a_file_that_cannot_be_imported_is_named() -> None:
    run, _ = probe(
        Airflow(source=[MISSING], import_errors=[{f"/dags/annuity/{DAG}.py": "SyntaxError", "other.py": ""}])
    )
    assert f"it cannot import /dags/annuity/{DAG}.py" in run.why


def test_without_a_release_any_version_will_do() -> None:
    airflow = Airflow(source=["whatever"])
    run, _ = probe(airflow, released=None)
    assert run.state == "success"
    assert airflow.triggered[0][2] == {"as_of": "2026-10-31"}


def test_a_machine_with_older_files_is_waited_for_and_told() -> None:
    waits, goes_on = {"open_run": "success", "publish": "up_for_reschedule"}, {"open_run": "success", "publish": "none"}
    airflow = Airflow(run_state=["running", "running", "success"], task_states=[waits, goes_on, goes_on])
    run, told = probe(airflow)
    assert run.state == "success"
    assert told[1:] == [
        "running, publish waits until its machine has the release's files",
        "running, 1 of 2 tasks done",
        "success",
    ]


def test_a_machine_that_never_takes_the_files_ends_the_wait_long_before_the_runs_own_limit(clock: list[float]) -> None:
    run, _ = probe(Airflow(run_state=["running"], task_states=[{"publish": "up_for_reschedule"}]))
    assert (run.state, run.why) == (
        "not ended",
        "after 100 s: running, publish waits until its machine has the release's files",
    )
    assert clock[0] < LIMITS.run / 2


def test_a_paused_dag_is_not_verified() -> None:
    airflow = Airflow(is_paused=[True])
    run, _ = probe(airflow)
    assert (run.state, airflow.triggered) == ("not started", [])
    assert "paused" in run.why


def test_progress_is_told_once_for_each_change() -> None:
    tasks = [{"a": "success", "b": "none"}, {"a": "success", "b": "none"}, {"a": "success", "b": "skipped"}]
    run, told = probe(Airflow(run_state=["queued", "running", "running", "running", "success"], task_states=tasks))
    assert run.state == "success"
    assert told[1:] == ["queued", "running, 1 of 2 tasks done", "running, 2 of 2 tasks done", "success"]


def test_a_failed_run_names_its_tasks_those_that_failed_themselves_first() -> None:
    tasks = [{"publish": "upstream_failed", "summary": "failed", "open_run": "success"}]
    run, _ = probe(Airflow(run_state=["failed"], task_states=tasks))
    assert (run.state, run.failed, run.why) == ("failed", ("summary", "publish"), "failed: summary, publish")


def test_no_answer_for_a_while_is_waited_out() -> None:
    run, told = probe(Airflow(trigger=[BUSY, None], run_state=[BUSY, "running", BUSY, "success"]))
    assert run.state == "success"
    assert "Airflow does not answer: starting" in told


def test_a_run_that_does_not_end_is_left_and_told(clock: list[float]) -> None:
    run, _ = probe(Airflow(run_state=["running"]))
    assert run.state == "not ended"
    assert "after 1000 s: running, 1 of 1 tasks done" in run.why
    assert clock[0] > LIMITS.run


def test_airflows_no_ends_one_probe_and_mwaas_no_all() -> None:
    run, _ = probe(Airflow(trigger=[AirflowRefused("POST: refused (400)", 400, "has import errors")]))
    assert (run.state, run.why) == ("not started", "POST: refused (400): has import errors")
    with pytest.raises(AirflowRefused, match="not allowed"):
        probe(Airflow(source=[AirflowRefused("GET: not allowed", 0, "AccessDenied")]))


def test_one_that_fails_leaves_the_others_to_their_end() -> None:
    airflow = Airflow(run_state=["failed", "success"])
    result = run_probes(airflow, {"one": None, "two": None}, "2026-10-31", lambda *_: None, LIMITS)  # type: ignore[arg-type]
    assert [run.state for run in result.runs] == ["failed", "success"]
    assert not result.ok


def test_no_run_proves_nothing() -> None:
    assert not SmokeResult(()).ok


def test_an_environment_without_a_probe_date_is_refused() -> None:
    spec = load_environment(Path(), "prod").model_copy(update={"delivery": Delivery()})
    with pytest.raises(NoProbeDate) as caught:
        smoke(spec, ["annuity"], {})
    assert caught.value.exit_code == 2


def test_the_environments_dags_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    airflow = Airflow()
    monkeypatch.setattr(module, "airflow_of", lambda spec, variables: airflow)
    delivery = Delivery(probe_date=date(2026, 10, 31))
    spec = load_environment(Path(), "prod").model_copy(update={"delivery": delivery})
    assert smoke(spec, ["fixed-annuity"], {}, released={"fixed-annuity": RELEASED}).ok
    assert airflow.triggered[0][0] == "fixed_annuity_daily"


def test_the_released_dag_is_the_rendered_file() -> None:
    found = released_dags(Path(), "prod", ["annuity"])
    assert 'dag_id="annuity_daily"' in found["annuity"].source


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A release's operators and one tenant's DAG folder, with what Python leaves there."""
    for folder in ("dags", "environments/prod/rendered/annuity/dag"):
        shutil.copytree(folder, tmp_path / folder)
    (tmp_path / "dags/__pycache__").mkdir(exist_ok=True)
    (tmp_path / "dags/__pycache__/emr.pyc").touch()
    return tmp_path


def test_the_digest_is_what_airflows_machines_compute(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "__file__", str(tree / "dags/files.py"))
    beside = files.dag_files(tree / "environments/prod/rendered/annuity/dag")
    assert released_dags(tree, "prod", ["annuity"])["annuity"].files == files.digest_of(
        [*files.runtime_files(), *beside]
    )


@pytest.mark.parametrize("changed", ["dags/emr.py", "warehouse/ddl.sql", "job_flow.json", "annuity_daily.py"])
def test_a_change_of_any_file_that_tasks_work_with_is_another_digest(tree: Path, changed: str) -> None:
    before = released_dags(tree, "prod", ["annuity"])["annuity"].files
    path = tree / changed if changed.startswith("dags/") else tree / "environments/prod/rendered/annuity/dag" / changed
    path.write_text(path.read_text() + "\n")
    assert released_dags(tree, "prod", ["annuity"])["annuity"].files != before
