"""The recorded plan of code/, and ways to change it."""

from __future__ import annotations

import copy
import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from policies.context import Context
from policies.plan import Plan, read_plan

HERE = Path(__file__).parent
CODE = HERE / "code"
CONTEXT = Context(
    environment="prod",
    stack="annuity",
    today=date(2026, 11, 23),
    is_production=True,
    organisation="meridian",
    account_id="222222222222",
    region="us-east-1",
    tenants=("annuity", "claims"),
)


@cache
def text() -> bytes:
    return (HERE / "first.json").read_bytes()


def document() -> dict[str, Any]:
    """Return the plan decoded, to be changed."""
    found: dict[str, Any] = copy.deepcopy(_document())
    return found


@cache
def _document() -> Any:
    return json.loads(text())


def read(changed: dict[str, Any] | None = None, *, root: Path | None = CODE) -> Plan:
    """Read the recorded plan, or a changed one."""
    return read_plan(text() if changed is None else json.dumps(changed).encode(), CONTEXT, root=root)


def change(plan: dict[str, Any], address: str) -> dict[str, Any]:
    """Return the entry of `resource_changes` at `address`."""
    found: dict[str, Any] = next(item for item in plan["resource_changes"] if item["address"] == address)
    return found
