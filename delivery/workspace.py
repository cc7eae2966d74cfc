"""The folder in which Terraform runs for one stack: a copy, so that the rendered tree is never written to.

Decides what lies in that folder; it must not know what the stack contains or which cloud answers.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from delivery.errors import NotRendered

PLATFORM = "platform"
LINKED = ("modules", "dags", "spark_jobs")
"""Folders that rendered roots refer to by relative path."""
OVERLAY_VARIABLE = "SLUICE_TERRAFORM_OVERLAY"
"""Names a folder whose files are laid over every root, for example a provider_override.tf with other endpoints."""
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
    """Lay out the run folder of `stack` below `.sluice/run/` and return its Terraform root.

    Terraform's own `.terraform` folder there is kept between runs.

    Raises:
        NotRendered: the stack has no rendered tree.
    """
    source = root / stack.rendered
    if not (source / "terraform").is_dir():
        raise NotRendered(f"{stack}: {stack.rendered} does not exist", fix="sluice render")
    run = root / ".sluice" / "run"
    target = run / stack.rendered
    _mirror(source, target)
    for name in LINKED:
        link = run / name
        if not link.is_symlink() and (root / name).is_dir():
            link.symlink_to(root / name)
    folder = target / "terraform"
    if stack.name != PLATFORM:
        write_jobs_archive(root / "spark_jobs", stack.name.replace("-", "_"), folder / "jobs.zip")
    if overlay := environment.get(OVERLAY_VARIABLE):
        for path in Path(overlay).glob("*.tf"):
            shutil.copyfile(path, folder / path.name)
    return folder


def _mirror(source: Path, target: Path) -> None:
    """Make `target` equal to `source`, but for what Terraform keeps there."""
    kept = target / "terraform" / ".terraform"
    aside = target.with_name(f"{target.name}.terraform")
    if kept.is_dir():
        kept.rename(aside)
    if target.is_dir():
        shutil.rmtree(target)
    shutil.copytree(source, target)
    if aside.is_dir():
        aside.rename(kept)


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
