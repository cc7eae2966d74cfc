"""Which stacks a release may plan otherwise than those that run or were begun: told from files, else all of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from delivery.deploy.difference import CannotTell, compared, differing
from delivery.ledger import Record
from delivery.release.bundle import BundleBroken, Release, unpack
from delivery.workspace import StackId

STACKS = [StackId("prod", name) for name in ("platform", "alpha", "beta")]
TOOLS = {"terraform": ">= 1.10", "provider/hashicorp/aws": "5.100.0", "tooling/boto3": "1.40"}


def rendered(stack: str, name: str = "main.tf", environment: str = "prod") -> str:
    return f"environments/{environment}/rendered/{stack}/terraform/{name}"


BASE = Release(
    {
        **{rendered(stack.name): b'module "x" {\n  source = "../../../../../modules/lake"\n}\n' for stack in STACKS},
        rendered("platform"): b"",
        rendered("alpha", environment="dev"): b"",
        "modules/lake/main.tf": b"",
        "modules/airflow/main.tf": b"",
        "dags/release.py": b"",
        "spark_jobs/runtime/io.py": b"",
        "spark_jobs/alpha/job.py": b"",
        "tenants/alpha/tenant.yaml": b"",
        "tenants/alpha/cloudformation/queue.yaml": b"",
        "policies/waivers.yaml": b"",
        "requirements/tooling.txt": b"",
    },
    TOOLS,
)


def touched(folder: Path, release: Release, *earlier: Release) -> set[str]:
    by_digest = {item.digest: item for item in earlier}
    root = unpack(release, folder / release.digest)
    return {stack.name for stack in differing(root, release, STACKS, by_digest, by_digest.__getitem__)}


def changed(path: str, text: bytes | None = b"# other") -> Release:
    files = {**BASE.files, path: text or b""}
    if text is None:
        del files[path]
    return Release(files, TOOLS)


CASES = {
    rendered("alpha"): {"alpha"},
    rendered("alpha", "terraform.tfvars.json"): {"alpha"},
    rendered("alpha", ".terraform.lock.hcl"): {"alpha"},
    rendered("alpha", environment="dev"): set(),
    rendered("platform"): {"platform"},
    "modules/lake/main.tf": {"alpha", "beta"},
    "modules/airflow/main.tf": set(),
    "dags/release.py": {"platform"},
    "spark_jobs/runtime/io.py": {"alpha", "beta"},
    "spark_jobs/alpha/job.py": {"alpha"},
    "tenants/alpha/tenant.yaml": set(),
    "tenants/alpha/cloudformation/queue.yaml": {"alpha"},
    "policies/waivers.yaml": {"platform", "alpha", "beta"},
    "requirements/tooling.txt": set(),
    "something/nobody/knows": {"platform", "alpha", "beta"},
}


@pytest.mark.parametrize("path", CASES)
def test_a_changed_file_touches_those_that_are_made_from_it(tmp_path: Path, path: str) -> None:
    assert touched(tmp_path, changed(path), BASE) == CASES[path]
    assert touched(tmp_path, BASE, changed(path)) == CASES[path], "the way back is as long"


def test_a_removed_file_touches_like_a_changed_one(tmp_path: Path) -> None:
    extra = changed(rendered("alpha", "more.tf"))
    assert touched(tmp_path, BASE, extra) == {"alpha"}


def test_what_only_a_release_that_was_begun_has_touched_counts_too(tmp_path: Path) -> None:
    begun = changed(rendered("beta"))
    assert touched(tmp_path, changed(rendered("alpha")), BASE, begun) == {"alpha", "beta"}
    assert touched(tmp_path, BASE, BASE, begun) == {"beta"}
    assert touched(tmp_path, BASE, BASE) == set()


@pytest.mark.parametrize("tool", ["terraform", "provider/hashicorp/aws"])
def test_another_tool_touches_everything(tmp_path: Path, tool: str) -> None:
    with pytest.raises(CannotTell, match="another Terraform"):
        touched(tmp_path, replace(BASE, tools={**TOOLS, tool: "2"}), BASE)
    assert touched(tmp_path, replace(BASE, tools={**TOOLS, "tooling/boto3": "2"}), BASE) == set()


def test_a_release_that_cannot_be_read_touches_everything(tmp_path: Path) -> None:
    def broken(digest: str) -> Release:
        raise BundleBroken(f"{digest}: not a release")

    with pytest.raises(CannotTell, match=r"cannot be read: .* not a release"):
        differing(tmp_path, BASE, STACKS, ["a" * 64], broken)


def test_compared_are_what_runs_and_all_that_was_begun_since() -> None:
    def history(*events: tuple[str, str]) -> list[Record]:
        return [
            Record(event, release * 64, "jenkins/7", "2026-11-23T06:00:00+00:00", sequence=number)
            for number, (event, release) in enumerate(events, 1)
        ]

    with pytest.raises(CannotTell, match="no release was deployed"):
        compared(history(("started", "a"), ("failed", "a")))
    first = [("started", "a"), ("deployed", "a"), ("verified", "a")]
    assert compared(history(*first))[1] == ["a" * 64]
    later = [*first, ("started", "b"), ("failed", "b"), ("started", "c"), ("decommissioned", "d")]
    assert compared(history(*later))[1] == ["a" * 64, "b" * 64, "c" * 64]
    assert compared(history(*later, ("deployed", "c")))[1] == ["c" * 64]
