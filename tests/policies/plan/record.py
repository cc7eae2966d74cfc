"""Plan code/ anew into first.json: `python -m tests.policies.plan.record`, where Terraform and the AWS provider are.

No cloud is asked: nothing in code/ exists yet and no data source is read.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from delivery.mirror import terraform_environment
from delivery.terraform import find_terraform

HERE = Path(__file__).parent
VARIABLES = {"account_id": "222222222222", "region": "us-east-1", "name": "meridian-prod-annuity"}
KEPT = ("format_version", "terraform_version", "variables", "planned_values", "resource_changes", "configuration")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(HERE / "code", folder, dirs_exist_ok=True)
        environment = {**os.environ, **terraform_environment(Path(folder))}
        given = [f"-var={name}={value}" for name, value in VARIABLES.items()]
        for arguments in (["init"], ["plan", "-out=plan", *given]):
            subprocess.run([*find_terraform(), *arguments, "-input=false"], cwd=folder, env=environment, check=True)
        shown = subprocess.run(
            [*find_terraform(), "show", "-json", "plan"], cwd=folder, env=environment, check=True, capture_output=True
        )
    plan = json.loads(shown.stdout)
    (HERE / "first.json").write_text(json.dumps({key: _shorter(plan[key]) for key in KEPT}, indent=1) + "\n")


def _shorter(value: Any) -> Any:
    """Leave out what the gate does not read, so that a new recording is a small diff."""
    if isinstance(value, dict):
        unread = {
            "before",
            "after",
            "before_sensitive",
            "after_sensitive",
            "sensitive_values",
            "provider_name",
            "schema_version",
        }
        return {key: _shorter(item) for key, item in value.items() if key not in unread}
    return [_shorter(item) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
