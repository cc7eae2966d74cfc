"""A pipeline's runs: what is moved, where a run goes on, what ends it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from sandbox.faults import Fault
from tests.sandbox.aws_in_process import ACCOUNT
from tests.sandbox.collector_in_process import (
    LANDING,
    PARAMETERS,
    PIPELINE,
    SOURCE,
    TARGET,
    Collector,
    counts,
    definition,
    settings,
    without_finisher,
)


def test_delimited_objects_become_json_lines_and_the_run_finishes(collector: Collector) -> None:
    collector.land("policies.dat", "H|policies|2026-10-31", "D|P-1|", "T|1")
    collector.land("manifest.json", "not data")
    state = collector.run()
    assert state["status"] == "FINISHED"
    assert counts(state) == (3, 3, 0)
    ((key, content),) = collector.written().items()
    assert key.startswith(f"{TARGET}sdc-")
    assert key.endswith(".json")
    assert content == b'{"0":"H","1":"policies","2":"2026-10-31"}\n{"0":"D","1":"P-1","2":""}\n{"0":"T","1":"1"}\n'
    assert state["attributes"]["RUNTIME_PARAMETERS"] == PARAMETERS
    assert [each["status"] for each in collector.pipeline("GET", "history")][:5] == [
        "FINISHED", "FINISHING", "RUNNING", "STARTING", "EDITED",
    ]  # fmt: skip


def test_metrics_end_with_the_run_and_the_definition_is_kept(collector: Collector) -> None:
    document = without_finisher(definition())
    collector.land("a.dat", "D|1")
    collector.install(document)
    collector.start()
    collector.wait("RUNNING")
    assert collector.call("GET", f"pipeline/{PIPELINE}/metrics").json()["counters"]
    collector.pipeline("POST", "stop")
    collector.wait("STOPPED")
    assert collector.call("GET", f"pipeline/{PIPELINE}/metrics").status_code == 204
    kept = collector.pipeline("GET")
    assert kept["metadata"] == {"labels": ["sluice"], "sluice.sha256": "abc"}
    assert kept["stages"] == document["pipelineConfig"]["stages"]
    assert collector.pipeline("GET", "export")["pipelineConfig"] == kept
    assert [each["pipelineId"] for each in collector.call("GET", "pipelines").json()] == [PIPELINE]
    assert collector.call("GET", "pipelines/status").json()[f"{PIPELINE}::0"]["status"] == "STOPPED"


def test_without_a_finisher_it_goes_on_and_reads_what_comes_later(collector: Collector) -> None:
    collector.install(without_finisher(definition()))
    collector.start()
    collector.wait("RUNNING")
    collector.land("later.dat", "D|late")
    deadline = time.monotonic() + 10
    while collector.lines() != ["late"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert collector.status() == "RUNNING"
    assert collector.pipeline("POST", "forceStop")["status"] == "STOPPED"


def test_the_committed_offset_is_where_the_next_run_begins(collector: Collector) -> None:
    collector.land("a.dat", "D|1")
    collector.run()
    offset = collector.pipeline("GET", "committedOffsets")
    assert offset["version"] == 2
    assert offset["offsets"]["0"].startswith(f"{SOURCE}a.dat::-1::")

    collector.land("b.dat", "D|2")
    collector.start(ATTEMPT="second")
    assert counts(collector.wait()) == (1, 1, 0)

    collector.pipeline("POST", "resetOffset")
    assert collector.pipeline("GET", "committedOffsets") is None
    collector.start(ATTEMPT="third")
    assert counts(collector.wait()) == (2, 2, 0)


def test_bad_records_are_counted_and_left_out(collector: Collector) -> None:
    collector.land("a.dat", "D|1", 'D|"a"b', "D|2")
    assert counts(collector.run()) == (3, 2, 1)
    assert collector.lines() == ["1", "2"]


def test_an_engine_restart_loses_and_doubles_nothing(collector: Collector) -> None:
    numbers = [f"{number:03}" for number in range(25)]
    collector.land("a.dat", *(f"D|{number}" for number in numbers[:22]))
    collector.land("b.dat", *(f"D|{number}" for number in numbers[22:]))
    collector.faults.add(Fault("streamsets_restart", match=PIPELINE, options={"seconds": 0.1}))
    state = collector.run()
    assert state["status"] == "FINISHED"
    assert counts(state) == (25, 25, 0)
    assert collector.lines() == numbers
    seen = [each["status"] for each in reversed(collector.pipeline("GET", "history"))]
    assert seen == [
        "EDITED", "EDITED", "STARTING", "RUNNING", "DISCONNECTING", "DISCONNECTED", "CONNECTING", "RUNNING",
        "FINISHING", "FINISHED",
    ]  # fmt: skip


def test_a_run_that_was_stopped_goes_on_where_it_was(collector: Collector) -> None:
    numbers = [f"{number:03}" for number in range(25)]
    collector.land("a.dat", *(f"D|{number}" for number in numbers))
    options = {"after_records": 10, "message": "S3_21 - no"}
    collector.faults.add(Fault("streamsets_run_error", match=PIPELINE, options=options))
    state = collector.run()
    assert (state["status"], state["message"], counts(state)) == ("RUN_ERROR", "S3_21 - no", (10, 10, 0))
    collector.start()
    assert counts(collector.wait("FINISHED")) == (15, 15, 0)
    assert collector.lines() == numbers


def test_an_error_of_s3_is_tried_again_as_often_as_the_pipeline_says(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.streamsets.run.FIRST_RETRY_SECONDS", 0.05)
    collector.land("a.dat", "D|1")
    document = definition(shouldRetry=True, retryAttempts=2)
    target = document["pipelineConfig"]["stages"][1]["configuration"]
    bucket = next(each for each in target if each["name"].endswith("bucketTemplate"))
    bucket["value"] = LANDING  # which the engine may list and read, not write
    state = collector.run(document)
    assert state["status"] == "RUN_ERROR"
    assert "is not authorized to perform: s3:PutObject" in state["message"]
    seen = [each["status"] for each in reversed(collector.pipeline("GET", "history"))]
    attempt = ["STARTING", "RUNNING", "RUNNING_ERROR"]
    assert seen == ["EDITED", "EDITED", *attempt, "RETRY", *attempt, "RETRY", *attempt, "RUN_ERROR"]


def test_a_bucket_that_does_not_exist_is_a_start_error(collector: Collector) -> None:
    state = collector.run(definition(origin={"s3ConfigBean.s3Config.bucket": "meridian-dev-none"}))
    assert state["status"] == "START_ERROR"
    assert "S3_SPOOLDIR_12 - An error occurred (404)" in state["message"]
    assert counts(state) == (0, 0, 0)


def test_what_the_instance_profile_may_not_do_is_not_done(collector: Collector) -> None:
    state = collector.run(definition(origin={"s3ConfigBean.s3Config.bucket": "meridian-prod-annuity-landing"}))
    assert state["status"] == "START_ERROR"
    assert "is not authorized to perform: s3:ListBucket" in state["message"]


def test_an_account_without_the_engines_module_has_no_engine_role(collector: Collector) -> None:
    collector.url = collector.url.replace(ACCOUNT, "222222222222")
    state = collector.run()
    assert state["status"] == "START_ERROR"
    assert "account 222222222222 has no instance profile '*-streamsets'" in state["message"]


def test_whole_files_are_moved_as_they_are(collector: Collector) -> None:
    collector.s3.put_object(Bucket=LANDING, Key=SOURCE + "image.dat", Body=b"\x00\xff\n")
    document = definition()
    for each in document["pipelineConfig"]["stages"][:2]:
        each["services"][0]["configuration"] = settings({"dataFormat": "WHOLE_FILE"})
    assert counts(collector.run(document)) == (1, 1, 0)
    assert collector.written() == {f"{TARGET}sdc-image.dat": b"\x00\xff\n"}


def test_an_empty_prefix_finishes_with_nothing(collector: Collector) -> None:
    state = collector.run()
    assert (state["status"], counts(state), collector.written()) == ("FINISHED", (0, 0, 0), {})


def test_the_rendered_pipelines_are_understood_in_full(collector: Collector) -> None:
    rendered = sorted(Path("environments").glob("*/rendered/*/dag/ingest/*.json"))
    assert rendered, "nothing is rendered"
    for path in rendered:
        collector.install(json.loads(path.read_text()))
        assert collector.call("POST", f"pipeline/{PIPELINE}/start", PARAMETERS).status_code == 200, path
        collector.wait()
