"""`sluice release`, `deploy` and `approve` as Jenkins types them: build to verified, and each exit code on the way."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from securesystemslib.signer import CryptoSigner

from delivery.approval import Deploy
from delivery.approval_store import Request
from delivery.pin import write_pin
from delivery.smoke import SmokeResult, SmokeRun
from policies.controls import load_register
from policies.gate import REGISTER
from policies.result import GateResult
from sluice import cli, gating
from sluice.commands import deploy as verb
from sluice.events import Events, StackEvents
from tests.delivery.conftest import s3
from tests.delivery.deploy.conftest import APPROVER, AUTHOR, World, evidence_of, world

__all__ = ["s3", "world"]


def key_file(signer: CryptoSigner, path: Path) -> str:
    """Write a signer's private key where only a test would, and return it as --key takes it."""
    key = signer._private_key
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return f"file:{path}"


@pytest.fixture
def checkout(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world to type commands in. What is tested here is no gate and no Airflow."""
    for name, value in world.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(world.root)
    result = GateResult((), load_register(REGISTER), (), {}, datetime.now(UTC).date(), ("dev",))
    monkeypatch.setattr(gating, "require_together", lambda root, plans, beside: result)
    monkeypatch.setattr(verb, "released_dags", lambda root, environment, tenants: {})
    run = SmokeRun("annuity_daily", "smoke__1", "success")
    monkeypatch.setattr(verb, "run_smoke", lambda *given, **options: SmokeResult((run,)))
    return world


def write_evidence(world: World, files: dict[str, bytes] | None = None) -> str:
    folder = world.root / ".sluice/evidence"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in evidence_of(world.root, files or world.build().files).items():
        (folder / name).write_bytes(content)
    return str(folder)


def signed(world: World, environment: str) -> str:
    """Build, sign and publish what is checked out, as Jenkins does; return its digest."""
    key = key_file(world.release_key, world.root.parent / "release.pem")
    assert cli.run(["release", "build", "--evidence", write_evidence(world)]) == 0
    assert cli.run(["release", "sign", "--key", key, "--builder", "jenkins/main/7"]) == 0
    assert cli.run(["release", "publish", "--env", environment]) == 0
    digest: str = json.loads((world.root / "dist/release.json").read_text())["digest"]
    return digest


@pytest.mark.terraform
def test_dev_from_build_to_verified(checkout: World, capsys: pytest.CaptureFixture[str]) -> None:
    digest = signed(checkout, "dev")
    assert cli.run(["release", "publish", "--env", "dev"]) == 0
    assert "already, and stays as it is" in capsys.readouterr().out
    assert cli.run(["deploy", "--env", "dev"]) == 1
    capsys.readouterr()
    assert cli.run(["deploy", "--env", "dev", "--release", "built", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[-1] | {"at": ""} == {
        "event": "deploy",
        "at": "",
        "environment": "dev",
        "state": "verified",
        "release": digest,
        "request": "",
        "plans": events[-1]["plans"],
    }
    assert {"planning", "planned", "judging", "gated", "applying", "applied", "step"} <= {e["event"] for e in events}
    assert cli.run(["deploy", "--env", "dev", "--release", digest]) == 0
    said = capsys.readouterr().out
    assert "2 of 2 stacks are not planned: nothing of them differs from release" in said
    assert "runs this release already, and nothing is to be done" in said
    assert cli.run(["deploy", "--env", "dev", "--release", digest, "--all", "--plan-only"]) == 0
    assert "dev: every stack is planned, as asked" in capsys.readouterr().out


@pytest.mark.terraform
def test_production_is_asked_for_and_approved(checkout: World, capsys: pytest.CaptureFixture[str]) -> None:
    digest = signed(checkout, "prod")
    sealing = ["--key", key_file(checkout.approval_key, checkout.root.parent / "approval.pem")]
    approve = ["approve", "--env", "prod", *sealing, "--by"]
    assert cli.run([*approve, APPROVER]) == 0
    assert "nothing waits for an approval" in capsys.readouterr().out
    assert cli.run([*approve, APPROVER, "--request", "0" * 64]) == 1
    assert cli.run(["deploy", "--env", "prod", "--release", digest, "--plan-only"]) == 0
    said = capsys.readouterr().out
    assert "create   terraform_data.this" in said
    assert "prod/annuity: can be planned once the platform is applied" in said
    assert "plans what waits for it (1) and asks a second time" in said
    kept = checkout.root / ".sluice/deploy/prod"
    assert json.loads((kept / "request.json").read_text())["digest"] in said
    assert sorted(path.name for path in kept.rglob("*.*")) == [
        "plan.json",
        "request.json",
        "summary.json",
        "summary.md",
    ]
    assert "- create `terraform_data.this`" in (kept / "summary.md").read_text()
    (judged,) = (checkout.root / ".sluice/judged/prod").iterdir()
    assert {"README.md", "SHA256SUMS", "controls.csv", "verdicts.json"} <= {path.name for path in judged.iterdir()}

    write_pin(checkout.root, "prod", digest)
    assert cli.run(["deploy", "--env", "prod"]) == 1
    assert "1 plan waits for approval: prod/platform" in capsys.readouterr().err
    assert cli.run([*approve, "eve@meridian.example"]) == 1
    assert cli.run([*approve, APPROVER, "--request", "0" * 64]) == 1
    assert cli.run([*approve, APPROVER, "--dry-run"]) == 0
    assert cli.run(["deploy", "--env", "prod"]) == 1
    assert checkout.events() == []
    assert cli.run([*approve, APPROVER]) == 0
    assert cli.run(["deploy", "--env", "prod"]) == 1
    assert "prod/annuity" in capsys.readouterr().err
    assert cli.run([*approve, APPROVER]) == 0
    assert cli.run(["deploy", "--env", "prod"]) == 0
    assert checkout.events() == ["started", "started", "deployed", "verified"]

    assert cli.run(["deploy", "--env", "prod", "--plan-only"]) == 0
    assert "runs this release already" in capsys.readouterr().out
    assert (kept / "unchanged").is_file()
    assert cli.run([*approve, APPROVER]) == 0
    assert "nothing waits for an approval" in capsys.readouterr().out


def test_an_author_hears_at_once_that_he_cannot_approve(checkout: World, capsys: pytest.CaptureFixture[str]) -> None:
    asked = Deploy("prod", "a" * 64, {"prod/platform": "1" * 64}, (AUTHOR,))
    checkout.place("prod").approvals.ask(Request(asked))
    assert cli.run(["approve", "--env", "prod", "--by", AUTHOR, "--key", "file:/nowhere"]) == 1
    assert "is an author of the change" in capsys.readouterr().err


def test_evidence_of_another_tree_is_not_put_in(checkout: World, capsys: pytest.CaptureFixture[str]) -> None:
    evidence = write_evidence(checkout)
    checkout.version("two")
    assert cli.run(["release", "build", "--evidence", evidence]) == 4
    assert "was judged with other content" in capsys.readouterr().err
    assert not (checkout.root / "dist").exists()


def test_what_was_not_built_is_not_signed_and_not_deployed(checkout: World, capsys: pytest.CaptureFixture[str]) -> None:
    key = key_file(checkout.release_key, checkout.root.parent / "release.pem")
    for arguments in (
        ["release", "sign", "--key", key],
        ["release", "publish", "--env", "dev"],
        ["deploy", "--env", "dev", "--release", "built"],
    ):
        assert cli.run(arguments) == 2
        assert "fix:      sluice release build" in capsys.readouterr().err


def test_an_unsigned_bundle_is_not_published(checkout: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["release", "build", "--evidence", write_evidence(checkout)]) == 0
    assert cli.run(["release", "publish", "--env", "dev"]) == 1
    foreign = key_file(CryptoSigner.generate_ed25519(), checkout.root.parent / "foreign.pem")
    assert cli.run(["release", "sign", "--key", foreign]) == 0
    assert cli.run(["release", "publish", "--env", "dev"]) == 1
    assert "no trusted key has signed this" in capsys.readouterr().err


def test_what_the_gate_refused_is_kept_and_an_earlier_deploys_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = GateResult((), load_register(REGISTER), (), {}, datetime.now(UTC).date(), ("dev",))

    def refuse(*_: object) -> GateResult:
        raise gating.GateRefused([], result)

    monkeypatch.setattr(gating, "require_together", refuse)
    (tmp_path / "7").mkdir()
    events = Events(lambda line: None)
    steps = verb._Steps(events, StackEvents(events), {}, tmp_path)
    with pytest.raises(gating.GateRefused):
        steps.gate(tmp_path, {}, {})
    assert [path.name for path in tmp_path.iterdir()] == ["1"]
    assert "verdicts.json" in {path.name for path in (tmp_path / "1").iterdir()}
