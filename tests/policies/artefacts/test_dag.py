"""A rendered DAG as data: arguments, order, teardown, steps."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from policies.artefacts.dag import Dag, cluster_of
from policies.artefacts.python_values import Param
from policies.check import Context, Undecided

ROOT = Path(__file__).parents[3]
FOLDER = "environments/prod/rendered/annuity/dag"
CONTEXT = Context("prod", "annuity", dt.date(2026, 11, 23), True)
HEAD = """
from datetime import UTC, datetime, timedelta
from pathlib import Path
from airflow.sdk import DAG, Param
from dags.emr import CreateClusterOperator, RunStepOperator
HERE = Path(__file__).resolve().parent
AS_OF = "{{ ds }}"
"""


def dag(body: str, arguments: str = "") -> Dag:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return Dag(f"{FOLDER}/annuity_daily.py", f"{HEAD}with DAG({arguments}) as dag:\n{lines}\n", CONTEXT)


def tasks(*names: str) -> str:
    return "\n".join(f'{name} = RunStepOperator(task_id="{name}")' for name in names)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('"a"', "a"),
        ("1.5", 1.5),
        ("-3", -3),
        ("None", None),
        ("[1, (2, True)]", [1, (2, True)]),
        ('{"a": {"b": AS_OF}}', {"a": {"b": "{{ ds }}"}}),
        ('f"x/{AS_OF}/y"', "x/{{ ds }}/y"),
        ('str(HERE / "a" / "b.json")', f"{FOLDER}/a/b.json"),
        ("timedelta(minutes=2)", dt.timedelta(minutes=2)),
        ("datetime(2026, 1, 1, tzinfo=UTC)", dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
        ('Param(None, type="string")', Param(None, {"type": "string"})),
    ],
)
def test_literals_are_read(written: str, value: object) -> None:
    read = dag(f'step = RunStepOperator(task_id="step", given={written})')
    assert read.tasks["step"].arguments == {"task_id": "step", "given": value}


@pytest.mark.parametrize(
    "written",
    [
        "1 + 1",
        "[x for x in y]",
        "lambda: 1",
        "x",
        "b'x'",
        "1j",
        "...",
        'str("x")',
        "str(1)",
        "HERE.parent",
        "timedelta(10**10)",
        '{"a": 1, "a": 2}',
        "{1: 2}",
        "{**x}",
        "[*x]",
        'f"{1}"',
        'f"{AS_OF!r}"',
        "not True",
        'HERE / "/etc"',
        'HERE / "../x"',
        "print(1)",
        "x.y",
        "AS_OF[0]",
        "AS_OF.upper()",
        "(y := 1)",
        "1 if x else 2",
        "x or y",
        "datetime(1, 1)",
    ],
)
def test_everything_else_is_no_literal(written: str) -> None:
    read = dag(f'step = RunStepOperator(task_id="step", given={written})')
    assert read.form.problems
    with pytest.raises(Undecided, match="does what a DAG's form does not have"):
        _ = read.tasks


@pytest.mark.parametrize(
    ("order", "edges"),
    [
        ("a >> b", {("a", "b")}),
        ("a >> b >> c", {("a", "b"), ("b", "c")}),
        ("a >> [b, c] >> d", {("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")}),
        ("[a, b] >> c", {("a", "c"), ("b", "c")}),
    ],
)
def test_order(order: str, edges: set[tuple[str, str]]) -> None:
    read = dag(f"{tasks('a', 'b', 'c', 'd')}\n{order}")
    assert read.edges == edges
    assert read.after("a") == {after for _, after in edges if after != "a"}


@pytest.mark.parametrize(
    "order", ["[a] >> [b]", "a >> (b >> c)", "a << b", "a >> e", "a >> 'b'", "a >> [b, [c]]", "a + b"]
)
def test_every_other_order_is_a_problem(order: str) -> None:
    assert dag(f"{tasks('a', 'b', 'c')}\n{order}").form.problems


def test_circles_come_after_themselves() -> None:
    read = dag(f"{tasks('a', 'b')}\na >> b >> a")
    assert read.after("a") == read.before("a") == {"a", "b"}


def test_teardown() -> None:
    read = dag(
        'create = CreateClusterOperator(task_id="c")\n'
        'end = RunStepOperator(task_id="e").as_teardown(setups=[create], on_failure_fail_dagrun=True)'
    )
    end = read.tasks["e"]
    assert (end.is_teardown, end.teardown_of, end.on_failure_fail_dagrun) == (True, ("c",), True)
    assert read.edges == {("c", "e")}
    assert not read.tasks["c"].is_teardown


def test_the_rendered_dag() -> None:
    path = f"{FOLDER}/annuity_daily.py"
    read = Dag(path, (ROOT / path).read_text(encoding="utf-8"), CONTEXT)
    assert read.default_args["owner"] == "annuity-data@meridian.example"
    assert read.dag_arguments["dagrun_timeout"] == dt.timedelta(minutes=150)
    assert [step.task_id for step in read.steps] == ["conform", "valuation", "summary"]
    conform = read.steps[0]
    assert conform.arguments[:3] == ["spark-submit", "--deploy-mode", "cluster"]
    assert "{{ params.as_of or ds }}" in conform.arguments
    assert conform.execution_role_arn.endswith("/meridian-prod-annuity-job-conform")
    assert read.text.splitlines()[conform.line - 1].strip() == "step_conform = RunStepOperator("
    assert read.tasks["terminate_cluster"].arguments["job_flow_id"] == cluster_of("create_cluster")
    assert read.tasks["create_cluster"].module == "dags.emr"
    assert "terminate_cluster" in read.after("conform")


@pytest.mark.parametrize("step", ['arguments="x"', "arguments=[1]", "", "arguments=[], execution_role_arn=1"])
def test_steps_that_say_nothing_readable_are_undecided(step: str) -> None:
    with pytest.raises(Undecided):
        _ = dag(f'step = RunStepOperator(task_id="step", {step})').steps


def test_default_args_that_are_no_dictionary_are_undecided() -> None:
    with pytest.raises(Undecided, match="default_args"):
        _ = dag(tasks("a"), "default_args=[]").default_args


OTHER_CODE = sorted(
    path for folder in ("dags", "spark_jobs", "generator", "sluice") for path in (ROOT / folder).rglob("*.py")
)


def test_no_other_code_has_the_form_of_a_dag() -> None:
    """Whatever Python is put into a DAG's place, it is refused, the platform's own operators among it."""
    read = [Dag(FOLDER, path.read_text(encoding="utf-8"), CONTEXT) for path in OTHER_CODE]
    assert len(read) > 100
    assert [path.name for path, one in zip(OTHER_CODE, read, strict=True) if not one.form.problems] == []
