"""The folder in which Terraform runs for one stack: a copy, so that the rendered tree is never written to.

Decides what lies in that folder; it must not know what the stack contains or which cloud answers.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from delivery.errors import NotRendered, RunFolderBusy, StateNotWritten

PLATFORM = "platform"
REFERRED = ("modules", "dags", "spark_jobs")
"""Folders that rendered roots refer to by relative path. Copied, so that no edit comes between a plan and its apply."""
OVERLAY_VARIABLE = "SLUICE_TERRAFORM_OVERLAY"
"""Names a folder whose files are laid over every root, for example a provider_override.tf with other endpoints."""
UNWRITTEN_STATE = "errored.tfstate"
"""Where Terraform leaves a state that its backend did not take."""
UNPACKED = (".sluice/releases/*/tree", ".sluice/decommission/*/*/tree")
"""Where a checkout unpacks releases that it deploys, and those that unmake a tenant; each has its own run folders."""
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, order=True)
class StackId:
    """One tenant, or the platform, in one environment: one Terraform root, one state."""

    environment: str
    name: str

    def __str__(self) -> str:
        return f"{self.environment}/{self.name}"

    @property
    def rendered(self) -> Path:
        return Path("environments") / self.environment / "rendered" / self.name


def rendered_stacks(root: Path, environment: str) -> list[StackId]:
    """Return the stacks of an environment in the order in which they depend on each other: the platform first.

    Raises:
        NotRendered: the environment has no rendered tree.
    """
    folder = root / "environments" / environment / "rendered"
    names = sorted(path.parent.name for path in folder.glob("*/terraform"))
    if PLATFORM not in names:
        raise NotRendered(
            f"environments/{environment}/rendered: no stack {PLATFORM!r} is rendered there",
            expected="one folder for the platform and one for each tenant",
            fix="sluice render",
        )
    return [StackId(environment, name) for name in sorted(names, key=lambda name: (name != PLATFORM, name))]


def prepare(root: Path, stack: StackId, environment: Mapping[str, str] = os.environ) -> Path:
    """Lay out the run folder of `stack`, `.sluice/run/<environment>/<stack>/`, and return its Terraform root.

    Raises:
        NotRendered: the stack has no rendered tree.
        RunFolderBusy: another process uses the folder.
        StateNotWritten: an apply from this checkout has left the only record of something.
    """
    source = root / stack.rendered
    if not (source / "terraform").is_dir():
        raise NotRendered(f"{stack}: {stack.rendered} does not exist", fix="sluice render")
    run = root / ".sluice" / "run" / stack.environment / stack.name
    _hold(run, stack)
    for unwritten in unwritten_states(root, stack):
        raise StateNotWritten(str(stack), unwritten)
    shutil.rmtree(run, ignore_errors=True)
    shutil.copytree(source, run / stack.rendered)
    folder = run / stack.rendered / "terraform"
    for name in REFERRED:
        if (root / name).is_dir():
            shutil.copytree(root / name, run / name, ignore=partial(_ignored, root / "spark_jobs", stack))
    if stack.name != PLATFORM:
        write_jobs_archive(root / "spark_jobs", stack.name.replace("-", "_"), folder / "jobs.zip")
    if overlay := environment.get(OVERLAY_VARIABLE):
        for path in Path(overlay).glob("*.tf"):
            shutil.copyfile(path, folder / path.name)
    return folder


def unwritten_states(root: Path, stack: StackId) -> list[Path]:
    """Return the states of a stack that an apply could not write, from this tree or from a release of its checkout."""
    checkout = next((folder.parent for folder in root.parents if folder.name == ".sluice"), root)
    trees = [root, checkout, *(tree for pattern in UNPACKED for tree in sorted(checkout.glob(pattern)))]
    place = Path(".sluice/run", stack.environment, stack.name, stack.rendered, "terraform", UNWRITTEN_STATE)
    return [tree / place for tree in dict.fromkeys(trees) if (tree / place).exists()]


def _ignored(spark_jobs: Path, stack: StackId, folder: str, names: list[str]) -> set[str]:
    """Return what of a folder is not copied: what tools leave there, and the jobs of other tenants."""
    left = set(shutil.ignore_patterns("__pycache__", ".terraform*")(folder, names))
    return left | ({name for name in names if not reads_jobs(stack, name)} if Path(folder) == spark_jobs else set())


def reads_jobs(stack: StackId, name: str) -> bool:
    """Tell whether a stack is made from `spark_jobs/<name>`: the shared code, and a tenant's own package."""
    return name.endswith(".py") or name in ("runtime", stack.name.replace("-", "_"))


_held: dict[Path, IO[str]] = {}


def _hold(run: Path, stack: StackId) -> None:
    """Keep the run folder for this process until it ends; the operating system gives it back even after a kill."""
    if run in _held:
        return
    run.parent.mkdir(parents=True, exist_ok=True)
    file = run.with_name(f"{run.name}.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        raise RunFolderBusy(
            f"{stack}: process {file.read() or 'unknown'} plans or applies it from this checkout",
            why="its plan refers to files that a second run would replace",
            fix="wait for it to end",
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    _held[run] = file


def write_jobs_archive(spark_jobs: Path, package: str, target: Path) -> str:
    """Zip the shared runtime and one tenant's jobs for `--py-files`; equal code gives equal bytes.

    Returns:
        The SHA-256 of the archive, hexadecimal.
    """
    sources = [spark_jobs / "__init__.py"]
    for folder in ("runtime", package):
        sources += sorted((spark_jobs / folder).rglob("*.py"))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sources:
            entry = zipfile.ZipInfo(f"spark_jobs/{path.relative_to(spark_jobs).as_posix()}", ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    return hashlib.sha256(target.read_bytes()).hexdigest()
