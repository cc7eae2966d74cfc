"""Steps run with a role of their own tenant."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_names
from policies.artefacts.dag import Dag
from policies.check import ArtefactCheck


class EmrStepsHaveTenantRole(ArtefactCheck):
    """Requirement: each step names an execution role below the tenant's own path.
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
            if not step.execution_role_arn.startswith(own):
                yield f"{step.task_id}: {step.execution_role_arn!r} is no job role of {context.stack}", step.line


check = EmrStepsHaveTenantRole()
