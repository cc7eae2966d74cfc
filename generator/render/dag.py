"""The values of a tenant's DAG: tasks, their arguments and their order.

Decides names, timeouts and edges of tasks; the operators in `dags/` decide what a task does. What a tenant wrote in
free text goes to `description` and `doc` only: Airflow evaluates Jinja in neither of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from generator.render.escape import Plain
from generator.resolve.locations import Locations
from generator.resolve.run_values import AS_OF, ATTEMPT, RESTATE, RUN_KEY, cluster
from generator.resolve.stack import Stack

GRACE_MINUTES = 5
"""An operator's own timeout comes first: it knows what it waited for, Airflow's only knows how long."""


@dataclass(frozen=True)
class Step:
    """A Spark step as a task."""

    task_id: str
    variable: str
    step_name: str
    arguments: list[Plain]
    role_arn: str
    timeout_minutes: int
    limit_minutes: int
    after: tuple[str, ...]
    """Variables of the tasks that it follows."""


def dag_values(stack: Stack) -> dict[str, object]:
    """Return what the DAG template lays out."""
    locations = Locations(stack.names)
    steps = _steps(stack)
    published = [dataset.name for dataset in stack.datasets if dataset.is_published]
    return {
        "names": stack.names,
        "spec": stack.tenant.spec,
        "schedule": stack.schedule,
        "wait_limit_minutes": stack.schedule.wait_minutes + GRACE_MINUTES,
        "ingest_limit_minutes": stack.schedule.ingest_minutes + GRACE_MINUTES,
        "tags": tags(stack),
        "doc": _doc(stack),
        "as_of": AS_OF,
        "attempt": ATTEMPT,
        "restate": RESTATE,
        "run_key": RUN_KEY,
        "cluster": cluster(stack.cluster_task),
        "cluster_task": stack.cluster_task,
        "is_transient": stack.capacity is not None,
        "shared_cluster": stack.names.platform.entity("emr"),
        "max_hours": stack.environment.cluster.max_hours,
        "sources": stack.sources,
        "source_manifests": {source.name: source.landing_manifest for source in stack.sources},
        "ingest_tasks": {source.name: source.ingest_task for source in stack.sources},
        "code_version": stack.code_version,
        "publishes": published,
        "published_manifests": {name: locations.curated_manifest(name) for name in published},
        "steps": steps,
        "last_steps": [step.variable for step in steps if not _is_followed(step, steps)],
        "loading": stack.loading,
    }


def tags(stack: Stack) -> list[str]:
    """Return by what Airflow's page finds the DAGs of a tenant."""
    return sorted({stack.name, stack.environment.environment, stack.tenant.spec.classification.value, "sluice"})


def _steps(stack: Stack) -> list[Step]:
    return [
        Step(
            task_id=job.name,
            variable=f"step_{job.name}",
            step_name=f"{job.name}/{ATTEMPT}",
            arguments=list(job.arguments),
            role_arn=job.role_arn,
            timeout_minutes=job.timeout_minutes,
            limit_minutes=job.timeout_minutes + GRACE_MINUTES,
            after=tuple(f"step_{before}" for before in job.after) or (stack.cluster_task,),
        )
        for job in stack.jobs
    ]


def _is_followed(step: Step, steps: list[Step]) -> bool:
    return any(step.variable in other.after for other in steps)


DELIVERED = {"push": "pushed by {}", "batch": "brought by a batch script of {}"}
"""{delivery in a spec: how people say it of a source system}."""


def _doc(stack: Stack) -> str:
    """Return the page that Airflow shows of the DAG. It ends with a sentence: Airflow opens text that ends in .md."""
    spec = stack.tenant.spec
    lists = {
        "Sources": [
            f"`{s.name}`: {DELIVERED[s.delivery].format(s.system)}, expected by {s.arrives_by} UTC"
            for s in stack.sources
        ],
        "Jobs": [
            f"`{name}`: reads {', '.join(job.reads)}; writes {', '.join(job.writes)}"
            for name, job in sorted(spec.jobs.items())
        ],
        "Reports": [f"`{name}`: {report.title}" for name, report in sorted(spec.reports.items())],
    }
    parts = [
        spec.description,
        f"Owner {spec.owner}, cost centre {spec.cost_centre}, data {spec.classification.value}. "
        f"Published within {spec.deadline_minutes} minutes of the scheduled time: else `{stack.names.promise_dag_id}` "
        "fails. Owner and platform are told of every failed run of either.",
        *(f"{title}:\n\n" + "\n".join(f"- {line}" for line in lines) for title, lines in lists.items() if lines),
        "When a run fails: mend the cause and clear the run. Nothing is published twice, and no cluster of it stays.",
        "Rendered by sluice; change the spec, not this DAG.",
    ]
    return "\n\n".join(parts) + "\n"
