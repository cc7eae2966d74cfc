"""What no deploy takes: each is refused before anything is planned, and the ledger stays as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner

from delivery.deploy.candidate import WrongRelease
from delivery.deploy.choice import NotPinned
from delivery.envelope import KeyUnusable, SignatureRefused
from delivery.freeze import Frozen
from delivery.pin import PinUnreadable, write_pin
from delivery.release.bundle import BundleBroken, Release
from delivery.release.evidence import EvidenceRefused
from delivery.release.store import NotPublished
from policies.verdict import Verdict
from tests.delivery.deploy.conftest import World, evidence_of


@pytest.fixture(scope="module")
def release(shared: World) -> Release:
    return shared.build()


def with_file(release: Release, path: str, content: bytes) -> Release:
    return replace(release, files={**release.files, path: content})


MAIN_TF = "environments/prod/rendered/annuity/terraform/main.tf"
EVIDENCE: dict[str, tuple[Callable[[Release, Path], Release], str]] = {
    "none": (lambda made, root: replace(made, evidence={}), "it holds no verdicts"),
    "no JSON": (lambda made, root: replace(made, evidence={"verdicts.json": b"{"}), "no record of a gate's run"),
    "of another file": (lambda made, root: with_file(made, MAIN_TF, b"# new\n"), f"{MAIN_TF} was judged with other"),
    "of a file less": (lambda made, root: with_file(made, "dags/new.py", b""), "dags/new.py was not judged"),
    "of a file more": (
        lambda made, root: replace(made, files={name: text for name, text in made.files.items() if name != MAIN_TF}),
        f"{MAIN_TF} was judged, and is not in it",
    ),
    "by another register": (
        lambda made, root: with_file(made, "policies/controls.yaml", b"controls: []\n"),
        "judged by another policies/controls.yaml",
    ),
    "that failed": (
        lambda made, root: replace(made, evidence=evidence_of(root, made.files, Verdict.FAILED)),
        "verdicts are 'failed'",
    ),
    "without a verdict": (
        lambda made, root: replace(made, evidence=evidence_of(root, made.files, Verdict.NO_VERDICT)),
        "verdicts are 'no verdict'",
    ),
    "that lets nothing pass": (
        lambda made, root: replace(made, evidence=evidence_of(root, made.files, Verdict.NOT_APPLICABLE)),
        "no verdict is 'passed'",
    ),
    "of some stacks": (
        lambda made, root: replace(
            made, evidence=evidence_of(root, {k: v for k, v in made.files.items() if "prod/rendered/annuity" not in k})
        ),
        "prod/annuity was not judged",
    ),
    "edited afterwards": (
        lambda made, root: replace(made, evidence={**made.evidence, "controls.csv": b"all passed\n"}),
        "evidence/controls.csv is not what SHA256SUMS lists",
    ),
    "that was counted wrongly": (
        lambda made, root: replace(
            made,
            evidence={
                **made.evidence,
                "verdicts.json": made.evidence["verdicts.json"].replace(b'"failed": 0', b'"failed": 1', 1),
            },
        ),
        "counts are not those of its verdicts",
    ),
}


@pytest.mark.parametrize("case", EVIDENCE)
def test_evidence_that_does_not_speak_for_the_release_is_refused(shared: World, release: Release, case: str) -> None:
    change, reason = EVIDENCE[case]
    shared.pinned(release=change(release, shared.root))
    with pytest.raises(EvidenceRefused) as refused:
        shared.deploy()
    assert any(reason in text for text in refused.value.reasons), refused.value.reasons
    assert refused.value.exit_code == 4
    assert shared.events() == []


def test_a_foreign_key_is_refused_and_so_is_none(shared: World, release: Release) -> None:
    other = with_file(release, "requirements/tooling.txt", b"# a release of its own\n")
    write_pin(shared.root, "prod", shared.publish(other, signer=CryptoSigner.generate_ed25519()))
    with pytest.raises(SignatureRefused, match="no trusted key has signed this"):
        shared.deploy()
    trusted = shared.root / "environments/prod/trusted/release.json"
    kept = trusted.read_text()
    trusted.unlink()
    with pytest.raises(KeyUnusable, match=r"holds no key release\*\.json"):
        shared.deploy()
    trusted.write_text(kept)


def test_the_key_of_approvals_signs_no_release(shared: World, release: Release) -> None:
    other = with_file(release, "requirements/tooling.txt", b"# signed by the wrong one\n")
    write_pin(shared.root, "prod", shared.publish(other, signer=shared.approval_key))
    with pytest.raises(SignatureRefused):
        shared.deploy()


def get(world: World, digest: str) -> bytes:
    key = f"releases/{digest}/release.tar.gz"
    return world.s3.get_object(Bucket=world.place("prod").store.bucket, Key=key)["Body"].read()


def put(world: World, digest: str, content: bytes) -> None:
    key = f"releases/{digest}/release.tar.gz"
    world.s3.put_object(Bucket=world.place("prod").store.bucket, Key=key, Body=content)


def test_a_tampered_bundle_is_refused(shared: World, release: Release) -> None:
    other = with_file(release, "requirements/tooling.txt", b"# tampered with\n")
    digest = shared.pinned(release=other)
    put(shared, digest, get(shared, digest)[:-20])
    with pytest.raises(BundleBroken, match="cannot be read"):
        shared.deploy()
    shared.pinned(release=release)
    put(shared, digest, get(shared, release.digest))
    write_pin(shared.root, "prod", digest)
    with pytest.raises(BundleBroken, match=f"holds release {release.digest[:16]}"):
        shared.deploy()


def test_a_release_that_is_not_here_is_refused(shared: World) -> None:
    write_pin(shared.root, "prod", "a" * 64)
    with pytest.raises(NotPublished, match="is not published here"):
        shared.deploy()


def test_git_decides_which_release(shared: World, release: Release) -> None:
    digest = shared.pinned(release=release)
    for named in ("b" * 64, digest[:16], "nonsense"):
        with pytest.raises(NotPinned):
            shared.deploy("prod", named)
    (shared.root / "environments/prod/release.yaml").write_text("release: main\n")
    with pytest.raises(PinUnreadable):
        shared.deploy()
    (shared.root / "environments/prod/release.yaml").unlink()
    with pytest.raises(NotPinned, match="no release is pinned"):
        shared.deploy()
    with pytest.raises(NotPinned, match="say which release"):
        shared.deploy("dev")


def test_dev_runs_what_is_checked_out_and_nothing_else(shared: World, release: Release) -> None:
    digest = shared.publish(release, "dev")
    note = shared.root / "dags" / "later.py"
    note.parent.mkdir(exist_ok=True)
    note.write_text("# not in the release\n")
    shared.commit("later")
    with pytest.raises(WrongRelease, match="is checked out"):
        shared.deploy("dev", digest)
    note.unlink()
    shared.commit("taken back")


def test_a_release_for_another_account_is_refused(shared: World, release: Release) -> None:
    path = "environments/prod/environment.yaml"
    files = {**release.files, path: release.files[path].replace(b'"222222222222"', b'"444444444444"')}
    shared.pinned(release=Release(files, release.tools, evidence_of(shared.root, files)))
    with pytest.raises(WrongRelease, match="another place: account_id"):
        shared.deploy()


def test_a_freeze_holds_a_new_release_up(shared: World, release: Release) -> None:
    shared.pinned(release=release)
    path = shared.root / "environments/prod/environment.yaml"
    kept = path.read_text()
    window = {"begins": "2026-12-20T00:00:00+00:00", "ends": "2027-01-02T00:00:00+00:00", "reason": "year end"}
    path.write_text(kept + f"  freezes: [{json.dumps(window)}]\n")
    shared.now = datetime(2026, 12, 24, tzinfo=UTC)
    try:
        with pytest.raises(Frozen, match="year end"):
            shared.deploy()
    finally:
        path.write_text(kept)
        shared.now = datetime.now(UTC)
    assert shared.events() == []
