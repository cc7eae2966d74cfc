"""Airflow on a laptop: settings and one run."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.airflow.local import AirflowFailedError, LocalAirflow

PYTHON = Path(__file__).parents[3] / ".venv" / "airflow" / "bin" / "python"
DAG = """
from datetime import UTC, datetime
from airflow.sdk import DAG, BaseOperator

class Say(BaseOperator):
    def execute(self, context):
        if context["params"]["as_of"] == "2026-01-31":
            raise ValueError("nothing was delivered")
        return context["params"]["as_of"]

with DAG(dag_id="said", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC), params={"as_of": None}):
    Say(task_id="say")
"""


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> LocalAirflow:
    made = LocalAirflow(tmp_path_factory.mktemp("airflow"), PYTHON, {})
    made.prepare()
    (made.dags / "said.py").write_text(DAG)
    return made


def test_what_lies_in_the_dag_folder_can_be_imported_and_airflow_finds_its_own_command(tmp_path: Path) -> None:
    settings = LocalAirflow(tmp_path, PYTHON, {"AWS_ACCESS_KEY_ID": "k"}).settings
    assert settings["PYTHONPATH"] == str(tmp_path / "dags")
    assert settings["PATH"].split(":")[0] == str(PYTHON.parent)
    assert settings["AWS_ACCESS_KEY_ID"] == "k"


@pytest.mark.airflow
def test_a_run_tells_each_tasks_state_and_a_failed_one_its_message(local: LocalAirflow) -> None:
    told: list[tuple[str, str]] = []
    run = local.run(
        "said", "2026-02-28", listener=lambda event: told.append((event.get("task", ""), str(event.get("state"))))
    )
    assert run.is_successful
    assert ("say", "success") in told
    failed = local.run("said", "2026-02-28", {"as_of": "2026-01-31"})
    assert failed.state == "failed"
    assert failed.errors == {"say": "nothing was delivered"}
    page = local.home / f"logs/dag_id=said/run_id={failed.run_id}/task_id=say/attempt=1.log"
    assert "nothing was delivered" in page.read_text(), "what Airflow's page shows of the task"
    with closing(sqlite3.connect(local.home / "airflow.db")) as records:
        runs = records.execute("SELECT run_id, date(logical_date), date(start_date) FROM dag_run").fetchall()
    today = str(datetime.now(UTC).date())
    kept = {(run.run_id, "2026-02-28", today), (failed.run_id, "2026-02-28", today)}
    assert set(runs) == kept, "a run of the same date took the place of an earlier one"


@pytest.mark.airflow
def test_a_dag_that_is_not_there_is_named(local: LocalAirflow) -> None:
    with pytest.raises(AirflowFailedError, match="no DAG 'sayd' among"):
        local.run("sayd", "2026-02-28")
