"""Plan and apply one stack. A plan is a value: what was shown is the file that is applied, checked by digest."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery import terraform
from delivery.drift import SCALES_BY_ITSELF
from delivery.errors import DeliveryError, TerraformFailed
from delivery.mirror import terraform_environment
from delivery.plan_digest import StateVersion
from delivery.plan_role import PLAN_ROLE, ReadOnlyPlan, is_read_only, write_override
from delivery.supervision import Interruption
from delivery.terraform import FLAG, Event
from delivery.workspace import StackId, prepare

PLAN_FILE = "plan.tfplan"
STATEFUL = frozenset(
    {
        "aws_backup_vault",
        "aws_cloudwatch_log_group",
        "aws_db_instance",
        "aws_dynamodb_table",
        "aws_ebs_volume",
        "aws_efs_file_system",
        "aws_glue_catalog_database",
        "aws_glue_catalog_table",
        "aws_kms_key",
        "aws_mwaa_environment",
        "aws_rds_cluster",
        "aws_redshift_cluster",
        "aws_redshiftserverless_namespace",
        "aws_s3_bucket",
        "aws_secretsmanager_secret",
    }
)
"""Resource types whose deletion or replacement loses something that no apply can bring back."""

Listener = Callable[["StackId", Event], None]


class PlanChanged(DeliveryError):
    """The plan file is not the one that was shown."""


@dataclass(frozen=True)
class Change:
    """One resource that a plan changes. `action` is Terraform's: create, update, delete, replace, read, move."""

    address: str
    type: str
    action: str

    @property
    def is_destructive(self) -> bool:
        return self.type in STATEFUL and self.action in ("delete", "replace")


class Changes:
    """What is asked of anything that changes something.

    Attributes:
        outputs_change: an apply would still be needed although no resource changes.
    """

    changes: tuple[Change, ...]
    outputs_change: bool

    @property
    def is_empty(self) -> bool:
        return not self.changes and not self.outputs_change

    @property
    def destructive(self) -> list[Change]:
        return [change for change in self.changes if change.is_destructive]

    @property
    def counts(self) -> Counter[str]:
        return Counter(change.action for change in self.changes)


@dataclass(frozen=True)
class Plan(Changes):
    """What Terraform would do to one stack.

    Attributes:
        folder: Terraform root in which the plan file lies.
        sha256: digest of the plan file.
        outputs_change: an apply would still be needed although no resource changes.
        read_only: made with the role that only reads; never applied.
        drifted: addresses of what Terraform saw changed outside of it.
    """

    stack: StackId
    folder: Path
    changes: tuple[Change, ...]
    sha256: str
    outputs_change: bool = False
    read_only: bool = False
    drifted: frozenset[str] = frozenset()

    @property
    def may_have_scaled(self) -> bool:
        """Whether some change may only take back what a service sized by itself; the plan's JSON can tell."""
        return any(change.address in self.drifted and change.type in SCALES_BY_ITSELF for change in self.changes)


def _ignore(stack: StackId, event: Event) -> None:
    """Listener of a caller who shows no progress."""


def plan(
    root: Path,
    stack: StackId,
    interruption: Interruption,
    environment: Mapping[str, str] = os.environ,
    listener: Listener = _ignore,
    *,
    read_only: bool = False,
) -> Plan:
    """Initialise `stack`'s run folder and plan it.

    Args:
        read_only: work as the role that only reads, and take no lock; the plan can never be applied.

    Raises:
        NotRendered, StateLocked, TerraformFailed, Interrupted: see `delivery.errors`.
        NoPlanRole: the root does not work with a role that could be replaced.
    """
    variables = {**environment, **terraform_environment(root / ".sluice" / "cache", environment)}
    folder = prepare(root, stack, environment)
    if read_only:
        write_override(folder)
    supervised: dict[str, Any] = {"environment": variables, "interruption": interruption}
    terraform.run(str(stack), folder, "init", **supervised, no_color=FLAG, input=False, lockfile="readonly")
    outcome = terraform.run(
        str(stack),
        folder,
        "plan",
        **supervised,
        listener=lambda event: listener(stack, event),
        json=FLAG,
        input=False,
        detailed_exitcode=FLAG,
        out=PLAN_FILE,
        lock=not read_only,
    )
    (folder / PLAN_FILE).chmod(0o600)  # it holds values that Terraform calls sensitive
    changes = tuple(_changes(outcome.events))
    drifted = {event["change"]["resource"]["addr"] for event in outcome.events if event["type"] == "resource_drift"}
    outputs_change = outcome.code == 2 and not changes
    return Plan(stack, folder, changes, _digest(folder), outputs_change, read_only, frozenset(drifted))


def show_json(stack: StackId, folder: Path, environment: Mapping[str, str] = os.environ) -> bytes:
    """Return the plan that lies in `folder` as `terraform show -json` writes it. It holds secrets: keep it in memory.

    Raises:
        TerraformFailed: Terraform cannot read the plan file, or its providers are not installed in `folder`.
    """
    return _said(stack, folder, environment, "show", "-no-color", "-json", PLAN_FILE)


def state_version(stack: StackId, folder: Path, environment: Mapping[str, str] = os.environ) -> StateVersion:
    """Return which state lies in the backend of `folder` now; its content stays in memory and is dropped.

    Raises:
        TerraformFailed: the backend cannot be reached, or holds no state that Terraform can read.
    """
    pulled = _said(stack, folder, environment, "state", "pull")
    state = json.loads(pulled) if pulled.strip() else {}
    return StateVersion(state.get("lineage", ""), state.get("serial", 0))


def _said(stack: StackId, folder: Path, environment: Mapping[str, str], *arguments: str) -> bytes:
    """Return what a command of Terraform prints, without a trace of it on disk."""
    done = subprocess.run(
        [*terraform.find_terraform(environment), *arguments],
        cwd=folder,
        env={**environment, **terraform_environment(environment=environment), "PWD": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()[-2000:]
        raise TerraformFailed(f"{stack}: terraform {arguments[0]} failed with exit code {done.returncode}", [said])
    return done.stdout


def _changes(events: list[Event]) -> list[Change]:
    planned = [event["change"] for event in events if event["type"] == "planned_change"]
    return [
        Change(change["resource"]["addr"], change["resource"]["resource_type"], change["action"])
        for change in planned
        if change["action"] != "read"
    ]


def _digest(folder: Path) -> str:
    return hashlib.sha256((folder / PLAN_FILE).read_bytes()).hexdigest()


def apply(
    root: Path,
    shown: Plan,
    interruption: Interruption,
    environment: Mapping[str, str] = os.environ,
    listener: Listener = _ignore,
) -> dict[str, int]:
    """Apply exactly `shown` and return how many resources were added, changed and removed.

    Raises:
        ReadOnlyPlan: it was made with the role that only reads.
        PlanChanged: the plan file was replaced since it was shown.
        StateLocked, TerraformFailed, Interrupted: see `delivery.errors`.
    """
    if shown.read_only or is_read_only(shown.folder):
        raise ReadOnlyPlan(
            f"{shown.stack}: its plan was made for reading",
            why=f"it was planned as the role {PLAN_ROLE}, without a lock",
            fix=f"sluice plan --env {shown.stack.environment} --stack {shown.stack.name}",
        )
    if _digest(shown.folder) != shown.sha256:
        raise PlanChanged(
            f"{shown.stack}: {PLAN_FILE} is not the plan that was shown",
            why="only a plan that somebody has seen may change an environment",
            fix=f"sluice plan --env {shown.stack.environment} --stack {shown.stack.name}",
        )
    variables = {**environment, **terraform_environment(root / ".sluice" / "cache", environment)}
    outcome = terraform.run(
        str(shown.stack),
        shown.folder,
        "apply",
        PLAN_FILE,
        environment=variables,
        interruption=interruption,
        listener=lambda event: listener(shown.stack, event),
        json=FLAG,
        input=False,
    )
    summary: dict[str, int] = next(
        (event["changes"] for event in outcome.events if event["type"] == "change_summary"), {}
    )
    return {key: int(summary.get(key, 0)) for key in ("add", "change", "remove")}
