"""The plan that `sluice plan` left in a stack's run folder, as long as it is a plan of what is committed.

A run folder is a copy. A plan whose copy differs from the tree in one byte is stale: it says nothing about the tree.
A plan that was made for reading counts here: it is kept to be judged.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from delivery.errors import DeliveryError
from delivery.plan import PLAN_FILE
from delivery.plan_role import OVERRIDE, NoPlanRole, is_read_only, override
from delivery.workspace import OVERLAY_VARIABLE, REFERRED, StackId, reads_jobs

OWN = frozenset({PLAN_FILE, "jobs.zip", "init.log", "plan.log", "apply.log"})
"""Files that planning itself puts beside the root's; the archive is compared by what it is made of."""
TOOLS = frozenset({".terraform", "__pycache__"})
OWN_LEFT = (".pyc",)


class NoCurrentPlan(DeliveryError):
    """A stack has no plan, or one of another tree: nobody can judge what it will be."""

    exit_code = 4


def kept_plan(root: Path, stack: StackId, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the Terraform root that holds the kept plan of `stack`.

    Raises:
        NoCurrentPlan: there is none, or its copy is not the tree as it is now.
    """
    run = root / ".sluice" / "run" / stack.environment / stack.name
    folder = run / stack.rendered / "terraform"
    fix = f"sluice plan --env {stack.environment} --stack {stack.name}"
    if not (folder / PLAN_FILE).is_file():
        raise NoCurrentPlan(f"{stack}: has no plan", fix=fix)
    overlay = Path(environment[OVERLAY_VARIABLE]) if environment.get(OVERLAY_VARIABLE) else None
    difference = next(_differences(root, run, stack, overlay), None)
    if difference:
        raise NoCurrentPlan(
            f"{stack}: its plan is stale: {difference} is not what was planned",
            why="a plan of another tree says nothing about this one",
            fix=fix,
        )
    return folder


def _differences(root: Path, run: Path, stack: StackId, overlay: Path | None) -> Iterator[str]:
    """Yield the paths in which a run folder is not the tree, with the overlay that lies over it."""
    for place in (stack.rendered.as_posix(), *REFERRED):
        is_read = partial(reads_jobs, stack) if place == "spark_jobs" else None
        planned, now = _contents(run / place), _contents(root / place, is_read)
        if place == stack.rendered.as_posix():
            planned = {path: text for path, text in planned.items() if path.removeprefix("terraform/") not in OWN}
            laid = sorted(overlay.glob("*.tf")) if overlay else []
            now |= {f"terraform/{path.name}": path.read_bytes() for path in laid}
            if is_read_only(run / place / "terraform"):
                with suppress(NoPlanRole):  # then what was planned is not what stands here now
                    now[f"terraform/{OVERRIDE}"] = override(root / place / "terraform").encode()
        for path in sorted(planned.keys() | now.keys()):
            if planned.get(path) != now.get(path):
                yield f"{place}/{path}"


def _contents(folder: Path, is_read: Callable[[str], bool] | None = None) -> dict[str, bytes]:
    """Return {path: content} below `folder`, only below those of its entries that `is_read` takes."""
    found = {}
    for parent, folders, files in os.walk(folder):
        names = [name for name in files if not name.endswith(OWN_LEFT)]
        folders[:] = [name for name in folders if name not in TOOLS and not name.startswith(".terraform")]
        if is_read and Path(parent) == folder:
            names = [name for name in names if is_read(name)]
            folders[:] = [name for name in folders if is_read(name)]
        for name in names:
            path = Path(parent, name)
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found
