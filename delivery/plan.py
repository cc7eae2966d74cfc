"""Plan and apply one stack. A plan is a value: what was shown is the file that is applied, checked by digest."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery import terraform
from delivery.errors import DeliveryError, TerraformFailed
from delivery.mirror import terraform_environment
from delivery.supervision import Interruption
from delivery.terraform import FLAG, Event
from delivery.workspace import StackId, prepare

PLAN_FILE = "plan.tfplan"
STATEFUL = frozenset(
    {
        "aws_s3_bucket",
        "aws_kms_key",
        "aws_db_instance",
        "aws_redshift_cluster",
        "aws_glue_catalog_database",
        "aws_glue_catalog_table",
        "aws_secretsmanager_secret",
        "aws_mwaa_environment",
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


@dataclass(frozen=True)
class Plan:
    """What Terraform would do to one stack.

    Attributes:
        folder: Terraform root in which the plan file lies.
        sha256: digest of the plan file.
        outputs_change: an apply would still be needed although no resource changes.
    """

    stack: StackId
    folder: Path
    changes: tuple[Change, ...]
    sha256: str
    outputs_change: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.changes and not self.outputs_change

    @property
    def destructive(self) -> list[Change]:
        return [change for change in self.changes if change.is_destructive]

    @property
    def counts(self) -> Counter[str]:
        return Counter(change.action for change in self.changes)


def _ignore(stack: StackId, event: Event) -> None:
    """Listener of a caller who shows no progress."""


def plan(
    root: Path,
    stack: StackId,
    interruption: Interruption,
    environment: Mapping[str, str] = os.environ,
    listener: Listener = _ignore,
) -> Plan:
    """Initialise `stack`'s run folder and plan it.

    Raises:
        NotRendered, StateLocked, TerraformFailed, Interrupted: see `delivery.errors`.
    """
    variables = {**environment, **terraform_environment(root / ".sluice" / "cache", environment)}
    folder = prepare(root, stack, environment)
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
    )
    changes = tuple(_changes(outcome.events))
    return Plan(stack, folder, changes, _digest(folder), outputs_change=outcome.code == 2 and not changes)


def show_json(stack: StackId, folder: Path, environment: Mapping[str, str] = os.environ) -> bytes:
    """Return the plan that lies in `folder` as `terraform show -json` writes it. It holds secrets: keep it in memory.

    Raises:
        TerraformFailed: Terraform cannot read the plan file, or its providers are not installed in `folder`.
    """
    variables = {**environment, **terraform_environment(environment=environment), "PWD": str(folder)}
    shown = subprocess.run(
        [*terraform.find_terraform(environment), "show", "-no-color", "-json", PLAN_FILE],
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if shown.returncode:
        said = shown.stderr.decode(errors="replace").strip()[-2000:]
        raise TerraformFailed(f"{stack}: terraform show failed with exit code {shown.returncode}", [said])
    return shown.stdout


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
        PlanChanged: the plan file was replaced since it was shown.
        StateLocked, TerraformFailed, Interrupted: see `delivery.errors`.
    """
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
