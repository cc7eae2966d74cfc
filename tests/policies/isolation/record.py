"""Reduces a plan to what the isolation proof reads, for plans/: `python -m tests.policies.isolation.record PLAN FILE`.

PLAN is the output of `terraform show -json` for a stack that is applied, so that everything is known.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from policies.isolation.types import READ

TELLING = (
    *("arn", "assume_role_policy", "bucket", "cluster_identifier", "configuration", "dag_s3_path", "database"),
    *("database_name", "execution_role_arn", "function_name", "iam_roles", "id", "inline_policy", "key", "key_id"),
    *("managed_policy_arns", "name", "path", "permissions_boundary", "permissions", "plugins_s3_path", "policy"),
    *("policy_arn", "principal", "queue_url", "requirements_s3_path", "role", "roles", "secret_arn", "table"),
    *("security_configuration",),
    *("source_bucket_arn", "startup_script_s3_path", "table_with_columns", "tags_all", "target_bucket"),
    *("target_key_id", "target_prefix"),
)


def reduced(plan: dict[str, Any]) -> dict[str, Any]:
    """Return account, region, the stack's name, and the known values of each resource that the proof reads."""
    variables = {name: item["value"] for name, item in plan["variables"].items()}
    resources = [
        {
            "address": change["address"],
            "type": change["type"],
            "values": {key: value for key, value in change["change"]["after"].items() if _is_telling(key, value)},
        }
        for change in plan["resource_changes"]
        if change["mode"] == "managed" and change["type"] in READ and change["change"]["after"]
    ]
    about = {name: variables[name] for name in ("account_id", "region", "name")}
    return {**about, "resources": resources}


def _is_telling(key: str, value: Any) -> bool:
    return key in TELLING and value not in (None, "", [], {})


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.write_text(json.dumps(reduced(json.loads(source.read_text())), indent=1) + "\n")
