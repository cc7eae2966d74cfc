"""Which release an environment should run next: promoted from another that verified it, or rolled back to.

Decides and writes the pin, and changes nothing that runs. The pin is written last and whole: whoever was killed before
repeats the command, and ends where he would have ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from delivery.errors import DeliveryError
from delivery.freeze import check_freeze
from delivery.ledger import Ledger, Record, is_verified, last_verified, ledger_of, running
from delivery.pin import read_pin, write_pin
from delivery.release import bundle, signing
from delivery.release.bundle import Release
from delivery.release.difference import Difference, compare, within
from delivery.release.signing import Provenance
from delivery.release.store import NotPublished, ReleaseStore, store_of
from delivery.trust import trusted_keys
from generator.model import EnvironmentSpec

SHOWN = 16
"""Digits of a digest that people are shown."""


class NotVerified(DeliveryError):
    """A release did not prove itself where it should have."""

    exit_code = 1


class NothingToRollBackTo(DeliveryError):
    """An environment has verified no other release."""

    exit_code = 1


class NotPinned(DeliveryError):
    """An environment does not run what a pin says."""

    exit_code = 2


@dataclass(frozen=True)
class Place:
    """An environment as far as releases go: its spec, its history, its releases."""

    spec: EnvironmentSpec
    ledger: Ledger
    store: ReleaseStore

    @property
    def name(self) -> str:
        return self.spec.environment


@dataclass(frozen=True)
class Move:
    """What an environment runs and would run.

    Attributes:
        environment: whose pin it is.
        release: digest of what it would run.
        provenance: who built that, from what; its signature is one that the environment trusts.
        verified: the record of its verification, in `verified_in`.
        runs: the record of the last attempt to deploy; None before the first.
        difference: from what runs to what would run, as the environment sees it; None where the former is not known.
    """

    environment: str
    release: str
    provenance: Provenance
    verified: Record
    verified_in: str
    runs: Record | None
    difference: Difference | None


def place_of(spec: EnvironmentSpec, variables: Mapping[str, str], role: str | None = None) -> Place:
    """Return an environment's history and releases, reached as `role`; see `delivery.aws`."""
    return Place(spec, ledger_of(spec, variables, role), store_of(spec, variables, role))


def last_attempt(history: Sequence[Record]) -> Record | None:
    """Return the record of the release that was deployed last, in whole or in part: what an environment runs."""
    return next((record for record in reversed(history) if record.event in ("started", "deployed")), None)


def propose_promotion(root: Path, source: Place, target: Place, release: str, now: datetime) -> Move:
    """Return the promotion of a release, if it may be promoted at `now`.

    Args:
        release: digest, hexadecimal; empty for what `source` runs.

    Raises:
        NotVerified, NotPinned, Frozen, NotPublished, BundleBroken, SignatureRefused, KeyUnusable, LedgerBroken: it may
            not.
    """
    if source.name == target.name:
        raise NotPinned(f"{source.name}: a release is promoted to another environment", fix="name two environments")
    if read_pin(root, target.name).follows:
        raise NotPinned(
            f"{target.name} follows a branch: whoever deploys it names the release",
            expected="an environment whose release.yaml pins a release",
            fix=f"sluice deploy --env {target.name} --release DIGEST",
        )
    record = _verification(source, release)
    history = target.ledger.history()
    check_freeze(target.spec, now, history, record.release)
    return _move(root, target, history, record, source)


def propose_rollback(root: Path, place: Place, release: str, now: datetime) -> Move:
    """Return the way back to a release that was verified here, other than the one that runs or was tried last.

    Args:
        release: digest, hexadecimal, or its beginning; empty for the last one that was verified.

    Raises:
        NothingToRollBackTo, NotVerified, NotPublished, BundleBroken, SignatureRefused, KeyUnusable, LedgerBroken:
            there is none.
    """
    history = place.ledger.history()
    tried = last_attempt(history)
    chosen = release or last_verified(history, before=tried.release if tried else "")
    if not chosen:
        raise NothingToRollBackTo(
            f"{place.name}: no release was verified here besides the one that runs",
            fix=f"mend it by a new release: sluice promote --from ENVIRONMENT --to {place.name}",
        )
    records = [record for record in history if record.event == "verified" and record.release.startswith(chosen)]
    found = {record.release for record in records}
    if len(found) != 1:
        said = f"{len(found)} releases begin so" if found else "was never verified here"
        raise NotVerified(
            f"{place.name}: release {chosen[:SHOWN]} {said}",
            expected="the digest, or the beginning, of one that was",
            why="going back must end at what is known to work",
            fix=f"sluice ledger --env {place.name} names those that were verified",
        )
    check_freeze(place.spec, now, history, records[-1].release)
    return _move(root, place, history, records[-1], place)


def carry_out(root: Path, move: Move, source: Place | None, target_store: ReleaseStore) -> Path:
    """Bring the release into the environment's store and pin it there; return the pin's path from `root`.

    Args:
        source: where it is promoted from; None for a rollback, whose release is there.
    """
    if source is not None:
        source.store.copy_to(target_store, move.release)
    return write_pin(root, move.environment, move.release)


def _verification(source: Place, release: str) -> Record:
    """Return the record by which `source` verified what it runs; nothing may have been tried there since."""
    history = source.ledger.history()
    now = running(history)
    chosen = release or (now.release if now else "")
    deploys = [record for record in history if record.event != "decommissioned"]
    if not is_verified(history, chosen) or deploys[-1].event != "verified":
        raise NotVerified(
            f"{source.name}: release {chosen[:SHOWN] or 'none'} is not what it runs and verified",
            expected="the release that it runs, verified since, and no deploy begun after that",
            why=f"{source.name} runs {now.release[:SHOWN] if now else 'nothing'}; last: {_last_word(deploys)}",
            fix=f"sluice ledger --env {source.name}",
        )
    return deploys[-1]


def _last_word(history: Sequence[Record]) -> str:
    if not history:
        return "nothing"
    last = history[-1]
    return f"{last.event} {last.release[:SHOWN]}" + (f" ({last.note})" if last.note else "")


def _move(root: Path, target: Place, history: Sequence[Record], verified: Record, source: Place) -> Move:
    runs = last_attempt(history)
    with TemporaryDirectory() as folder:
        stored = source.store.fetch(verified.release, Path(folder))
        new = bundle.read(stored.path)
    provenance = signing.verify(new, stored.envelope, trusted_keys(root, target.name, "release"))
    return Move(
        environment=target.name,
        release=verified.release,
        provenance=provenance,
        verified=verified,
        verified_in=source.name,
        runs=runs,
        difference=_difference(target, runs, new),
    )


def _difference(target: Place, runs: Record | None, new: Release) -> Difference | None:
    if runs is None:
        old = Release({})
    else:
        with TemporaryDirectory() as folder:
            try:
                old = bundle.read(target.store.fetch(runs.release, Path(folder)).path)
            except NotPublished:
                return None  # what ran is no longer kept; whoever shows the difference says so
    return within(compare(old, new), target.name, {*old.stacks, *new.stacks})
