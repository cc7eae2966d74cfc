"""A plan read for whoever decides on it: its JSON, the state that it was made on, its digest and its summary."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from delivery.plan import Plan, show_json, state_version
from delivery.plan_digest import StateVersion, plan_digest
from delivery.plan_summary import StackSummary, summarise
from delivery.redaction import redacted

PLAN_JSON = "plan.json"


@dataclass(frozen=True)
class ReadPlan:
    """One plan, read.

    Attributes:
        document: `terraform show -json`, decoded. It holds secrets: keep it in memory.
        state: the state that lies in the backend.
        summary: what the plan would do, with its digest.
    """

    planned: Plan
    document: Mapping[str, Any]
    state: StateVersion
    summary: StackSummary

    @property
    def digest(self) -> str:
        return self.summary.digest


def read_plan(planned: Plan, environment: Mapping[str, str] = os.environ) -> ReadPlan:
    """Return `planned`, read.

    Raises:
        TerraformFailed: Terraform cannot show the plan or reach the state.
        PlanUnreadable: the plan is not whole, or does what nobody here knows.
    """
    name = str(planned.stack)
    shown = show_json(planned.stack, planned.folder, environment)
    document = json.loads(shown)
    state = state_version(planned.stack, planned.folder, environment)
    digest = plan_digest(name, document, state, read_only=planned.read_only)
    summary = summarise(name, document, digest, read_only=planned.read_only)
    return ReadPlan(planned, document, state, replace(summary, plan_sha256=hashlib.sha256(shown).hexdigest()))


def keep_json(read: ReadPlan, folder: Path) -> Path:
    """Write the plan's JSON without sensitive values to `<folder>/<environment>/<stack>/plan.json`; return the path.

    What no provider declares sensitive may still be data, so only its owner reads the file.
    """
    path = folder / read.planned.stack.environment / read.planned.stack.name / PLAN_JSON
    write_private(path, json.dumps(redacted(read.document), indent=1, sort_keys=True) + "\n")
    return path


def write_private(path: Path, text: str) -> None:
    """Write `text` to a file that only its owner reads, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123 -- pathlib opens with no mode
        file.write(text)
    partial.replace(path)
