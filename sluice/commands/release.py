"""`sluice release`: build, sign, show, compare and verify the one thing that travels from dev to production."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from securesystemslib.signer import Signer

from delivery import aws
from delivery import envelope as envelopes
from delivery.deployed import recorded
from delivery.git import clean_commit
from delivery.release import bundle, contents, signing
from delivery.release.built import Built, last_built, note_built
from delivery.release.bundle import Release
from delivery.release.difference import Difference, compare
from delivery.release.evidence import require_evidence
from delivery.release.store import store_of
from delivery.trust import trusted_keys
from generator.spec import load_environment

DIST = Path("dist")


built_argument = click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
account_option = click.option("--env", "environment", help="Environment in whose account KMS has the key.")


@click.group("release")
def release() -> None:
    """Releases: content-addressed, signed, the same from dev to production."""


@release.command(epilog="Example: sluice release build --evidence .sluice/gate/evidence")
@click.option("--out", type=click.Path(path_type=Path), default=DIST, show_default=True, help="Folder to write to.")
@click.option(
    "--evidence", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The gate's evidence to put in."
)
@click.option("--dry-run", is_flag=True, help="Say what the release would be, and write nothing.")
def build(out: Path, evidence: Path | None, dry_run: bool) -> None:
    """Bundle the rendered trees, modules, DAGs, jobs and contracts; print the file and its digest."""
    root = Path.cwd()
    files = contents.release_files(root)
    made = Release(files, contents.tool_versions(files), _folder(evidence) if evidence else {})
    if evidence:
        require_evidence(made)
    if not dry_run:
        path = bundle.write(made, out)
        note_built(root, Built(made.digest, path))
        click.echo(path)
    click.echo(f"sha256 {made.digest}\n{len(made.files)} files, {len(made.stacks)} stacks")
    if not evidence:
        click.echo("note: without --evidence it does not say what the gate judged, and no deploy takes it", err=True)


def _folder(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@release.command(epilog="Example: sluice release sign --env dev --key awskms:alias/meridian-release")
@built_argument
@click.option("--key", required=True, help="awskms:<key id, ARN or alias>, or file:<PEM file>.")
@account_option
@click.option(
    "--builder", default=lambda: os.environ.get("BUILD_URL", os.environ.get("USER", "unknown")), help="Who built it."
)
@click.option("--dry-run", is_flag=True, help="Check the bundle and the key, and sign nothing.")
def sign(path: Path | None, key: str, environment: str | None, builder: str, dry_run: bool) -> None:
    """Vouch for a bundle, the one built last unless named: write an in-toto statement in a DSSE envelope beside it."""
    root = Path.cwd()
    path = path or last_built(root).path
    made = bundle.read(path)
    provenance = signing.Provenance(clean_commit(root), builder, datetime.now(UTC).isoformat(timespec="seconds"))
    signer = _signer(key, environment, aws.RELEASE_ROLE)
    if dry_run:
        click.echo(f"would sign release {made.digest} as built from {provenance.commit[:12]} by {builder}")
        return
    envelope = signing.sign(made, provenance, signer)
    target = _envelope_path(path)
    partial = target.with_suffix(".partial")
    partial.write_text(json.dumps(envelope, indent=1) + "\n")
    partial.replace(target)
    click.echo(f"{target}\nsigned release {made.digest}")


@release.command(epilog="Example: sluice release publish --env dev")
@built_argument
@click.option("--env", "environment", required=True, help="Environment whose store takes it.")
@click.option("--dry-run", is_flag=True, help="Check the bundle and its signature, and store nothing.")
def publish(path: Path | None, environment: str, dry_run: bool) -> None:
    """Put a signed bundle, the one built last unless named, where the environment's deploys fetch it."""
    root = Path.cwd()
    path = path or last_built(root).path
    made, envelope = bundle.read(path), _envelope(path)
    signing.verify(made, envelope, trusted_keys(root, environment, "release"))
    store = store_of(load_environment(root, environment), dict(os.environ), aws.RELEASE_ROLE)
    if store.has(made.digest):
        click.echo(f"release {made.digest} is in s3://{store.bucket} already, and stays as it is")
        return
    if not dry_run:
        store.publish(path, envelope)
    click.echo(f"release {made.digest}\n{'would be' if dry_run else 'is'} in s3://{store.bucket}")


@release.command(epilog="Example: sluice release verify dist/sluice-0a1b….tar.gz --key release_key.json")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key", "keys", multiple=True, type=click.Path(path_type=Path), help="Trusted public key; repeat for several."
)
def verify(path: Path, keys: tuple[Path, ...]) -> None:
    """Check a bundle's content and its signature; exit 1 when no trusted key vouches for it."""
    made = bundle.read(path)
    provenance = signing.verify(made, _envelope(path), [envelopes.public_key(key) for key in keys])
    click.echo(
        f"release {made.digest}\nbuilt from {provenance.commit} by {provenance.builder} at {provenance.built_at}"
    )


@release.command(
    epilog="Example: sluice release key awskms:alias/meridian-release --env dev > environments/dev/trusted/release.json"
)
@click.argument("key")
@account_option
@click.option("--approval", is_flag=True, help="With --env: act as the role that seals approvals.")
def key(key: str, environment: str | None, approval: bool) -> None:
    """Print the public key of a signing key, for people to review and commit."""
    role = aws.APPROVE_ROLE if approval else aws.RELEASE_ROLE
    click.echo(json.dumps(envelopes.public_key_document(_signer(key, environment, role)), indent=1))


def _signer(key: str, environment: str | None, role: str) -> Signer:
    """Return the signer of `key`: one of KMS in the environment's account, or in that of the process itself."""
    if environment is None:
        return envelopes.signer_of(key)
    session = aws.session(load_environment(Path.cwd(), environment), dict(os.environ), role)
    return envelopes.signer_of(key, session)


@release.command(epilog="Example: sluice release show --env prod --evidence build/evidence")
@built_argument
@click.option("--env", "environment", help="Show what this environment runs, from its store, instead of a file.")
@click.option("--release", "named", default="", help="With --env: another of its ledger, by its digest's beginning.")
@click.option("--evidence", type=click.Path(file_okay=False, path_type=Path), help="Write the gate's evidence here.")
def show(path: Path | None, environment: str | None, named: str, evidence: Path | None) -> None:
    """Say what a release holds, the one built last unless named: digest, stacks, tools, evidence.

    With --env its signature is checked by the keys that the environment trusts, and who built it is said; asks as the
    role sluice-plan.
    """
    root = Path.cwd()
    if environment and path:
        raise click.UsageError("a file, or --env: one release is shown")
    if named and not environment:
        raise click.UsageError("--release is looked up in a ledger: give --env too")
    if environment:
        spec = load_environment(root, environment)
        made, provenance = recorded(root, spec, dict(os.environ), named, aws.PLAN_ROLE)
        click.echo(f"commit   {provenance.commit}\nbuilt    {provenance.built_at} by {provenance.builder}")
    else:
        made = bundle.read(path or last_built(root).path)
    click.echo(f"release  {made.digest}\nfiles    {len(made.files)}\nevidence {len(made.evidence)} files")
    for stack in made.stacks:
        click.echo(f"stack    {stack}")
    for name, version in made.tools.items():
        if "/" not in name or name.startswith("provider/"):
            click.echo(f"tool     {name} {version}")
    if evidence:
        _write_evidence(made, evidence)


def _write_evidence(made: Release, folder: Path) -> None:
    """Write what the gate left about the release, and refuse then where it does not say that this release passed."""
    for name, content in made.evidence.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    click.echo(f"wrote    {len(made.evidence)} files of evidence to {folder}; read {folder}/README.md first")
    require_evidence(made)


@release.command(epilog="Example: sluice release diff dist/sluice-0a1b….tar.gz dist/sluice-9f8e….tar.gz")
@click.argument("old", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("new", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def diff(old: Path, new: Path) -> None:
    """Say what differs between two bundles, stack by stack."""
    click.echo(describe(compare(bundle.read(old), bundle.read(new))))


def describe(difference: Difference) -> str:
    """Return a difference as people read it: stacks that come and go first, then changed files by stack."""
    if difference.is_empty:
        return "the same release"
    lines = [f"new stack      {name}" for name in difference.new_stacks]
    lines += [f"stack is gone  {name}" for name in difference.gone_stacks]
    lines += [f"tool           {name} {old or 'none'} -> {new or 'none'}" for name, old, new in difference.tools]
    for owner, changes in difference.files.items():
        lines.append(f"{owner}: {len(changes)} files")
        lines += [f"  {change.kind:<8} {change.path}" for change in changes]
    return "\n".join(lines)


def _envelope_path(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".tar.gz") + ".dsse.json")


def _envelope(path: Path) -> Any:
    try:
        return json.loads(_envelope_path(path).read_text())
    except (OSError, ValueError) as error:
        raise envelopes.SignatureRefused(
            f"{_envelope_path(path)} cannot be read", why=str(error), fix="sluice release sign --key KEY"
        ) from error
