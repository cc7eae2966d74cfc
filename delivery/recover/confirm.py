"""Whether a candidate is what the plan means: Terraform itself looks, by a plan with import blocks that nobody applies.

A wrong pair shows as a replacement, or as a resource with other tags; a resource that is not there, as an error. This
plan is not applied: that would also change what neither the gate nor an approver has seen. What is right is recorded,
and nothing else done, by `importing.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery import terraform
from delivery.errors import TerraformFailed
from delivery.mirror import terraform_environment
from delivery.plan import PLAN_FILE, show_json
from delivery.recover.match import Candidate, Doubt
from delivery.supervision import Interruption
from delivery.terraform import FLAG
from delivery.workspace import StackId

IMPORTS_FILE = "recover_imports.tf"


@dataclass(frozen=True)
class Runner:
    """Terraform in one stack's run folder, as the plan left it.

    Attributes:
        environment: variables of the command.
    """

    root: Path
    stack: StackId
    folder: Path
    environment: Mapping[str, str]
    interruption: Interruption

    def run(self, command: str, *arguments: str, **options: Any) -> terraform.Outcome:
        """Run one command that takes no input.

        Raises:
            StateLocked, TerraformFailed, Interrupted: see `delivery.errors`.
        """
        return terraform.run(
            str(self.stack),
            self.folder,
            command,
            *arguments,
            environment=self.variables,
            interruption=self.interruption,
            **options,
        )

    @property
    def variables(self) -> dict[str, str]:
        return {**self.environment, **terraform_environment(self.root / ".sluice" / "cache", self.environment)}


def confirm(
    runner: Runner, candidates: Sequence[Candidate], tags: Mapping[str, str]
) -> tuple[list[Candidate], list[Doubt]]:
    """Return the candidates that Terraform would take over as they are or change in place, and those in doubt.

    The plan that lay in the run folder is gone afterwards, so that nobody applies one with imports in it.
    """
    remaining, doubts = list(candidates), list[Doubt]()
    imports = runner.folder / IMPORTS_FILE
    try:
        while remaining:
            imports.write_text("".join(map(block, remaining)))
            try:
                runner.run("plan", json=FLAG, input=False, detailed_exitcode=FLAG, out=PLAN_FILE)
            except TerraformFailed as error:
                refused = {item: said for item in remaining if (said := _said_of(item, error.diagnostics))}
                if not refused:
                    raise
                remaining = [item for item in remaining if item not in refused]
                doubts += [_doubt(item, said) for item, said in refused.items()]
            else:
                plan = json.loads(show_json(runner.stack, runner.folder, runner.environment))
                return _judged(remaining, plan, tags, doubts)
    finally:
        imports.unlink(missing_ok=True)
        (runner.folder / PLAN_FILE).unlink(missing_ok=True)
    return [], doubts


def block(item: Candidate) -> str:
    """Return the import block that takes a candidate over."""
    return f"import {{\n  to = {item.address}\n  id = {_quoted(item.import_id)}\n}}\n"


def _quoted(text: str) -> str:
    """Return a string literal of Terraform's language that means `text` and interpolates nothing."""
    return json.dumps(text).replace("${", "$${").replace("%{", "%%{")


def _said_of(item: Candidate, diagnostics: Sequence[str]) -> str:
    """Return what Terraform said of this candidate, its first lines; empty when nothing."""
    for text in diagnostics:
        plain = text.replace('\\"', '"')
        if f'"{item.address}"' in plain or plain.splitlines()[-1] == item.address:
            return " ".join(plain.split())[:300]
    return ""


def _judged(
    candidates: Sequence[Candidate], plan: Mapping[str, Any], tags: Mapping[str, str], doubts: Sequence[Doubt]
) -> tuple[list[Candidate], list[Doubt]]:
    changes = {item["address"]: item["change"] for item in plan["resource_changes"]}
    why = {item: _against(changes[item.address], tags) for item in candidates}
    return (
        [item for item in candidates if not why[item]],
        [*doubts, *(_doubt(item, reason) for item, reason in why.items() if reason)],
    )


def _against(change: Mapping[str, Any], tags: Mapping[str, str]) -> str:
    """Return why this resource is not the one that the plan means; empty when it is."""
    if "delete" in change["actions"]:
        paths = sorted({str(path[0]) for path in change.get("replace_paths", [])})
        return f"it would be replaced, for it differs in {', '.join(paths) or 'what cannot be changed'}"
    before = change.get("before") or {}
    carried = before.get("tags_all") or before.get("tags")
    if carried is None and "tags_all" not in before:
        return ""  # a type without tags, found under the stack's own name
    foreign = [key for key, value in tags.items() if (carried or {}).get(key) != value]
    return (
        f"it does not carry the stack's tags {', '.join(foreign)}: somebody else's, or made by hand" if foreign else ""
    )


def _doubt(item: Candidate, why: str) -> Doubt:
    return Doubt(
        f"{item.address} = {item.import_id}", why, "look at it in the cloud; delete it there if nobody needs it"
    )
