"""The Terraform of a decommission: the plan that destroys a stack, and taking out of its state what is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from delivery import plan as plans
from delivery import terraform
from delivery.deploy.place import Watcher
from delivery.mirror import terraform_environment
from delivery.plan import PLAN_FILE, Change, Plan, show_json, state_version
from delivery.plan_digest import plan_digest
from delivery.supervision import Interruption
from delivery.terraform import FLAG
from delivery.workspace import StackId, prepare

OVERRIDE = "decommission_override.tf"
LETS_KEYS_GO = """\
# Written for a decommission, which decides itself which key is kept.
resource "aws_kms_key" "this" {
  lifecycle {
    prevent_destroy = false
  }
}
"""
"""modules/key lets no plan destroy a key. Terraform merges this file over it; source: "Override Files"."""


@dataclass(frozen=True)
class DestroyPlan:
    """A plan that destroys all that a stack's state holds.

    Attributes:
        document: `terraform show -json`, decoded; it holds secrets.
        digest: of what it would do, to which state.
    """

    planned: Plan
    document: Mapping[str, Any]
    digest: str


@dataclass
class Workshop:
    """The run folder of one stack, laid out from a release.

    Attributes:
        root: the release's tree.
        cache: folder for Terraform's configuration.
        variables: of the process.
        folder: the Terraform root in the run folder.
    """

    root: Path
    cache: Path
    stack: StackId
    variables: Mapping[str, str]
    interruption: Interruption
    watcher: Watcher
    folder: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder = prepare(self.root, self.stack, self.variables)
        key = self.folder.parents[4] / "modules" / "key"
        if key.is_dir():
            (key / OVERRIDE).write_text(LETS_KEYS_GO)
        self._run("init", no_color=FLAG, input=False, lockfile="readonly")

    def plan(self) -> DestroyPlan:
        """Plan the destruction of all that the state holds.

        Raises:
            StateLocked, TerraformFailed, Interrupted, PlanUnreadable: see there.
        """
        self.watcher.planning(self.stack)
        options = {"json": FLAG, "input": False, "destroy": FLAG, "detailed_exitcode": FLAG, "out": PLAN_FILE}
        self._run("plan", listener=lambda event: self.watcher(self.stack, event), **options)
        path = self.folder / PLAN_FILE
        path.chmod(0o600)
        shown = json.loads(show_json(self.stack, self.folder, self.variables))
        document = {"resource_changes": [], **shown}  # of an empty state, Terraform says nothing about changes
        changes = [item for item in document["resource_changes"] if item["change"]["actions"] == ["delete"]]
        listed = tuple(Change(item["address"], item["type"], "delete") for item in changes)
        planned = Plan(self.stack, self.folder, listed, hashlib.sha256(path.read_bytes()).hexdigest())
        self.watcher.planned(self.stack, f"{len(listed)} to delete", counts={"delete": len(listed)})
        state = state_version(self.stack, self.folder, self.variables)
        return DestroyPlan(planned, document, plan_digest(str(self.stack), document, state))

    def unlock(self, lock_id: str) -> None:
        """Take away a lock whose holder is gone; another lock stays.

        Raises:
            TerraformFailed: the state is not locked by that one.
        """
        self._run("force-unlock", lock_id, force=FLAG)

    def forget(self, addresses: Sequence[str]) -> None:
        """Take resources out of the state, all or none; they stay in the cloud as they are."""
        self._run("state rm", *addresses, no_color=FLAG)

    def apply(self, shown: DestroyPlan) -> int:
        """Apply exactly `shown` and return how many resources were destroyed."""
        self.watcher.applying(self.stack, len(shown.planned.changes))
        done = plans.apply(self.root, shown.planned, self.interruption, self.variables, self.watcher)
        self.watcher.applied(self.stack, f"{done['remove']} removed", counts=done)
        return done["remove"]

    def _run(self, command: str, *arguments: str, **options: Any) -> None:
        terraform.run(
            str(self.stack),
            self.folder,
            command,
            *arguments,
            environment={**self.variables, **terraform_environment(self.cache, self.variables)},
            interruption=self.interruption,
            **options,
        )
