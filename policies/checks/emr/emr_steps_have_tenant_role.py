"""Steps run with a role of their own tenant."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from policies.artefacts import emr_names, spark_submit
from policies.artefacts.dag import Dag, Step
from policies.check import ArtefactCheck


class EmrStepsHaveTenantRole(ArtefactCheck):
    """Requirement: each step names an execution role below the tenant's own path, that of the job which it runs: it
    reads and writes what that job's spec says.
    Unknown is treated as: no verdict.
    Source: NYDFS 500.7; SOC 2 CC6.3.
    """

    control = "CSO_EMR_07"
    check_id = "CSO_EMR_07_STEPS"
    title = "Steps run with a role of their own tenant"
    artefact = "dag"

    def judge(self, artefact: Dag) -> Iterator[tuple[str, int]]:
        context = artefact.context
        emr_names.platform(context)
        own = f"arn:aws:iam::{emr_names.account(context)}:role/tenant/{context.stack}/{context.name}-job-"
        for step in artefact.steps:
            role = step.execution_role_arn
            if not role.startswith(own):
                yield f"{step.task_id}: {role!r} is no job role of {context.stack}", step.line
            elif role != f"{own}{_job(step)}":
                yield f"{step.task_id}: {role!r} is not the role of the job {_job(step)!r}", step.line


def _job(step: Step) -> str:
    """Return the job that a step runs, as roles are called; empty where it names none or several."""
    arguments = spark_submit.read(step.arguments).arguments
    named = [value for name, value in pairwise(arguments) if name == "--job"]
    return named[0].replace("_", "-") if len(named) == 1 and not any(a.startswith("--job=") for a in arguments) else ""


check = EmrStepsHaveTenantRole()
