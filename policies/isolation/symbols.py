"""Names the keys that do not exist yet apart.

The plan reader writes `…:key/<address>` where a key's id is known only after the apply. Every tenant's stack has the
same addresses, so in the union of all plans the stack's name must go into that text.
"""

from __future__ import annotations

import json
from typing import Any

from policies.check import Resource
from policies.plan import Plan


def with_own_keys(plan: Plan) -> Plan:
    """Return `plan` with the symbolic ARNs of its own keys made different from every other plan's."""
    renamed = {}
    for key in plan.of_type("aws_kms_key"):
        arn = key.values.get("arn")
        if isinstance(arn, str) and arn.endswith(f":key/{key.address}"):
            renamed[arn] = arn.replace(":key/", f":key/{plan.context.stack}.")
    if not renamed:
        return plan
    quoted = {json.dumps(old)[1:-1]: json.dumps(new)[1:-1] for old, new in renamed.items()}
    return Plan(
        plan.context,
        [
            Resource(item.address, item.type, _replace(item.values, renamed | quoted), item.context, item.name)
            for item in plan.resources.values()
        ],
        plan.variables,
        plan.sha256,
    )


def _replace(value: Any, renamed: dict[str, str]) -> Any:
    if isinstance(value, str):
        for old, new in renamed.items():
            value = value.replace(old, new)
        return value
    if isinstance(value, dict):
        return {key: _replace(item, renamed) for key, item in value.items()}
    if isinstance(value, list):
        return [_replace(item, renamed) for item in value]
    return value
