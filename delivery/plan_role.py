"""Planning with the role that only reads: an override file in the run folder, and the mark that its plan carries.

Such a plan is for reading and judging. It takes no lock, so that it never holds up an apply, and is never applied.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from delivery.errors import DeliveryError

PLAN_ROLE = "sluice-plan"
OVERRIDE = "plan_role_override.tf.json"
"""Terraform merges it over provider and backend; source: Terraform documentation, "Override Files"."""
ROLE_ARN = re.compile(r"^(?P<account>arn:[a-z-]+:iam::\d{12}:role/).+$")
PROVIDER = re.compile(r'^\s*provider\s+"(?P<name>[^"]+)"', re.MULTILINE)


class NoPlanRole(DeliveryError):
    """A root does not work with one role that could be replaced by the one that only reads."""

    exit_code = 2


class ReadOnlyPlan(DeliveryError):
    """A plan that was made for reading is about to be applied."""

    exit_code = 1


def override(folder: Path) -> str:
    """Return the override file with which the Terraform root in `folder` works as the role that only reads.

    The backend's block is replaced as a whole, so it is repeated; of the provider only the role is named.

    Raises:
        NoPlanRole: the root has no state in S3 that it reaches with a role, or a provider that has another.
    """
    backend = _backend(folder)
    role = backend.get("assume_role")
    match = ROLE_ARN.match(str(role.get("role_arn", ""))) if isinstance(role, Mapping) else None
    if match is None:
        raise _refusal(folder, "its backend names no role", "an S3 backend with assume_role, as rendered roots have")
    assumed = {**role, "role_arn": f"{match['account']}{PLAN_ROLE}"} if isinstance(role, Mapping) else {}
    document: dict[str, Any] = {"terraform": {"backend": {"s3": {**backend, "assume_role": assumed}}}}
    providers = _providers(folder)
    if providers:
        document["provider"] = {"aws": {"assume_role": assumed}}
    if providers not in ([], ["aws"]):
        raise _refusal(folder, f"it configures the providers {providers}", "one provider, aws, whose role is replaced")
    return json.dumps(document, indent=1) + "\n"


def write_override(folder: Path) -> None:
    """Make the Terraform root in a run folder work as the role that only reads.

    Raises:
        NoPlanRole: see `override`.
    """
    (folder / OVERRIDE).write_text(override(folder))


def is_read_only(folder: Path) -> bool:
    """Tell whether the plan in a run folder was made with the role that only reads."""
    return (folder / OVERRIDE).exists()


def _backend(folder: Path) -> dict[str, Any]:
    try:
        backend: dict[str, Any] = json.loads((folder / "backend.tf.json").read_text())["terraform"]["backend"]["s3"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _refusal(
            folder, f"backend.tf.json cannot be read: {error!r}", "an S3 backend in backend.tf.json"
        ) from error
    return backend


def _providers(folder: Path) -> list[str]:
    """Return the providers that the root configures itself; the overlays of other clouds name no role."""
    roots = [path for path in sorted(folder.glob("*.tf")) if not path.name.endswith("override.tf")]
    return [match["name"] for path in roots for match in PROVIDER.finditer(path.read_text())]


def _refusal(folder: Path, why: str, expected: str) -> NoPlanRole:
    return NoPlanRole(
        f"{folder}: cannot be planned read-only",
        expected=expected,
        why=why,
        fix="plan without --read-only, with credentials that may deploy",
    )
