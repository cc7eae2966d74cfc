"""Who vouches for a release: an in-toto statement about its digest, in a signed envelope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from securesystemslib.signer import Key, Signer

from delivery.envelope import SignatureRefused, seal, unseal
from delivery.release.bundle import Release

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:sluice:release:v1"


@dataclass(frozen=True)
class Provenance:
    """What the builder says about a build; signed with the release, and no part of its digest.

    Attributes:
        commit: Git commit that was built.
        builder: who built it, for example the Jenkins job.
        built_at: ISO 8601, UTC.
    """

    commit: str
    builder: str
    built_at: str


def statement(release: Release, provenance: Provenance) -> dict[str, Any]:
    """Return the in-toto statement: the release's digest is its subject."""
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": "sluice-release", "digest": {"sha256": release.digest}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "commit": provenance.commit,
            "builder": provenance.builder,
            "builtAt": provenance.built_at,
            "stacks": release.stacks,
        },
    }


def sign(release: Release, provenance: Provenance, signer: Signer) -> dict[str, Any]:
    """Return the envelope that vouches for `release`, as JSON data."""
    return seal(statement(release, provenance), PAYLOAD_TYPE, signer)


def verify(release: Release, envelope: Any, trusted: Sequence[Key]) -> Provenance:
    """Return what the signed statement says about `release`.

    Raises:
        SignatureRefused: no trusted key signed it, it was edited, or it is about something else.
    """
    said = unseal(envelope, PAYLOAD_TYPE, trusted)
    try:
        (subject,) = said["subject"]
        digest, predicate = subject["digest"]["sha256"], said["predicate"]
        provenance = Provenance(predicate["commit"], predicate["builder"], predicate["builtAt"])
    except (KeyError, ValueError, TypeError) as error:
        raise SignatureRefused("the signed statement is not about one release", why=repr(error)) from error
    if (said.get("_type"), said.get("predicateType")) != (STATEMENT_TYPE, PREDICATE_TYPE):
        raise SignatureRefused("the signed statement is not about a Sluice release")
    if digest != release.digest:
        raise SignatureRefused(
            f"the signed statement is about release {digest[:16]}, and this is {release.digest[:16]}",
            why="a signature moves with nothing but the very content it was made for",
        )
    return provenance
