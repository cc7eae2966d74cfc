"""Mutants of the rendered DAG: each argument, entry and edge left out in turn; each that matters is refused."""

from __future__ import annotations

import re

import pytest

from policies.artefacts.dag import Dag
from tests.policies.artefacts.test_dag_tricks import CONTEXT, PATH, TEXT, refusals

LINES = TEXT.splitlines(keepends=True)
PART = re.compile(r'\s+(?:\w+=.*[^\[{(]|"[\w-]+": .*|\w+ >> .*)\n')
SURVIVORS = {
    r"description=|doc_md=": "text for people",
    r"schedule=|start_date=": "when it runs is the tenant's to say",
    r'"retry_delay"': "Airflow has a default",
    r"execution_timeout=|retries=": "the default of default_args holds, which is judged",
    r"timeout_minutes=|max_hours=|code_version=|step_name=|publish_task=": "without it the DAG does not load",
    r'"\w+": f"s3://\S+-landing/': "then a source is not waited for, and opening the run fails",
    r'"\w+": f"s3://\S+-curated/': "then a dataset is not offered, and the authority refuses the incomplete set",
    r"deferrable=|waiter_": "how the teardown waits; its execution_timeout bounds it",
    r"step_conform >> (?:step_summary|join_steps)|step_valuation >> join_steps": "another path says the same",
}


def mutants() -> list[int]:
    return [number for number, line in enumerate(LINES) if PART.fullmatch(line)]


@pytest.mark.parametrize("number", mutants())
def test_each_part_that_matters_is_missed(number: int) -> None:
    text = "".join(LINES[:number] + LINES[number + 1 :])
    excused = [reason for pattern, reason in SURVIVORS.items() if re.match(rf"\s+(?:{pattern})", LINES[number])]
    assert refusals(text) or excused, f"line {number + 1} may be left out unnoticed: {LINES[number].strip()}"


def test_survivors_are_survivors() -> None:
    idle = []
    for pattern in SURVIVORS:
        places = [number for number in mutants() if re.match(rf"\s+(?:{pattern})", LINES[number])]
        if all(refusals("".join(LINES[:number] + LINES[number + 1 :])) for number in places):
            idle.append(pattern)
    assert idle == []


def test_flipped_switches_are_noticed() -> None:
    dag = Dag(PATH, TEXT, CONTEXT)
    assert dag.dag_arguments["catchup"] is False
    assert refusals(TEXT.replace("catchup=False", "catchup=True"))
    assert refusals(TEXT.replace("on_failure_fail_dagrun=True", "on_failure_fail_dagrun=False"))
    assert refusals(TEXT.replace("max_active_runs=1", "max_active_runs=0"))
    assert refusals(TEXT.replace('"retries": 0', '"retries": 2'))
    assert refusals(TEXT.replace('pool="emr"', 'pool="warehouse"', 1))
