"""`sluice bootstrap`: an account gets what Terraform cannot make for itself, as one CloudFormation stack."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
import click

from delivery import aws
from delivery.bootstrap.account import STACK, STACK_NAME_LIMIT, Account, ValuesMissing, account_of
from delivery.cloudformation import summary
from delivery.cloudformation.approving import nothing
from delivery.cloudformation.changes import StackPlan
from delivery.cloudformation.judging import lint
from delivery.cloudformation.proposals import Wanted
from delivery.cloudformation.rollout import apply_stacks, discard_plans, plan_one, reviewed
from delivery.cloudformation.stacks import Listener, Stacks
from delivery.cloudformation.states import continue_rollback as roll_back_again
from generator.model import EnvironmentSpec
from generator.names import Names
from generator.spec import load_environments
from policies.artefacts.places import ACCOUNT
from sluice.commands.cloudformation import Declined, outcome, require_answer, told
from sluice.commands.stacks import json_option
from sluice.events import PLANNING, Events, TemplateEvents


@click.command(
    epilog="Example: sluice bootstrap --env dev --jenkins-role arn:aws:iam::123456789012:role/sluice-jenkins"
)
@click.option("--env", "environment", help="Environment whose account is prepared.")
@click.option("--account", "account_id", help="Id of the account, instead of the environment's name.")
@click.option(
    "--jenkins-role", default="", metavar="ARN", help="Beginning of the ARNs of Jenkins' roles; once, see below."
)
@click.option("--own-credentials", is_flag=True, help="Act as who you are in the account, and assume no role there.")
@click.option("--continue-rollback", is_flag=True, help="First roll back again where rolling back has failed.")
@click.option("--dry-run", is_flag=True, help="Show the change set and remove it again.")
@click.option("--yes", is_flag=True, help="Do not ask before the change set is executed.")
@json_option
def bootstrap(
    environment: str | None,
    account_id: str | None,
    jenkins_role: str,
    own_credentials: bool,
    continue_rollback: bool,
    dry_run: bool,
    yes: bool,
    machine: bool,
) -> None:
    """Prepare an account: buckets for states, ledger and releases, keys, the roles of the delivery and their boundary.

    cfn-lint and the gate judge the template first. What it needs to know stands in environments/ENV/bootstrap.json;
    --jenkins-role writes it for a new environment, to be reviewed and committed. Running it again updates the stack.
    """
    require_answer(machine=machine, answered=yes or dry_run)
    root, variables = Path.cwd(), dict(os.environ)
    spec = _environment(root, environment, account_id)
    talk = _Talk(spec, machine=machine)
    account = account_of(root, spec, jenkins_role)
    _require(root, account, talk)
    if not dry_run:
        _keep(root, account)
    stacks = Stacks(_client(account, variables, own=own_credentials), listener=talk.listener)
    wanted = account.wanted()
    if continue_rollback and not dry_run:
        roll_back_again(stacks, wanted.name)
    talk.planning(wanted)
    plan = plan_one(stacks, wanted)
    with reviewed(stacks, [plan]):
        talk.planned(plan)
        if not (yes or dry_run or plan.is_empty or plan.destructive):
            _ask(spec)
    if dry_run:
        discard_plans(stacks, [plan])
    talk.ended([plan], [] if dry_run else apply_stacks(stacks, [plan], nothing), dry_run=dry_run)


class _Talk:
    """What is done, told to people or machines."""

    def __init__(self, spec: EnvironmentSpec, *, machine: bool) -> None:
        self._spec, self._events = spec, Events() if machine else None
        self._rows = TemplateEvents(self._events, spec.environment) if self._events else None
        self.listener: Listener = self._rows or told

    def judging(self, stack: str) -> None:
        if self._events:
            self._events.emit("judging", stack)

    def judged(self, stack: str, text: str) -> None:
        if self._events:
            self._events.emit("gated", stack, text=text)
        else:
            click.echo(text, err=True)

    def planning(self, wanted: Wanted) -> None:
        if self._rows:
            self._rows(wanted.name, PLANNING)

    def planned(self, plan: StackPlan) -> None:
        if self._rows:
            self._rows.planned([plan])
        else:
            click.echo(summary.as_text([plan]))

    def ended(self, plans: Sequence[StackPlan], done: Sequence[StackPlan], *, dry_run: bool) -> None:
        text = _next(self._spec) if done else ""
        if self._events:
            facts = outcome(plans, done, dry_run=dry_run)
            about = {"environment": self._spec.environment, "account": self._spec.account_id}
            self._events.emit("bootstrap", **about, **facts, text=text)
        elif text:
            click.echo(text)


def _require(root: Path, account: Account, talk: _Talk) -> None:
    """Go on only with a template that cfn-lint and the gate let through.

    Raises:
        TemplateRefused, AccountRefused: see there.
    """
    key = f"{account.spec.environment}/{Names(account.spec).entity(STACK, STACK_NAME_LIMIT)}"
    talk.judging(key)
    lint(root, [ACCOUNT], account.spec.region)
    talk.judged(key, f"{ACCOUNT}: cfn-lint finds nothing, {account.judge()} verdicts of the gate, none against it")


def _environment(root: Path, environment: str | None, account_id: str | None) -> EnvironmentSpec:
    """Return the one environment that both options name.

    Raises:
        click.UsageError: neither is given, or they name none.
    """
    if not environment and not account_id:
        raise click.UsageError("name the environment with --env, or its account with --account")
    specs = load_environments(root)
    found = [
        spec
        for spec in specs.values()
        if environment in (None, spec.environment) and account_id in (None, spec.account_id)
    ]
    if len(found) != 1:
        known = ", ".join(f"{spec.environment} ({spec.account_id})" for spec in specs.values())
        raise click.UsageError(f"no environment is {environment or ''} {account_id or ''}; there are {known}")
    return found[0]


def _keep(root: Path, account: Account) -> None:
    path = root / account.values_path
    if not path.is_file():
        path.write_text(account.values, encoding="utf-8")
        click.echo(f"{account.values_path}: written; commit it, it says whom the account trusts", err=True)


def _client(account: Account, variables: Mapping[str, str], *, own: bool) -> Any:
    """Return CloudFormation's client, acting in the account as the role that administers it.

    Raises:
        ValuesMissing: the own credentials are of another account, or of another role.
    """
    spec = account.spec
    if not own:
        return aws.client("cloudformation", spec, variables, account.administrator)
    session = boto3.Session(region_name=spec.region)
    endpoint = variables.get(aws.ENDPOINT) or None
    caller = session.client("sts", endpoint_url=endpoint).get_caller_identity()
    role = account.administrator.rsplit("/", 1)[-1]
    if caller["Account"] != spec.account_id or f":assumed-role/{role}/" not in caller["Arn"]:
        raise ValuesMissing(
            f"you are {caller['Arn']}",
            expected=f"a session of the role {role} in account {spec.account_id}",
            why="who makes the keys must be who administers them: else nobody could change them later",
            fix=f"log on so, or name your role as AdministratorRole in {account.values_path}",
        )
    return session.client("cloudformation", endpoint_url=endpoint)


def _ask(spec: EnvironmentSpec) -> None:
    if not click.confirm(f"Execute this in {spec.environment}, account {spec.account_id}?", err=True):
        raise Declined(f"{spec.environment}: the account is left alone, as you said")


def _next(spec: EnvironmentSpec) -> str:
    """Return how the account's public keys come to be trusted, and where each of them belongs."""
    command = f"sluice release key --env {spec.environment} awskms:alias/{spec.organisation}"
    folder = f"environments/{spec.environment}/trusted"
    return (
        f"account {spec.account_id} is ready for {spec.environment}; commit whom it trusts, by a reviewed change:\n"
        f"  mkdir -p {folder}\n"
        f"  {command}-approval --approval > {folder}/approval.json\n"
        "if releases are signed in this account (the Jenkinsfile signs in prod's), every environment trusts its key:\n"
        f"  {command}-release > environments/ENVIRONMENT/trusted/release.json"
    )
