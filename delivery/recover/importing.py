"""Recording what exists in a stack's state and changing nothing else: all of it by one plan with import blocks.

The plan is of these resources alone and ignores every difference between them and the configuration, so it can only
take them over; what else it would do is looked for, and then each is imported by itself. What is to be changed shows in
the next plan, which goes the way of every plan: through the gate, and to an approver.
Source: Terraform, "Import", "Override Files", "ignore_changes", "Resource Targeting".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from delivery.errors import TerraformFailed
from delivery.plan import PLAN_FILE
from delivery.recover.confirm import IMPORTS_FILE, Runner, block
from delivery.recover.match import Candidate
from delivery.terraform import FLAG, Outcome

OVERRIDE_FILE = "recover_override.tf"
IGNORES_ALL = """\
resource "{type}" "{name}" {{
  lifecycle {{
    ignore_changes = all
  }}
}}
"""
FEWEST = 2
"""Below this, an import is quicker than a plan and an apply."""
INDEX = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')


def record(runner: Runner, candidates: Sequence[Candidate], tell: Callable[[str], object]) -> None:
    """Write the resources into the stack's state; nothing in the cloud changes.

    Raises:
        StateLocked, TerraformFailed, Interrupted: see `delivery.errors`.
    """
    if len(candidates) >= FEWEST and _record_together(runner, candidates, tell):
        return
    for number, item in enumerate(candidates, 1):
        tell(f"{runner.stack}: import {number} of {len(candidates)}: {item.address}")
        runner.run("import", item.address, item.import_id, input=False, no_color=FLAG)


def _record_together(runner: Runner, candidates: Sequence[Candidate], tell: Callable[[str], object]) -> bool:
    """Record all of them at once; False where a plan of them would do more than that, or cannot be made."""
    tell(f"{runner.stack}: import {len(candidates)} together")
    with _only_taken_over(runner.folder, candidates):
        targets = [item.address for item in candidates]
        options = {"json": FLAG, "input": False, "detailed_exitcode": FLAG, "target": targets, "out": PLAN_FILE}
        try:
            planned = runner.run("plan", **options)
        except TerraformFailed:
            return False  # each import by itself says what is wrong, and with which
        if not _only_records(planned, len(candidates)):
            return False
        runner.run("apply", PLAN_FILE, json=FLAG, input=False)
    return True


def _only_records(planned: Outcome, count: int) -> bool:
    """Tell whether a plan imports as many resources, and neither adds, changes nor removes any."""
    (summary,) = (event["changes"] for event in planned.events if event["type"] == "change_summary")
    did = {name: number for name, number in summary.items() if isinstance(number, int) and number}
    return did == {"import": count}


@contextmanager
def _only_taken_over(folder: Path, candidates: Sequence[Candidate]) -> Iterator[None]:
    """Lay import blocks over a run folder, and let no difference of these resources count, while the block lasts."""
    overrides = _overrides(folder, candidates)
    imports = folder / IMPORTS_FILE
    try:
        imports.write_text("".join(map(block, candidates)))
        for path, text in overrides.items():
            path.write_text(text)
        yield
    finally:
        for path in (imports, *overrides, folder / PLAN_FILE):
            path.unlink(missing_ok=True)


def _overrides(folder: Path, candidates: Sequence[Candidate]) -> dict[Path, str]:
    """Return {override file: text}, one in the folder of each module that makes one of the resources."""
    listed = folder / ".terraform/modules/modules.json"
    modules = json.loads(listed.read_text())["Modules"] if listed.exists() else []
    folders = {"": folder} | {item["Key"]: folder / item["Dir"] for item in modules}
    found: dict[Path, set[str]] = {}
    for item in candidates:
        module, type_, name = _place(item.address)
        path = folders[module].resolve() / OVERRIDE_FILE
        found.setdefault(path, set()).add(IGNORES_ALL.format(type=type_, name=name))
    return {path: "".join(sorted(texts)) for path, texts in found.items()}


def _place(address: str) -> tuple[str, str, str]:
    """Return (module, resource type, name) of an address: `module.a.module.b["x"].aws_s3_bucket.this` is in `a.b`."""
    *modules, type_, name = INDEX.sub("", address).split(".")
    return ".".join(modules[1::2]), type_, name
