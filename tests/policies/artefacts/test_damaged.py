"""Damaged and hostile artefacts: each check finds something or has no verdict; none fails in another way."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.artefacts.base import Artefact
from policies.artefacts.code import DagRuntime, SparkJob
from policies.artefacts.dag import Dag
from policies.artefacts.documents import Pipeline
from policies.artefacts.jenkinsfile import Jenkinsfile
from policies.artefacts.secrets import TextFile
from policies.check import ArtefactCheck, Context, NotApplicable, Undecided
from tests.policies import case_files

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "environments/prod/rendered/annuity/dag"
CONTEXT = Context("prod", "annuity", date(2026, 11, 23), True, "meridian", "222222222222", "us-east-1", ("annuity",))
CHECKS = [check for check in case_files.check_modules().values() if isinstance(check, ArtefactCheck)]
DAG = (FOLDER / "annuity_daily.py").read_text(encoding="utf-8")
PIPELINE = json.loads((FOLDER / "ingest/policies.json").read_text(encoding="utf-8"))
JOB = (ROOT / "spark_jobs/annuity/conform/transform.py").read_text(encoding="utf-8")
JENKINSFILE = case_files.load("jenkins/jenkinsfile_is_declarative").of("passing")[0].content["text"]
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.just([]), st.just({}), st.just([1]), st.just([{}])
)


def judge(artefact: Artefact) -> int:
    """Return how much is found; no verdict counts as a finding."""
    found = 0
    for check in (check for check in CHECKS if check.artefact == artefact.kind):
        try:
            found += len(list(check.judge(artefact)))
        except Undecided:
            found += 1
        except NotApplicable:
            continue
    return found


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, item in items for place in ((*path, key), *leaves(item, (*path, key)))]


PLACES = leaves(PIPELINE)


@given(st.sampled_from(PLACES), VALUES)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_pipelines(place: tuple[Any, ...], value: object) -> None:
    document = json.loads(json.dumps(PIPELINE))
    node = document
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = value
    judge(Pipeline("x/ingest/policies.json", json.dumps(document), CONTEXT))


LINES = DAG.splitlines(keepends=True)


@given(st.integers(0, len(LINES) - 1), st.integers(0, len(LINES) - 1), st.booleans())
@settings(max_examples=80, deadline=None)
def test_dags_with_lines_moved(take: int, put: int, keep: bool) -> None:
    lines = list(LINES)
    line = lines[take] if keep else lines.pop(take)
    lines.insert(put, line)
    judge(Dag("x/dag/annuity_daily.py", "".join(lines), CONTEXT))


@given(st.sampled_from(["[]", "{}", "None", "1", '"x"', "[[]]", '{"a": []}', "True", "timedelta(1)"]), st.data())
@settings(max_examples=80, deadline=None)
def test_dags_with_other_values(value: str, data: st.DataObject) -> None:
    assignments = [number for number, line in enumerate(LINES) if "=" in line and line.rstrip().endswith(",")]
    number = data.draw(st.sampled_from(assignments))
    lines = list(LINES)
    lines[number] = f"{lines[number].partition('=')[0]}={value},\n"
    judge(Dag("x/dag/annuity_daily.py", "".join(lines), CONTEXT))


@given(st.integers(0, len(JENKINSFILE)), st.integers(0, 30), st.text("{}()[],:='\"$/ \n;ax1", max_size=6))
@settings(max_examples=120, deadline=None)
def test_jenkinsfiles(at: int, length: int, put: str) -> None:
    judge(Jenkinsfile("Jenkinsfile", JENKINSFILE[:at] + put + JENKINSFILE[at + length :], CONTEXT))


@given(st.integers(0, len(JOB)), st.integers(0, 30), st.text("(){}[].,:='\"f_ \n@*x1", max_size=6))
@settings(max_examples=80, deadline=None)
def test_jobs(at: int, length: int, put: str) -> None:
    text = JOB[:at] + put + JOB[at + length :]
    judge(SparkJob("spark_jobs/annuity/x.py", text, CONTEXT))
    judge(DagRuntime("dags/x.py", text, CONTEXT))


@given(st.text(max_size=400))
@settings(max_examples=80, deadline=None)
def test_any_text(text: str) -> None:
    for kind in (TextFile, Jenkinsfile, Dag, SparkJob, DagRuntime, Pipeline):
        found = judge(kind("x/y", text, CONTEXT))
        assert found or kind not in (Jenkinsfile, Dag, Pipeline), "what says nothing sensible passes"
