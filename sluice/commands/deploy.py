"""`sluice deploy` and `sluice approve`: the only way in which a release changes an environment."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path

import click
from rich.console import Console

from delivery import aws
from delivery.approval_store import DEPLOY, approvals_of
from delivery.approving import approve as seal_approval
from delivery.approving import waiting
from delivery.cloudformation.summary import as_text
from delivery.deploy.place import Hands, place_of
from delivery.deploy.run import Outcome
from delivery.deploy.run import deploy as run_deploy
from delivery.envelope import signer_of
from delivery.plan_markdown import counted
from delivery.plan_reading import ReadPlan
from delivery.release.built import digest_of
from delivery.released_dag import released_dags
from delivery.smoke import SmokeResult
from delivery.smoke import smoke as run_smoke
from delivery.supervision import Interruption
from delivery.workspace import StackId
from generator.model import EnvironmentSpec
from generator.spec import load_environment
from policies.report import evidence
from policies.report.provenance import tools
from policies.result import GateResult
from sluice import gating
from sluice.commands.stacks import jobs_option, json_option
from sluice.events import Events
from sluice.planning import progress, summary
from sluice.progress import StackProgress

JUDGED = Path(".sluice/judged")
"""Where a deploy leaves what the gate said about its plans: a folder for each judgement, below the environment's."""
SAID = {
    "planned": "planned; nothing was changed",
    "unneeded": "would change nothing: what runs stays, until a release that changes something brings this along",
    "unchanged": "runs this release already, and nothing is to be done",
    "deployed": "deployed; nothing has verified it",
    "verified": "deployed and verified",
}


@click.command(epilog="Example: sluice deploy --env prod --plan-only")
@click.option("--env", "environment", required=True, help="Environment to bring to its release.")
@click.option("--release", "named", default="", help="Digest, or `built`: the release that was built here last.")
@click.option("--plan-only", "--dry-run", is_flag=True, help="Plan, judge and ask for approval; change nothing.")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Plan every stack and run every pipeline, also those that nothing changes.",
)
@jobs_option
@json_option
def deploy(environment: str, named: str, plan_only: bool, everything: bool, jobs: int, machine: bool) -> None:
    """Apply the release that Git pins for an environment: verified, planned, judged, approved, applied, proved.

    Exits 1 where somebody must approve first, saying what to do. Run again it goes on where the last run has ended.
    Only stacks are planned that the release may change, and only pipelines run of tenants that differ from what was
    verified last; what hands changed elsewhere is found by `drift`, or by --all.
    """
    root, variables = Path.cwd(), dict(os.environ)
    told: Console | Events = Events() if machine else Console()
    with progress(told) as (rows, _):
        steps = _Steps(told, rows, variables, root / JUDGED / environment)
        hands = Hands(steps.gate, steps.smoke, rows, steps.step, _by(variables), Interruption(), jobs)
        place = place_of(root, environment, variables)
        outcome = run_deploy(place, hands, digest_of(root, named), plan_only=plan_only, everything=everything)
    _report(environment, outcome, told)


class _Steps:
    """What happens, told to people or machines, and the gate and smoke run as a deploy calls them."""

    def __init__(self, told: Console | Events, rows: StackProgress, variables: Mapping[str, str], kept: Path) -> None:
        """`kept` is the folder for the gate's evidence; that of an earlier deploy is removed from it."""
        self._told, self._rows, self._variables, self._kept = told, rows, variables, kept
        self._judged: set[StackId] = set()
        self._numbers = count(1)
        shutil.rmtree(kept, ignore_errors=True)

    def step(self, text: str) -> None:
        if isinstance(self._told, Events):
            self._told.emit("step", text=text)
        else:
            self._told.print(text, highlight=False, markup=False, soft_wrap=True)

    def gate(self, root: Path, plans: Mapping[StackId, ReadPlan], beside: Mapping[StackId, bytes]) -> None:
        new = [stack for stack in plans if stack not in self._judged]
        for stack in new:
            self._rows.judging(stack)
        try:
            result = gating.require_together(root, plans, beside)
        except gating.GateRefused as refused:
            self._keep(refused.result)
            raise
        self._keep(result)
        for stack in new:
            self._rows.gated(stack, gating.brief(result))
        self._judged.update(new)

    def _keep(self, result: GateResult) -> None:
        """Leave the gate's evidence on these plans; a release holds that on its files alone."""
        evidence.write(self._kept / str(next(self._numbers)), result, tools())

    def smoke(self, spec: EnvironmentSpec, tenants: Sequence[str], root: Path) -> SmokeResult:
        released = released_dags(root, spec.environment, tenants)
        return run_smoke(
            spec, tenants, self._variables, lambda dag_id, text: self.step(f"{dag_id}: {text}"), released=released
        )


def _by(variables: Mapping[str, str]) -> str:
    """Return who deploys, for the ledger: the Jenkins build where there is one."""
    return variables.get("BUILD_URL") or variables.get("USER") or "unknown"


def _report(environment: str, outcome: Outcome, told: Console | Events) -> None:
    changing = outcome.batch.changing
    if isinstance(told, Events):
        told.emit(
            "deploy",
            environment=environment,
            state=outcome.state,
            release=outcome.release,
            request=outcome.request,
            plans=outcome.batch.digests,
        )
        return
    if outcome.state == "planned":
        for read in changing.values():
            click.echo(summary(read.summary))
        if outcome.batch.templates:
            click.echo(as_text(outcome.batch.templates))
        for stack in outcome.batch.waiting:
            click.echo(f"{stack}: can be planned once the platform is applied")
    click.echo(f"{environment}: release {outcome.release[:16]}: {SAID[outcome.state]}")
    if outcome.request:
        click.echo(
            f"request {outcome.request} waits for approval; read .sluice/deploy/{environment}/\n"
            f"  next:     sluice approve --env {environment} --by PERSON --key KEY"
        )
        if waiting := len(outcome.batch.waiting):
            click.echo(
                f"  after it: `sluice deploy --env {environment}` applies the platform, then plans what waits for it "
                f"({waiting}) and asks a second time; in Jenkins that build ends red, and the next build of main asks"
            )


@click.command(
    epilog="Example: sluice approve --env prod --by head-of-data@meridian.example --key awskms:alias/meridian-approval"
)
@click.option("--env", "environment", required=True, help="Environment whose request is approved.")
@click.option("--by", "person", required=True, help="Who has read the plans: one of the environment's approvers.")
@click.option("--key", required=True, help="awskms:<key id, ARN or alias>, or file:<PEM file>.")
@click.option("--request", "read", default="", help="Digest of the request that was read, or its beginning.")
@click.option(
    "--for",
    "name",
    default=DEPLOY,
    show_default=True,
    help="What is approved: deploy, decommission-TENANT, or cloudformation for `sluice cloudformation apply`.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be approved, and approve nothing.")
def approve(environment: str, person: str, key: str, read: str, name: str, dry_run: bool) -> None:
    """Let the plans that wait be applied: seal what `sluice deploy --plan-only` has asked for.

    It holds for these plans on these states alone, for as long as the environment says, and once. Where nothing waits,
    nothing is approved, and that is no failure unless --request says that something was read.
    """
    root, variables = Path.cwd(), dict(os.environ)
    spec = load_environment(root, environment)
    store = approvals_of(spec, variables, aws.APPROVE_ROLE, name)
    request = waiting(root, store, read)
    if request is None:
        click.echo(f"{environment}: nothing waits for an approval")
        return
    for stack, found in sorted(request.summaries.items()):
        click.echo(f"{stack}: {counted(found)}")
    session = aws.session(spec, variables, aws.APPROVE_ROLE)
    given = seal_approval(root, spec, store, person, lambda: signer_of(key, session), read=read, dry_run=dry_run)
    click.echo(
        f"{'would approve' if dry_run else 'approved'} request {request.digest[:16]} of release "
        f"{given.release[:16]} for {environment}, until {given.expires_at}"
    )
