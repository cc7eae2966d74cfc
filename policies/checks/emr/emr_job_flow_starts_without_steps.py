"""Job flows bring no step without a role."""

from __future__ import annotations

from collections.abc import Iterator

from policies.artefacts import emr_names
from policies.artefacts.documents import JobFlow
from policies.check import ArtefactCheck


class EmrJobFlowStartsWithoutSteps(ArtefactCheck):
    """Requirement: steps are added to a running cluster, each with its role; one that comes with the job flow
    needs the tenant's role too.
    Unknown is treated as: no verdict.
    Source: EMR Management Guide, "Runtime roles for Amazon EMR steps".
    """

    control = "CSO_EMR_07"
    check_id = "CSO_EMR_07_JOB_FLOW"
    title = "Job flows bring no step without a role"
    artefact = "job_flow"

    def judge(self, artefact: JobFlow) -> Iterator[str]:
        context, role = artefact.context, artefact.document.get("StepExecutionRoleArn")
        if artefact.document.blocks("Steps") and role is None:
            yield "Steps run with the nodes' own role: StepExecutionRoleArn is not said"
        if role is None:
            return
        emr_names.platform(context)
        own = f"arn:aws:iam::{emr_names.account(context)}:role/tenant/{context.stack}/{context.name}-job-"
        if not str(role).startswith(own):
            yield f"StepExecutionRoleArn {role!r} is no job role of {context.stack}"


check = EmrJobFlowStartsWithoutSteps()
