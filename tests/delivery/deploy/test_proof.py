"""Which pipelines prove a deploy: told from files and from the ledger since the last verification, else all of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from delivery.deploy.candidate import Candidate
from delivery.deploy.place import Place
from delivery.deploy.proof import Proof, proof
from delivery.ledger import Record
from delivery.release.bundle import BundleBroken, Release, unpack
from delivery.release.signing import Provenance
from generator.spec import load_environment
from tests.delivery.deploy.conftest import REPOSITORY
from tests.delivery.deploy.test_difference import BASE, TOOLS, changed, rendered

SPEC = load_environment(REPOSITORY, "prod")
DATE = str(SPEC.delivery.probe_date)
PREFIX = f"{SPEC.organisation}-prod"
ALL = ("alpha", "beta")
ALPHA = changed(rendered("alpha"))
BETA = changed(rendered("beta"))


def history(*events: tuple[str, Release] | tuple[str, Release, str]) -> list[Record]:
    """Return a ledger of these records; the third of an event is the stack that was planned."""
    records: list[Record] = []
    for event, release, *plans in events:
        named = {f"prod/{stack}": "1" * 64 for stack in plans}
        date = DATE if event == "verified" else ""
        number = len(records) + 1
        records.append(Record(event, release.digest, "jenkins", "now", named, probe_date=date, sequence=number))
    return records


VERIFIED = history(("started", BASE), ("deployed", BASE), ("verified", BASE))


def needed(
    folder: Path, release: Release, records: list[Record], *known: Release, everything: bool = False, **spec: Any
) -> Proof:
    """Return what proves `release`, where the store holds BASE and `known`."""
    stored = {item.digest: item for item in (BASE, *known)}

    def fetch(digest: str) -> Release:
        if digest not in stored:
            raise BundleBroken(f"{digest}: not a release")
        return stored[digest]

    place = SimpleNamespace(environment="prod", spec=SPEC.model_copy(update=spec))
    made = Candidate(release, Provenance("0" * 40, "jenkins", "now"), unpack(release, folder / release.digest))
    return proof(cast(Place, place), made, records, fetch, everything=everything)


PATHS = {
    rendered("alpha"): ("alpha",),
    "tenants/alpha/cloudformation/queue.yaml": ("alpha",),
    "spark_jobs/alpha/job.py": ("alpha",),
    "environments/prod/rendered/beta/dag/beta_daily.py": ("beta",),
    "spark_jobs/runtime/io.py": ALL,
    "modules/lake/main.tf": ALL,
    "dags/emr_trigger.py": ALL,
    "dags/release.py": ALL,
    rendered("platform"): ALL,
    "policies/waivers.yaml": ALL,
    "something/nobody/knows": ALL,
    "requirements/tooling.txt": (),
    rendered("alpha", environment="dev"): (),
}


@pytest.mark.parametrize("path", PATHS)
def test_pipelines_run_of_tenants_that_differ_from_what_was_verified(tmp_path: Path, path: str) -> None:
    release = changed(path)
    found = needed(tmp_path, release, [*VERIFIED, *history(("deployed", release))], release)
    assert found.run == PATHS[path]
    assert sorted(found.run + found.rest) == list(ALL)
    if found.rest:
        assert found.rests_on == VERIFIED[-1]
    else:
        assert found.rests_on is None
        assert found.why


def test_where_nothing_was_verified_every_pipeline_runs(tmp_path: Path) -> None:
    found = needed(tmp_path, BASE, VERIFIED[:2])
    assert found == Proof(ALL, why="no release was verified here yet")


def test_as_asked_every_pipeline_runs(tmp_path: Path) -> None:
    assert needed(tmp_path, BASE, VERIFIED, everything=True) == Proof(ALL, why="as asked")


@pytest.mark.parametrize("date", ["", "2020-01-31"])
def test_a_verification_for_another_probe_date_proves_nothing(tmp_path: Path, date: str) -> None:
    found = needed(tmp_path, BASE, [*VERIFIED[:2], replace(VERIFIED[2], probe_date=date)])
    assert found.run == ALL
    assert "the last verification was for" in found.why


def test_a_verified_release_that_cannot_be_read_proves_nothing(tmp_path: Path) -> None:
    found = needed(tmp_path, ALPHA, history(("verified", BETA)))
    assert found.run == ALL
    assert "cannot be read" in found.why


def test_a_begun_release_that_cannot_be_read_may_have_changed_everybody(tmp_path: Path) -> None:
    found = needed(tmp_path, BASE, [*VERIFIED, *history(("started", ALPHA))])
    assert found.run == ALL


def test_other_tools_prove_nothing(tmp_path: Path) -> None:
    release = replace(BASE, tools={**TOOLS, "provider/hashicorp/aws": "6"})
    assert needed(tmp_path, release, VERIFIED).run == ALL


@pytest.mark.parametrize("event", ["started", "failed", "deployed"])
def test_what_was_begun_since_and_is_taken_back_runs(tmp_path: Path, event: str) -> None:
    found = needed(tmp_path, BASE, [*VERIFIED, *history((event, ALPHA), ("deployed", BASE))], ALPHA)
    assert (found.run, found.rest) == (("alpha",), ("beta",))


def test_a_rollback_runs_what_differs_from_what_was_verified_last(tmp_path: Path) -> None:
    records = [*VERIFIED, *history(("deployed", ALPHA), ("verified", ALPHA), ("deployed", BASE))]
    records = [replace(record, sequence=number) for number, record in enumerate(records, 1)]
    found = needed(tmp_path, BASE, records, ALPHA)
    assert (found.run, found.rests_on) == (("alpha",), records[4])


def test_a_failed_verification_is_run_again_with_what_came_since(tmp_path: Path) -> None:
    both = Release({**BETA.files, rendered("alpha"): b"# other"}, TOOLS)
    third = Release({**both.files, "tenants/gamma/tenant.yaml": b"", rendered("gamma"): b""}, TOOLS)
    records = [*VERIFIED, *history(("deployed", ALPHA), ("failed", ALPHA), ("deployed", third))]
    found = needed(tmp_path, third, records, ALPHA, third)
    assert (found.run, found.rest) == (("alpha", "beta", "gamma"), ())


APPLIED = {
    "alpha": ("alpha",),
    f"{PREFIX}-alpha-queue": ("alpha",),
    "gone": (),
    f"{PREFIX}-gone-queue": (),
    "platform": ALL,
}


@pytest.mark.parametrize("stack", APPLIED)
@pytest.mark.parametrize("event", ["started", "failed", "deployed"])
def test_whom_a_plan_has_named_runs_though_nothing_of_him_differs(tmp_path: Path, stack: str, event: str) -> None:
    """What hands had changed is brought back by plans of the same release."""
    assert needed(tmp_path, BASE, [*VERIFIED, *history((event, BASE, stack))]).run == APPLIED[stack]


def test_a_tenant_that_has_vanished_is_nobody_to_run(tmp_path: Path) -> None:
    without = Release({path: body for path, body in BASE.files.items() if "alpha" not in path}, TOOLS)
    found = needed(tmp_path, without, [*VERIFIED, *history(("deployed", without))], without)
    assert (found.run, found.rest, found.rests_on) == ((), ("beta",), VERIFIED[-1])


def test_a_tenant_that_comes_again_as_it_was_runs(tmp_path: Path) -> None:
    records = [*VERIFIED, *history(("decommissioned", BASE), ("started", BASE, "alpha"), ("deployed", BASE, "alpha"))]
    assert needed(tmp_path, BASE, records).run == ("alpha",)
