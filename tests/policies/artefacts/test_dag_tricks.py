"""Tricks by which a DAG would run Python, a shell, JDBC or a copy: each is refused, and none is executed."""

from __future__ import annotations

import importlib
from datetime import date
from pathlib import Path

import pytest

from policies.artefacts.dag import Dag
from policies.check import ArtefactCheck, Undecided
from policies.context import Context

ROOT = Path(__file__).parents[3]
PATH = "environments/prod/rendered/annuity/dag/annuity_daily.py"
TEXT = (ROOT / PATH).read_text(encoding="utf-8")
CONTEXT = Context(
    "prod", "annuity", date(2026, 11, 23), True, "meridian", "222222222222", "us-east-1", ("annuity", "claims")
)
FOLDER = ROOT / "policies/checks/airflow"
MODULES = [importlib.import_module(f"policies.checks.airflow.{path.stem}") for path in sorted(FOLDER.glob("*.py"))]
CHECKS: list[ArtefactCheck] = [
    module.check for module in MODULES if getattr(getattr(module, "check", None), "artefact", "") == "dag"
]

IMPORTS = "HERE = Path("
END = "    wait_for_sources >> open_run\n"
PUBLISH = '        task_id="publish",\n'
STEP = '        step_name=f"conform/{ATTEMPT}",\n'
DAG_CLASS = "from airflow.sdk import DAG, Param\n"


def before(mark: str, added: str) -> tuple[str, str]:
    return mark, added + mark


def after(mark: str, added: str) -> tuple[str, str]:
    return mark, mark + added


TRICKS: dict[str, tuple[tuple[str, str], str]] = {
    # Python work
    "python_operator": (
        before(IMPORTS, "from airflow.providers.standard.operators.python import PythonOperator\n"),
        "imports airflow.providers.standard.operators.python.PythonOperator",
    ),
    "task_decorator": (
        before(END, '    @task\n    def copy():\n        open("MARKER", "w")\n'),
        "'FunctionDef' is not part",
    ),
    "a_class_at_the_top": (
        before(IMPORTS, 'class Copy(CreateClusterOperator):\n    open("MARKER", "w")\n'),
        "'ClassDef'",
    ),
    "a_class_in_the_dag": (before(END, "    class Copy(CreateClusterOperator):\n        pass\n"), "'ClassDef'"),
    "a_lambda": (after(PUBLISH, "        attempt_of=lambda: 1,\n"), "is not a literal"),
    "a_callback": (
        after(PUBLISH, '        on_success_callback="dags.evil.go",\n'),
        "'on_success_callback'",
    ),
    "pre_execute": (after(PUBLISH, '        pre_execute="x",\n'), "'pre_execute'"),
    "an_executors_pod": (after(PUBLISH, '        executor_config={"image": "evil"},\n'), "'executor_config'"),
    "a_comprehension": (after(PUBLISH, '        xs=[open("MARKER", "w") for x in "a"],\n'), "is not a literal"),
    "a_condition": (before(END, '    if True:\n        open("MARKER", "w")\n'), "'If' is not part"),
    "a_loop": (before(END, '    for x in [1]:\n        open("MARKER", "w")\n'), "'For' is not part"),
    "a_try": (before(IMPORTS, 'try:\n    open("MARKER", "w")\nfinally:\n    pass\n'), "'Try' is not part"),
    "an_assertion": (before(END, '    assert open("MARKER", "w")\n'), "'Assert' is not part"),
    "a_call_on_its_own": (before(END, "    exec(\"open('MARKER', 'w')\")\n"), "'Expr' is not part"),
    "a_walrus": (after(PUBLISH, '        xs=(y := open("MARKER", "w")),\n'), "is not a literal"),
    "a_default_of_a_constant": (before(IMPORTS, 'X = open("MARKER", "w")\n'), "makes no literal"),
    "a_conditional_value": (after(PUBLISH, '        xs=1 if open("MARKER", "w") else 2,\n'), "is not a literal"),
    "a_starred_list": (after(PUBLISH, "        xs=[*TAGS],\n"), "is not a literal"),
    "a_spread_dictionary": (after(PUBLISH, "        **dict(python_callable=print),\n"), "spreads a dictionary"),
    "a_dictionary_in_a_dictionary": (after(PUBLISH, "        xs={**globals()},\n"), "a dictionary has a key"),
    "an_f_string_that_calls": (after(PUBLISH, "        xs=f\"{open('MARKER', 'w')}\",\n"), "makes no literal"),
    "an_f_string_that_formats": (after(PUBLISH, '        xs=f"{ATTEMPT!r:>{AS_OF}}",\n'), "converts or formats"),
    "a_positional_argument": ((PUBLISH, '        print,\n        task_id="publish",\n'), "positional argument"),
    # names that are not what they seem
    "renamed_import": (
        (DAG_CLASS, DAG_CLASS + "from dags.authority import PublishOperator as Publish\n"),
        "is relative, renamed, a star or a second one",
    ),
    "star_import": (before(IMPORTS, "from os import *\n"), "is relative, renamed, a star or a second one"),
    "relative_import": (before(IMPORTS, "from .evil import PublishOperator\n"), "is relative, renamed, a star"),
    "plain_import": (before(IMPORTS, "import subprocess\n"), "'Import' is not part"),
    "import_in_the_dag": (before(END, "    from subprocess import run\n"), "'ImportFrom' is not part"),
    "import_that_hides_another": (
        before(IMPORTS, "from airflow.providers.ssh.operators.ssh import PublishOperator\n"),
        "is relative, renamed, a star or a second one",
    ),
    "an_operator_of_another_module": (
        (
            "from dags.authority import OpenRunOperator, PublishOperator\n",
            "from evil import OpenRunOperator, PublishOperator\n",
        ),
        "imports evil.PublishOperator",
    ),
    "another_dag_class": ((DAG_CLASS, "from evil import DAG, Param\n"), "'DAG' is not airflow.sdk.DAG"),
    "a_class_assigned": (before(IMPORTS, "PublishOperator = eval\n"), "binds no single new name"),
    "a_builtin_hidden": (before(IMPORTS, 'str = "x"\n'), "binds no single new name"),
    "dunder_file_hidden": (before(IMPORTS, '__file__ = "/tmp/x.py"\n'), "binds no single new name"),
    "a_constant_assigned_twice": (before("with DAG(\n", 'CLUSTER = "j-OTHER"\n'), "binds no single new name"),
    "a_constant_after_the_dag": (
        after("    load_warehouse >> refresh_reports >> grant_readers\n", "X = 1\n"),
        "is assigned after the DAG",
    ),
    "two_names_at_once": (before(IMPORTS, "A, B = 1, 2\n"), "binds no single new name"),
    "an_attribute_assigned": (before(END, '    dag.doc_md = "x"\n'), "binds no single new name"),
    "an_item_assigned": (before(END, '    globals()["x"] = 1\n'), "binds no single new name"),
    "added_to": (before(IMPORTS, "AS_OF += evil()\n"), "'AugAssign' is not part"),
    "annotated": (before(IMPORTS, 'X: open("MARKER", "w") = 1\n'), "'AnnAssign' is not part"),
    "deleted": (before(IMPORTS, "del AS_OF\n"), "'Delete' is not part"),
    "getattr_of_a_module": (
        before(END, '    x = getattr(publish, "execute")(task_id="x")\n'),
        "is not made by an operator",
    ),
    "an_operator_from_a_list": (
        before(END, '    x = [PublishOperator][0](task_id="x")\n'),
        "is not made by an operator",
    ),
    "an_operator_that_is_not_imported": (before(END, '    x = BashOperator(task_id="x")\n'), "which is not imported"),
    "importlib": (before(END, '    x = __import__("os").system("id")\n'), "is not made by an operator"),
    "partial_and_expand": (
        before(END, '    x = PublishOperator.partial(task_id="x").expand(attempt=["a"])\n'),
        "is not made by an operator",
    ),
    "a_method_behind_a_task": (
        before(END, '    x = PublishOperator(task_id="x").execute({})\n'),
        "is not made by an operator",
    ),
    "a_computed_task_id": (('task_id="publish"', 'task_id="pub" + chr(108)'), "is not a literal"),
    "a_task_id_twice": (('task_id="point_catalog"', 'task_id="publish"'), "no task_id of its own"),
    # shells, databases, copies
    "bash_operator": (
        before(IMPORTS, "from airflow.providers.standard.operators.bash import BashOperator\n"),
        "imports airflow.providers.standard.operators.bash.BashOperator",
    ),
    "sql_operator": (
        before(IMPORTS, "from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator\n"),
        "imports airflow.providers.common.sql",
    ),
    "s3_copy_operator": (
        before(IMPORTS, "from airflow.providers.amazon.aws.operators.s3 import S3CopyObjectOperator\n"),
        "imports airflow.providers.amazon.aws.operators.s3.S3CopyObjectOperator",
    ),
    "a_hook": (before(IMPORTS, "from dags.emr import EmrHook\n"), "imports dags.emr.EmrHook"),
    "trigger_of_another_dag": (
        before(IMPORTS, "from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator\n"),
        "imports airflow.providers.standard.operators.trigger_dagrun",
    ),
    "another_connection": (after(PUBLISH, '        authority_conn_id="superuser",\n'), "'authority_conn_id'"),
    "a_jdbc_address": ((STEP, '        step_name="jdbc:redshift://warehouse:5439/dev",\n'), "redshift://warehouse"),
    "another_tenants_bucket": (
        ("meridian-prod-annuity-raw/policies", "meridian-prod-claims-raw/policies"),
        "is not annuity's",
    ),
    "a_role_of_another_tenant": (
        (
            "role/tenant/annuity/meridian-prod-annuity-job-conform",
            "role/tenant/claims/meridian-prod-claims-job-conform",
        ),
        "execution_role_arn is not",
    ),
    "a_path_out_of_the_folder": (
        ('HERE / "job_flow.json"', 'HERE / "../../../../other/job_flow.json"'),
        "leaves the DAG's folder",
    ),
    "a_path_by_literal": (('str(HERE / "job_flow.json")', '"/usr/local/airflow/evil.json"'), "job_flow_path is not"),
    # templates
    "a_template_that_reads_a_password": (
        (STEP, '        step_name="{{ conn.authority.password }}",\n'),
        "no known template",
    ),
    "a_template_that_calls": ((STEP, '        step_name="{{ macros.os.system(1) }}",\n'), "no known template"),
    # whole DAGs
    "macros_of_its_own": (
        after("    catchup=False,\n", '    user_defined_macros={"x": 1},\n'),
        "'user_defined_macros'",
    ),
    "a_callback_of_the_dag": (after("    catchup=False,\n", '    on_failure_callback="x",\n'), "'on_failure_callback'"),
    "documentation_from_a_file": (
        ("\\n\\nRendered by sluice; change the spec, not this DAG.\\n", "/x.md"),
        "doc_md ends in .md",
    ),
    "another_tenants_dag": (('dag_id="annuity_daily"', 'dag_id="claims_daily"'), "dag_id is not"),
    "a_second_dag": ((END, END + 'with DAG(dag_id="x"):\n    pass\n'), "is not the file's one"),
    "two_contexts": (("with DAG(\n", 'with open("MARKER", "w"), DAG(\n'), "is not the file's one"),
    "nodes_ordered_otherwise": (before(END, "    wait_for_sources << open_run\n"), "with `>>` only"),
    "order_with_a_call": (before(END, '    wait_for_sources >> print("x")\n'), "is not a task of this DAG"),
    "set_downstream": (before(END, "    publish.set_downstream(open_run)\n"), "'Expr' is not part"),
    # lifecycle
    "no_teardown": (
        (").as_teardown(setups=create_cluster, on_failure_fail_dagrun=True)", ")"),
        "no teardown terminates",
    ),
    "a_teardown_that_may_fail": ((", on_failure_fail_dagrun=True", ""), "on_failure_fail_dagrun is not True"),
    "a_join_that_is_skipped": (('trigger_rule="all_done"', 'trigger_rule="all_success"'), "does not follow a join"),
    "a_step_after_the_teardown": (
        ("    step_summary >> join_steps\n", "    terminate_cluster >> publish\n"),
        "while summary runs on it",
    ),
    "verification_as_teardown": (
        ("    verify_ingest >> create_cluster\n", '    x = VerifyIngestOperator(task_id="x").as_teardown()\n'),
        "is a teardown that terminates no cluster",
    ),
    "publish_whatever_happened": (after(PUBLISH, '        trigger_rule="always",\n'), "trigger_rule='always'"),
}


def refusals(text: str) -> list[str]:
    """Return what all checks of DAGs say against a text, and why some have no verdict."""
    dag, found = Dag(PATH, text, CONTEXT), []
    for check in CHECKS:
        try:
            found += [problem if isinstance(problem, str) else problem[0] for problem in check.judge(dag)]
        except Undecided as reason:
            found.append(f"no verdict: {reason}")
    return found


def test_the_rendered_dag_is_not_refused() -> None:
    assert len(CHECKS) == 10
    assert refusals(TEXT) == []


@pytest.mark.parametrize("name", TRICKS)
def test_trick_is_refused(name: str, tmp_path: Path) -> None:
    (mark, replacement), reason = TRICKS[name]
    marker = tmp_path / "executed"
    text = TEXT.replace(mark, replacement.replace("MARKER", str(marker)), 1)
    assert text != TEXT, "the rendered DAG has changed: the trick finds no place in it"
    failed = [found for found in refusals(text) if not found.startswith("no verdict")]
    assert any(reason in found for found in failed), refusals(text)
    assert not marker.exists()


READ_OTHERWISE = {
    "another_encoding": "# -*- coding: utf-7 -*-\n" + TEXT,
    "another_encoding_in_the_second_line": "#!/usr/bin/python\n# vim: set fileencoding=rot13 :\n" + TEXT,
    "a_null": TEXT + "\0",
    "a_byte_order_mark": "\ufeff" + TEXT,
    "not_python": TEXT + "\nwith DAG(:\n",
    "nested_beyond_reason": TEXT + "X = " + "(" * 5000 + ")" * 5000 + "\n",
    "a_sum_beyond_reason": TEXT + "X = " + "-" * 20000 + "1\n",
    "texts_that_double": TEXT.replace(
        IMPORTS,
        'A0 = "0123456789"\n' + "".join(f'A{n + 1} = f"{{A{n}}}{{A{n}}}"\n' for n in range(40)) + IMPORTS,
        1,
    ),
    "larger_than_reason": TEXT + "#" * 2_000_000,
    "empty": "",
}


@pytest.mark.parametrize("name", READ_OTHERWISE)
def test_what_cannot_be_read_as_it_would_run_is_refused(name: str) -> None:
    assert refusals(READ_OTHERWISE[name])


def test_look_alike_letters_are_other_names() -> None:
    """Python reads ﬁ as fi: names are compared as Python reads them."""
    hidden = TEXT.replace(IMPORTS, 'ﬁrst = "x"\nfirst = "y"\n' + IMPORTS, 1)
    assert any("binds no single new name" in found for found in refusals(hidden))
