"""Real builds: our Jenkinsfile, the real verbs, real Terraform and Airflow, in one local cloud whose platforms stand.

The builds follow one another, each a small change on what the one before has left.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sluice import laptop
from tests.jenkins import estate as estates
from tests.jenkins.estate import PROBE_DATE, Estate
from tests.jenkins.jenkins import Harness

pytestmark = [pytest.mark.sandbox, pytest.mark.terraform, pytest.mark.airflow, pytest.mark.spark]

MAIN = {"BRANCH_NAME": "main", "BUILD_NUMBER": "12"}
PULL_REQUEST = {"BRANCH_NAME": "PR-7", "CHANGE_ID": "7", "CHANGE_TARGET": "main"}


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory, harness: Harness) -> Iterator[Estate]:
    home = tmp_path_factory.mktemp("estate")
    try:
        yield (found := estates.found(home, harness))
        found.forge.stop()
    finally:
        laptop.stop(home / "git/tree")


def test_main_reaches_production_once_a_release_manager_has_approved(estate: Estate) -> None:
    for environment in ("dev", "prod"):
        laptop.land(estate.repository.tree, estate.running, environment, PROBE_DATE, 25, 1)
    commit = estate.repository.commit("The first release")
    estate.repository.publish()
    build = estate.build(MAIN, commit, ("release-manager", True))
    assert build.result == "SUCCESS", str(build)
    assert [record.event for record in estate.history("dev")] == ["started", "deployed", "verified"]
    assert [record.event for record in estate.history("prod")] == ["started", "deployed", "verified"]
