"""The release that is to be deployed: fetched, vouched for, passed by the gate, and unpacked to be planned."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from delivery.deploy.place import Place
from delivery.errors import DeliveryError
from delivery.git import resolve
from delivery.pin import Pin
from delivery.release import bundle, signing
from delivery.release.bundle import Release
from delivery.release.contents import release_files
from delivery.release.evidence import require_evidence
from delivery.release.signing import Provenance
from delivery.trust import trusted_keys

RELEASES = Path(".sluice/releases")
TREE = "tree"
SAME_PLACE = ("environment", "organisation", "account_id", "region", "deploy_role")
"""Keys of environment.yaml that say where a release goes."""


class WrongRelease(DeliveryError):
    """A release is whole and signed, and not one for this environment now."""

    exit_code = 1


@dataclass(frozen=True)
class Candidate:
    """A release that may be planned.

    Attributes:
        root: its tree, unpacked; plans are made from it and from nothing else.
    """

    release: Release
    provenance: Provenance
    root: Path

    @property
    def digest(self) -> str:
        return self.release.digest


def fetched(place: Place, digest: str) -> tuple[Release, Provenance]:
    """Return a release of the environment's store whose content and signature hold.

    Raises:
        NotPublished, BundleBroken, SignatureRefused, KeyUnusable: see there.
    """
    stored = place.store.fetch(digest, place.root / RELEASES / digest)
    trusted = trusted_keys(place.root, place.environment, "release")
    return stored.release, signing.verify(stored.release, stored.envelope, trusted)


def candidate(place: Place, digest: str, pin: Pin) -> Candidate:
    """Return the release `digest`, unpacked below .sluice/releases/.

    Raises:
        EvidenceRefused: its evidence does not say that this very release passed the gate.
        WrongRelease: it is not of the branch that the environment follows, or goes to another account.
        NotPublished, BundleBroken, SignatureRefused, KeyUnusable: see there.
    """
    release, provenance = fetched(place, digest)
    require_evidence(release)
    if pin.follows:
        _require_checkout(place.root, release, provenance, pin)
    _require_place(place, release)
    return Candidate(release, provenance, unpacked(release, place.root / RELEASES / digest))


def _require_checkout(root: Path, release: Release, provenance: Provenance, pin: Pin) -> None:
    """Let through what was built from the commit that is checked out, or is equal to it to the byte."""
    head = resolve(root, "HEAD")
    if provenance.commit != head and dict(release.files) != release_files(root):
        raise WrongRelease(
            f"release {release.digest[:16]} was built from {provenance.commit[:12]}, and {head[:12]} is checked out",
            expected=f"a release of {pin.follows} as it is checked out here",
            why="the environment follows the branch, so that what runs there is what stands there",
            fix="build and publish a release of this commit, or check out the one that it was built from",
        )


def _require_place(place: Place, release: Release) -> None:
    path = f"environments/{place.environment}/environment.yaml"
    try:
        declared = YAML(typ="safe", pure=True).load(release.files[path])
        said = {key: declared[key] for key in SAME_PLACE if key in declared}
    except (KeyError, TypeError, YAMLError) as error:
        raise WrongRelease(f"release {release.digest[:16]}: {path} cannot be read", why=repr(error)) from error
    now = place.spec.model_dump(include=set(SAME_PLACE))
    different = sorted(key for key, value in now.items() if said.get(key, value) != value)
    if different or "account_id" not in said:
        raise WrongRelease(
            f"release {release.digest[:16]} is for another place: {', '.join(different) or 'it names no account'}",
            why=f"its {path} is not of the account that the checkout declares",
            fix="release the tree as it is now",
        )


def unpacked(release: Release, folder: Path) -> Path:
    """Unpack the release's tree, exactly, unless it lies there already; what Terraform keeps beside it stays."""
    tree = folder / TREE
    with _locked(folder / "lock"):
        if _content(tree) != dict(release.files):
            for path in tree.iterdir() if tree.is_dir() else ():
                if path.name != ".sluice":
                    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
            bundle.unpack(release, tree)
    return tree


def _content(tree: Path) -> dict[str, bytes]:
    paths = (path for path in tree.rglob("*") if path.is_file() or path.is_symlink())
    found = {path.relative_to(tree).as_posix(): path for path in paths}
    kept = {name: path for name, path in found.items() if not name.startswith(".sluice/")}
    return {name: b"" if path.is_symlink() else path.read_bytes() for name, path in kept.items()}


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep other deploys of this checkout from unpacking the same release at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
