"""The verbs promote, rollback and ledger: what they say, what they write, and with which code they end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner

from delivery.ledger import Record
from sluice import cli
from tests.delivery.promotion.conftest import World

Verified = Callable[..., str]


@pytest.fixture(autouse=True)
def inside(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in the checkout, as a person does."""
    monkeypatch.chdir(world.root)


def test_promote_shows_copies_pins_commits_and_pushes(
    world: World, verified: Verified, capsys: pytest.CaptureFixture[str]
) -> None:
    old = verified("prod", modules__a__main="1")
    new = verified(modules__a__main="2", environments__prod__rendered__annuity__terraform__new="1")
    assert cli.run(["promote", "--from", "dev", "--to", "prod", "--commit", "--push"]) == 0
    said = capsys.readouterr().out
    assert f"prod runs       {old[:16]}" in said
    assert f"prod would run  {new[:16]}" in said
    assert "prod/annuity: 1 files\n  added    environments/prod/rendered/annuity/terraform/new" in said
    assert "next     sluice deploy --env prod" in said
    assert world.pin("prod") == f'release: "{new}"\n'
    message = world.git("show", "--format=%B", "--no-patch", "main", folder=world.remote)
    assert message.splitlines()[0] == f"Promote release {new[:16]} from dev to prod"
    for line in (f"Release:  {new}", "Verified: in dev at 2026-11-20T06:", f"Replaces: {old}", "c" * 40):
        assert line in message


def test_a_dry_run_writes_nothing(world: World, verified: Verified, capsys: pytest.CaptureFixture[str]) -> None:
    digest = verified()
    assert cli.run(["promote", "--from", "dev", "--to", "prod", "--commit", "--push", "--dry-run"]) == 0
    assert "new stacks: prod/annuity, prod/platform" in capsys.readouterr().out
    assert world.pin("prod") == ""
    assert not world.place("prod").store.has(digest)
    assert world.git("rev-list", "--count", "HEAD") == "1"


def test_a_refusal_ends_with_1_and_says_what_to_do(
    world: World, verified: Verified, capsys: pytest.CaptureFixture[str]
) -> None:
    verified()
    assert cli.run(["promote", "--from", "dev", "--to", "prod", "--release", "b" * 64]) == 1
    said = capsys.readouterr().err
    assert "is not what it runs and verified" in said
    assert "fix:      sluice ledger --env dev" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["promote", "--from", "dev", "--to", "prod", "--push"],
        ["promote", "--from", "dev", "--to", "prod", "--branch", "main"],
        ["promote", "--from", "prod", "--to", "dev"],
        ["promote", "--from", "dev", "--to", "nowhere"],
        ["promote", "--from", "dev", "--to", "prod", "--release", "built"],
        ["rollback"],
        ["ledger", "--env", "nowhere"],
    ],
)
def test_wrong_usage_ends_with_2(world: World, verified: Verified, arguments: list[str]) -> None:
    verified()
    assert cli.run(arguments) == 2
    assert world.pin("prod") == ""


def test_rollback_pins_what_worked_and_names_the_next_command(
    world: World, verified: Verified, capsys: pytest.CaptureFixture[str]
) -> None:
    works = verified("prod", modules__a__main="1")
    bad = world.publish(world.build(modules__a__main="2"), "prod")
    world.record("prod", "started", "deployed", "failed", release=bad)
    assert cli.run(["rollback", "--env", "prod", "--commit"]) == 0
    said = capsys.readouterr().out
    assert f"prod would run  {works[:16]}" in said
    assert "modules: 1 files" in said
    assert "next     sluice deploy --env prod" in said
    assert world.pin("prod") == f'release: "{works}"\n'
    assert world.git("log", "-1", "--format=%s") == f"Roll prod back to release {works[:16]}"


def test_rollback_of_what_follows_a_branch_says_that_it_no_longer_does(
    world: World, verified: Verified, capsys: pytest.CaptureFixture[str]
) -> None:
    verified("dev", modules__a__main="1")
    verified("dev", modules__a__main="2")
    assert cli.run(["rollback", "--env", "dev"]) == 0
    assert "dev no longer follows main" in capsys.readouterr().out


def test_the_ledger_says_what_runs_and_how_it_came_about(
    world: World, verified: Verified, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = verified("prod")
    world.record("prod", "started", release="f" * 64)
    assert cli.run(["ledger", "--env", "prod"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"prod runs {digest}\n  since    2026-11-20T06:01:00+00:00, verified by record 3\n")
    assert f"plan     {'1' * 12}  prod/platform" in said
    assert "ATTENTION: a deploy of ffffffffffffffff was started" in said
    assert "4 records; each follows from the one before" in said


def test_the_ledger_names_the_verifications_that_what_runs_rests_on(
    world: World, verified: Verified, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = verified("prod")
    book = world.place("prod").ledger
    for number in (3, 4):
        later = Record("verified", digest, "jenkins", "now", probe_date="2026-10-31", rests_on=number)
        book.append(later, book.history())
    assert cli.run(["ledger", "--env", "prod"]) == 0
    assert ", verified by record 5, which rests on 4, 3\n" in capsys.readouterr().out


def test_the_ledger_for_machines(world: World, verified: Verified, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["ledger", "--env", "prod", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"running": None, "verified": False, "proof": [], "records": []}
    digest = verified("prod")
    assert cli.run(["ledger", "--env", "prod", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["running"], document["verified"], document["proof"]) == (digest, True, [3])
    assert [record["event"] for record in document["records"]] == ["started", "deployed", "verified"]


def test_an_empty_ledger_is_told(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["ledger", "--env", "prod"]) == 0
    assert capsys.readouterr().out == "prod: nothing was ever deployed\n"


def test_a_broken_ledger_has_no_verdict(world: World, verified: Verified, capsys: pytest.CaptureFixture[str]) -> None:
    verified("prod")
    place = world.place("prod")
    world.s3.delete_object(Bucket=place.ledger._bucket, Key="ledger/prod/00000002.json")
    assert cli.run(["ledger", "--env", "prod"]) == 4
    assert "the ledger is broken" in capsys.readouterr().err


def test_an_auditor_sees_what_runs_who_built_it_and_its_evidence(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    made = replace(world.build(), evidence={"README.md": b"read me", "verdicts.json": b"{}"})
    digest = world.publish(made, "prod")
    world.record("prod", "started", "deployed", "verified", release=digest)
    world.record("prod", "started", release="f" * 64)
    folder = world.root / "build/evidence"
    code = cli.run(["release", "show", "--env", "prod", "--evidence", str(folder)])
    said = capsys.readouterr()
    assert f"commit   {'c' * 40}\nbuilt    2026-11-20T05:00:00+00:00 by jenkins/main/7\nrelease  {digest}" in said.out
    assert (folder / "README.md").read_text() == "read me"
    assert code == 4  # the files are there to be read; that they speak of this release is refused
    assert "its evidence does not say that it passed the gate" in said.err


def test_an_earlier_release_is_named_by_its_beginning(
    world: World, verified: Verified, capsys: pytest.CaptureFixture[str]
) -> None:
    old = verified("prod", modules__a__main="1")
    verified("prod", modules__a__main="2")
    assert cli.run(["release", "show", "--env", "prod", "--release", old[:16]]) == 0
    assert f"release  {old}" in capsys.readouterr().out
    assert cli.run(["release", "show", "--env", "prod", "--release", "0" * 16]) == 1
    assert "none of the releases in its ledger begin with" in capsys.readouterr().err


def test_a_release_that_no_trusted_key_signed_is_not_shown(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    digest = world.publish(world.build(), "prod", CryptoSigner(Ed25519PrivateKey.generate()))
    world.record("prod", "deployed", release=digest)
    assert cli.run(["release", "show", "--env", "prod"]) == 1
    said = capsys.readouterr()
    assert "no trusted key has signed this" in said.err
    assert said.out == ""
