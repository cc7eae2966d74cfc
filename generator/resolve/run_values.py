"""Airflow expressions for the values that exist only when a run starts.

Decides how a rendered string refers to the business date, the attempt and the cluster of its run. Resolved strings
carry the expression itself; a DAG gives each a constant, so that a reader meets `{AS_OF}` and not Jinja in every path.
"""

from __future__ import annotations

AS_OF = "{{ params.as_of or ds }}"
"""The business date as YYYY-MM-DD: the run's parameter, else its logical date."""

ATTEMPT = "{{ ti.xcom_pull(task_ids='open_run')['attempt'] }}"
"""The attempt that the authority opened for this run: a UUID, new after every clear of open_run."""

RESTATE = "{{ params.restate or '' }}"
"""The reason for replacing what is already published; empty in an ordinary run."""

RUN_KEY = "{{ dag.dag_id }}/{{ run_id }}"
"""Tag by which a cluster finds its run, and a repeated task its cluster."""


def cluster(task_id: str) -> str:
    """Return the expression for the cluster id that a task pushed."""
    return "{{ ti.xcom_pull(task_ids='" + task_id + "') }}"


CONSTANTS = {AS_OF: "AS_OF", ATTEMPT: "ATTEMPT"}
"""{expression: the constant that holds it in a rendered DAG}."""
