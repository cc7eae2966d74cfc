"""A state that an apply could not write: recorded where it continues what the backend holds, else laid aside."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from delivery.plan import state_version
from delivery.recover.confirm import Runner
from delivery.terraform import FLAG

SUPERSEDED = "superseded.tfstate"


def write(runner: Runner, path: Path, tell: Callable[[str], object]) -> None:
    """Push the state at `path`, which lies in the run folder of some release, to where the stack's state is.

    Where the backend holds another state by now, that one counts: the file is renamed and stays, and what it alone knew
    is searched for like anything that no state knows.

    Raises:
        StateLocked, TerraformFailed, Interrupted: see `delivery.errors`.
    """
    there = replace(runner, folder=path.parent)
    left, held = json.loads(path.read_text()), state_version(runner.stack, path.parent, runner.variables)
    is_next = not held.lineage or (left["lineage"] == held.lineage and left["serial"] > held.serial)
    if not is_next:
        path.replace(path.with_name(SUPERSEDED))
        tell(f"{runner.stack}: the state at {path} is older than the one recorded since; it is {SUPERSEDED} there now")
        return
    tell(f"{runner.stack}: record the state that its apply could not write")
    there.run("state push", path.name, no_color=FLAG)
    path.unlink()
