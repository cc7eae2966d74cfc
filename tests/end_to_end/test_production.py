"""What must hold when production runs go wrong: nothing wrong becomes current, nothing is lost, no cluster is left."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bench.local_cloud import held_mib
from sandbox.airflow.local import LocalAirflow
from sandbox.source_systems import LandingSet
from sandbox.source_systems.file_format import SourceFile
from sluice import laptop
from sluice.access import reading, report
from sluice.access.model import Verdict
from sluice.access.verdicts import verdicts
from tests.end_to_end.conftest import DAG, Production
from tests.end_to_end.scheduler import scheduled

pytestmark = [pytest.mark.sandbox, pytest.mark.terraform, pytest.mark.airflow, pytest.mark.spark]


def test_a_killed_step_fails_the_run_and_leaves_no_cluster(production: Production) -> None:
    as_of = "2026-05-31"
    production.land(production.delivery(as_of))
    production.fault("emr_step_failure", match="conform")
    failed = production.run(as_of)
    assert failed.state == "failed"
    assert "conform" in failed.errors
    assert all(cluster.state.startswith("TERMINATED") for cluster in production.clusters())
    assert production.published(as_of) == []


def test_an_object_changed_after_its_manifest_is_not_processed(production: Production) -> None:
    as_of = "2026-04-30"
    files = production.delivery(as_of)
    production.land(files)
    policies = next(file for file in files.files if file.source == "policies")
    production.client("s3").put_object(
        Bucket=production.names.bucket("landing"),
        Key=policies.key,
        Body=policies.content + b"D|more\n",
        ChecksumAlgorithm="SHA256",
    )
    failed = production.run(as_of)
    assert failed.state == "failed"
    assert policies.key in failed.errors["verify_ingest"]
    assert "manifest" in failed.errors["verify_ingest"]
    assert failed.tasks["create_cluster"] == "upstream_failed"
    assert production.published(as_of) == []


def test_an_ingestion_error_is_told_in_the_engines_words(production: Production) -> None:
    as_of = "2026-03-31"
    production.land(production.delivery(as_of))
    production.fault("streamsets_run_error", match="annuity_policies", times=2, message="S3_21 - disk full")
    failed = production.run(as_of)
    assert failed.state == "failed"
    assert "RUN_ERROR" in failed.errors["ingest_policies"]
    assert "disk full" in failed.errors["ingest_policies"]
    assert production.published(as_of) == []


def test_two_runs_of_one_date_at_once_publish_one_version_even_when_the_engine_restarts(production: Production) -> None:
    as_of = "2026-02-28"
    production.land(production.delivery(as_of))
    production.fault("streamsets_restart", match="annuity_policies", seconds=1)
    airflows = [production.airflow("prod"), production.airflow("second")]
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda local: local.run(DAG, as_of), airflows))
    assert [run.state for run in runs] == ["success", "success"], [run.errors for run in runs]
    published = production.published(as_of)
    assert len(published) == len({version.dataset for version in published})
    assert production.loaded("policy", as_of) == _rows(production, as_of, "policy")
    assert all(cluster.state == "TERMINATED" for cluster in production.clusters())


def test_sources_that_never_come_and_a_faulty_trailer_stop_a_run_and_the_same_run_succeeds_once_all_is_mended(
    production: Production,
) -> None:
    as_of = "2026-01-31"
    files = production.delivery(as_of)
    production.warehouse("ALTER TABLE annuity.policy DROP COLUMN reduction_trigger")  # as before the contract had it
    with scheduled(_impatient(production.airflow("second"))) as scheduler:
        run = scheduler.trigger(as_of)
        state, tasks = scheduler.end(run)
        assert (state, tasks["wait_for_sources"], tasks["create_cluster"]) == ("failed", "failed", "upstream_failed")
        said = scheduler.log(run, "wait_for_sources")
        assert "sources did not come within 0.1 minutes: gl_totals, policies, transactions" in said
        assert [cluster for cluster in production.clusters() if as_of in cluster.name] == []
        assert production.published(as_of) == []

        production.land(_with_faulty_policies(files))
        scheduler.clear(run)
        state, tasks = scheduler.end(run)
        assert (state, tasks["conform"], tasks["terminate_cluster"]) == ("failed", "failed", "success")
        assert f"TrailerMismatch: policies as_of {as_of}: " in scheduler.log(run, "conform")
        assert [cluster.state for cluster in production.clusters() if as_of in cluster.name] == ["TERMINATED"]
        assert production.published(as_of) == []
        assert production.loaded("policy", as_of) == 0

        production.land(files)
        scheduler.clear(run)
        state, tasks = scheduler.end(run)

    assert state == "success", tasks
    published = {version.dataset: version.location for version in production.published(as_of)}
    assert production.loaded("policy", as_of) == _rows(production, as_of, "policy")
    assert production.catalogued("policy", as_of) == published["policy"]
    assert "reduction_trigger" in production.columns("policy")
    assert production.readers() == {"awsidc:actuarial", "awsidc:finance-analysts"}
    assert all(cluster.state == "TERMINATED" for cluster in production.clusters())


def test_the_local_cloud_stays_below_400_mb_with_all_of_it(production: Production) -> None:
    assert held_mib(production.running.pid) < 350, "production alone; dev adds about 40"


def _rows(production: Production, as_of: str, dataset: str) -> int:
    return next(version.row_count for version in production.published(as_of) if version.dataset == dataset)


def _impatient(local: LocalAirflow) -> LocalAirflow:
    """Let the DAG of one Airflow wait for sources for seconds instead of most of an hour."""
    dag = local.dags / "annuity" / f"{DAG}.py"
    text = dag.read_text()
    task, rest = text.split("timeout_minutes=", 1)
    assert task.rstrip().endswith("},"), "the first timeout in the file is that of wait_for_sources"
    dag.write_text(f"{task}timeout_minutes=0.1,{rest.partition(',')[2]}")
    return local


def _with_faulty_policies(files: LandingSet) -> LandingSet:
    faulty = [_without_one_detail(file) if file.source == "policies" else file for file in files.files]
    return replace(files, files=tuple(faulty))


def _without_one_detail(file: SourceFile) -> SourceFile:
    """Return the file as a faulty extract would land it: a manifest that agrees, a trailer that does not."""
    lines = file.content.splitlines(keepends=True)
    return replace(file, content=b"".join([lines[0], *lines[2:]]), records=file.records - 1)


def test_aws_would_have_let_every_role_do_what_was_done_above(production: Production) -> None:
    """Last of all: what was applied and run, judged by the policies that stand in the account."""
    judged = list(verdicts(reading.read(production.running), laptop.organisations(production.root)))
    assert "sluice-deploy" in {each.call.role_arn.rpartition("/")[2] for each in judged}
    assert "\n".join(report.lines(judged, Verdict.REFUSED)) == ""
