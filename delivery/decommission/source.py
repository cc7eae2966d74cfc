"""The Terraform with which a stack is destroyed: that of the last release, deployed here, that held it.

Git holds the stack no more, so the tree here has no root for it; a signed release does.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from securesystemslib.signer import Key

from delivery.errors import DeliveryError
from delivery.ledger import Record
from delivery.release import bundle, signing
from delivery.release.store import ReleaseStore
from delivery.workspace import PLATFORM, StackId

DEPLOYED = ("started", "deployed")
"""Events after which a release may have changed the environment."""


class StillInGit(DeliveryError):
    """The tenant is still wanted: what Git holds is what an environment should be."""

    exit_code = 1


class NeverDeployed(DeliveryError):
    """No release that this environment ran holds the stack."""

    exit_code = 2


@dataclass(frozen=True)
class Source:
    """A release, unpacked, that holds the stack.

    Attributes:
        root: folder from which the stack can be planned.
        release: its digest.
        values: the stack's terraform.tfvars.json.
        pipelines: ids of its StreamSets pipelines.
        has_warehouse: whether it loads tables into the warehouse.
    """

    root: Path
    release: str
    values: dict[str, Any]
    pipelines: tuple[str, ...]
    has_warehouse: bool


def refuse_wanted(root: Path, stack: StackId) -> None:
    """Refuse a stack that Git still holds, and the platform, which is no tenant.

    Raises:
        StillInGit: see there.
    """
    if stack.name == PLATFORM:
        raise StillInGit(f"{stack}: the platform is no tenant", why="every tenant of the environment stands on it")
    left = [path for path in (Path("tenants", stack.name), stack.rendered) if (root / path).exists()]
    if left:
        raise StillInGit(
            f"{stack}: {' and '.join(map(str, left))} still there",
            expected="a tenant that is removed from Git before it is removed from the cloud",
            why="Git says what should be; the next deploy would make it again",
            fix=f"git rm -r tenants/{stack.name}, sluice render, merge; then run this from that commit",
        )


def fetch(
    stack: StackId, history: Sequence[Record], store: ReleaseStore, trusted: Sequence[Key], folder: Path
) -> Source:
    """Return the last deployed release that holds `stack`, verified and unpacked below `folder`.

    Raises:
        NeverDeployed: there is none.
        NotPublished, BundleBroken, SignatureRefused: see there.
    """
    digests = [record.release for record in reversed(history) if record.event in DEPLOYED]
    for digest in dict.fromkeys(digests):
        stored = store.fetch(digest, folder)
        release = bundle.read(stored.path)
        signing.verify(release, stored.envelope, trusted)
        if str(stack) in release.stacks:
            root = folder / "tree"
            shutil.rmtree(root, ignore_errors=True)
            return _source(bundle.unpack(release, root), digest, stack)
    raise NeverDeployed(
        f"{stack}: no release that was deployed to {stack.environment} holds it",
        expected="a tenant that a deploy has made; its release is what can unmake it",
        fix=f"check the name; a tenant that `sluice apply` alone has made: put it back into Git, "
        f"sluice deploy --env {stack.environment}, and remove it again",
    )


def _source(root: Path, digest: str, stack: StackId) -> Source:
    rendered = root / stack.rendered
    values = json.loads((rendered / "terraform" / "terraform.tfvars.json").read_text())
    prefix = stack.name.replace("-", "_")
    pipelines = sorted(f"{prefix}_{path.stem}" for path in (rendered / "dag" / "ingest").glob("*.json"))
    return Source(root, digest, values, tuple(pipelines), (rendered / "dag" / "warehouse").is_dir())
