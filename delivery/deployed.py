"""Trees of releases as a deploy plans them: of the one that an environment runs, and of one whose deploy was killed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from delivery.deploy.candidate import RELEASES, unpacked
from delivery.errors import DeliveryError
from delivery.ledger import Record, ledger_of, running
from delivery.recover.ledger import unfinished
from delivery.release import bundle, signing
from delivery.release.bundle import Release
from delivery.release.signing import Provenance
from delivery.release.store import store_of
from delivery.trust import trusted_keys
from generator.model import EnvironmentSpec


class NothingDeployed(DeliveryError):
    """The ledger names no release that the environment runs."""

    exit_code = 1


@dataclass(frozen=True)
class Deployed:
    """A running release, unpacked.

    Attributes:
        record: of the ledger, when it was deployed.
        root: tree from which its stacks can be planned.
        unfinished: the start of a later deploy that has not ended; what it has applied shows as drift.
    """

    record: Record
    root: Path
    unfinished: Record | None


def tree_of(
    root: Path, spec: EnvironmentSpec, variables: Mapping[str, str], digest: str, role: str | None = None
) -> Path:
    """Fetch a release of the environment's store and return its tree, where a deploy of it has its run folders, too.

    Its content is what its digest says. Whose signature it carries is asked when it is deployed.

    Raises:
        NotPublished, BundleBroken: see there.
    """
    folder = root / RELEASES / digest
    return unpacked(bundle.read(store_of(spec, variables, role).fetch(digest, folder).path), folder)


def deployed(root: Path, spec: EnvironmentSpec, variables: Mapping[str, str], role: str | None = None) -> Deployed:
    """Return the release that the environment runs, as its ledger says.

    Raises:
        NothingDeployed: see there.
        LedgerBroken, NotPublished, BundleBroken: see there.
    """
    history = ledger_of(spec, variables, role).history()
    record = _running(spec.environment, history, "; drift from this tree is told without --deployed")
    return Deployed(record, tree_of(root, spec, variables, record.release, role), unfinished(history))


def recorded(
    root: Path, spec: EnvironmentSpec, variables: Mapping[str, str], named: str = "", role: str | None = None
) -> tuple[Release, Provenance]:
    """Return a release that the environment's ledger names, and what the key that it trusts has signed about it.

    Args:
        named: its digest or the beginning of it; what the environment runs unless given.

    Raises:
        NothingDeployed: the ledger names none, none of that name, or several.
        LedgerBroken, NotPublished, BundleBroken, SignatureRefused, KeyUnusable: see there.
    """
    history = ledger_of(spec, variables, role).history()
    digest = _recorded(spec.environment, history, named) if named else _running(spec.environment, history).release
    with TemporaryDirectory() as folder:
        stored = store_of(spec, variables, role).fetch(digest, Path(folder))
    return stored.release, signing.verify(
        stored.release, stored.envelope, trusted_keys(root, spec.environment, "release")
    )


def _running(environment: str, history: list[Record], otherwise: str = "") -> Record:
    """Return the record of what runs; `otherwise` says what can be done where nothing does."""
    record = running(history)
    if record is None:
        raise NothingDeployed(
            f"{environment}: no release was deployed there yet", fix=f"sluice deploy --env {environment}{otherwise}"
        )
    return record


def _recorded(environment: str, history: list[Record], named: str) -> str:
    """Return the one digest of the ledger that begins as `named` says."""
    found = {record.release for record in history if record.release.startswith(named)}
    if len(found) != 1:
        raise NothingDeployed(
            f"{environment}: {len(found) or 'none'} of the releases in its ledger begin with {named!r}",
            fix=f"sluice ledger --env {environment} names them",
        )
    return found.pop()
