"""Trees of releases as a deploy plans them: of the one that an environment runs, and of one whose deploy was killed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from delivery.deploy.candidate import RELEASES, unpacked
from delivery.errors import DeliveryError
from delivery.ledger import Record, ledger_of, running
from delivery.recover.ledger import unfinished
from delivery.release import bundle
from delivery.release.store import store_of
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
    record = running(history)
    if record is None:
        raise NothingDeployed(
            f"{spec.environment}: no release was deployed there yet",
            why="there is nothing that the cloud could have drifted from",
            fix=f"sluice deploy --env {spec.environment}, or compare with this tree: without --deployed",
        )
    return Deployed(record, tree_of(root, spec, variables, record.release, role), unfinished(history))
