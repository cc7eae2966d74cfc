"""CSO_EMR_09 where no rendered file can show it: what the operator adds to a job flow before it is sent."""

from __future__ import annotations

import ast
import datetime as dt
import json
from pathlib import Path

import pytest

from dags import job_flow
from policies.artefacts.documents import JobFlow
from policies.check import Context
from policies.checks.emr.emr_job_flow_terminates_itself import check

ROOT = Path(__file__).parents[3]
RENDERED = sorted(ROOT.glob("environments/*/rendered/*/dag/job_flow.json"))
NOW = dt.datetime(2026, 11, 23, 4, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize("path", RENDERED, ids=lambda path: path.parents[1].name)
def test_every_cluster_of_a_run_says_whose_it_is_and_when_it_expires(path: Path) -> None:
    flow = job_flow.for_run(json.loads(path.read_text()), "annuity_daily/scheduled__1", "2026-11-22", NOW, 6)
    tags = {tag["Key"]: tag["Value"] for tag in flow["Tags"]}
    assert tags["run_key"] == "annuity_daily/scheduled__1"
    assert dt.datetime.fromisoformat(tags["expires_at"]) == NOW + dt.timedelta(hours=6)
    assert tags["managed-by"] == "sluice"


def test_there_are_job_flows_to_judge() -> None:
    assert RENDERED


def test_a_rendered_tag_cannot_stand_in_for_the_runs() -> None:
    document = {
        "AutoTerminationPolicy": {"IdleTimeout": 900},
        "Instances": {"TerminationProtected": False},
        "Tags": [{"Key": "expires_at", "Value": "2099-01-01T00:00:00Z"}],
    }
    context = Context("prod", "annuity", NOW.date(), is_production=True, organisation="meridian")
    found = list(check.judge(JobFlow("job_flow.json", json.dumps(document), context)))
    assert found == ["the tag 'expires_at' is rendered; it belongs to the run, which sets it"]
    flow = job_flow.for_run(document, "a/b", "2026-11-22", NOW, 6)  # and if it were, the run's own would replace it
    assert [tag["Value"] for tag in flow["Tags"] if tag["Key"] == "expires_at"] == ["2026-11-23T10:00:00Z"]


def test_the_reaper_looks_for_what_the_operator_writes() -> None:
    tree = ast.parse(
        (ROOT / "dags" / "emr_reaper.py").read_text()
    )  # it needs Airflow, which is not in this environment
    imported = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "dags.job_flow"]
    assert {name.name for node in imported for name in node.names} >= {"EXPIRES_AT", "OWNER"}
