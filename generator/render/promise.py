"""The values of the DAG that fails when a tenant's pipeline is not ready in time, and of the alarms on both DAGs.

Decides what people are told, and how long the watch itself may take. It must not know how Airflow judges a run.
"""

from __future__ import annotations

from generator.render.dag import GRACE_MINUTES, tags
from generator.render.escape import Plain
from generator.resolve.stack import Stack


def promise_values(stack: Stack) -> dict[str, object]:
    """Return what the template of the promise's DAG lays out."""
    return {
        "names": stack.names,
        "spec": stack.tenant.spec,
        "schedule": stack.schedule,
        "description": f"Fails when {stack.names.dag_id} is not ready in time.",
        "doc": _doc(stack),
        "limit_minutes": stack.schedule.deadline_minutes + GRACE_MINUTES,
        "tags": tags(stack),
    }


def alarm_values(stack: Stack) -> dict[str, Plain]:
    """Return {label: the DAG whose failed runs are told, and what that means}."""
    names, spec = stack.names, stack.tenant.spec
    place = f"{stack.name} in {stack.environment.environment}"
    run = f"Airflow's page of {names.dag_id} says where"
    late = f"{names.dag_id} was not ready {spec.deadline_minutes} minutes after its scheduled time"
    return {
        "failed": {"dag_id": names.dag_id, "description": f"{place}: a run failed; {run}. Owner {spec.owner}."},
        "late": {"dag_id": names.promise_dag_id, "description": f"{place}: {late}. Owner {spec.owner}."},
    }


def _doc(stack: Stack) -> str:
    """Return the page that Airflow shows of the DAG. It ends with a sentence: Airflow opens text that ends in .md."""
    names, deadline = stack.names, stack.tenant.spec.deadline_minutes
    return (
        f"Each run waits until {deadline} minutes after the scheduled time, and fails unless the run of "
        f"`{names.dag_id}` for that time has succeeded by then, whatever kept it: it failed, still runs, waits, or was "
        "never made. Its runs are the record of which promises were kept.\n\n"
        f"When a run fails: mend `{names.dag_id}`, not this. Cleared, it judges anew.\n\n"
        "Rendered by sluice; change the spec, not this DAG.\n"
    )
