"""`sluice ephemeral` as people and Jenkins type it, against an account in moto."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from delivery.ephemeral.running import FORM, Running, why_over
from sluice import cli
from tests.delivery.ephemeral.conftest import NOW, ROOT, Ground

OURS = {"managed-by": "sluice", "ephemeral": "ann", "owner": "ann@meridian.example", "tenant": "annuity", "env": "dev"}
UP = ["ephemeral", "up", "--env", "dev", "--tenant", "annuity"]


@pytest.fixture(autouse=True)
def at_the_desk(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for name, value in ground.account.variables.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def clusters(ground: Ground) -> Iterator[dict[str, str]]:
    """`{name: id}` of clusters of every kind, started now as AWS sees it."""
    now = datetime.now(UTC)
    past, future = ((now + timedelta(hours=hours)).strftime(FORM) for hours in (-1, 3))
    kinds = {
        "expired": OURS | {"ephemeral": "expired", "expires_at": past},
        "young": OURS | {"ephemeral": "young", "expires_at": future},
        "unclear": OURS | {"ephemeral": "unclear", "expires_at": "tomorrow"},
        "a run's": {"managed-by": "sluice", "run_key": "annuity_daily/x", "expires_at": past},
        "the shared one": {"managed-by": "terraform", "env": "dev"},
        "a stranger's": {"ephemeral": "theirs", "expires_at": past},
    }
    started = {name: ground.add_cluster(name, **tags) for name, tags in kinds.items()}
    yield started
    ground.client("emr").terminate_job_flows(JobFlowIds=list(started.values()))


def ended(ground: Ground, clusters: dict[str, str]) -> set[str]:
    return {name for name, cluster_id in clusters.items() if ground.state(cluster_id).startswith("TERMINAT")}


def test_reap_ends_what_is_over_and_nothing_else(
    ground: Ground, clusters: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Without Pulumi, and without a record of Pulumi's: the tags alone say it."""
    assert cli.run(["ephemeral", "reap", "--env", "dev", "--dry-run"]) == 0
    assert f"would end {clusters['expired']}" in capsys.readouterr().out
    assert ended(ground, clusters) == set()
    assert cli.run(["ephemeral", "reap", "--env", "dev"]) == 0
    told = capsys.readouterr().out
    assert ended(ground, clusters) == {"expired", "unclear"}
    assert f"ended {clusters['expired']} expired of ann@meridian.example: expired at " in told
    assert f"ended {clusters['unclear']} unclear of ann@meridian.example: says by its tag expires_at no moment" in told
    assert cli.run(["ephemeral", "reap", "--env", "dev"]) == 0
    assert capsys.readouterr().out == "nothing to end in dev\n"


def test_list_shows_whose_until_when(clusters: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["ephemeral", "list", "--env", "dev"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert set(lines) == {clusters[name] for name in ("expired", "young", "unclear")}
    assert "young" in lines[clusters["young"]]
    assert "annuity  ann@meridian.example  age 0:0" in lines[clusters["young"]]
    assert "ends no moment: to be ended" in lines[clusters["unclear"]]
    assert cli.run(["ephemeral", "list", "--env", "dev", "--json"]) == 0
    found = {item["name"]: item for item in json.loads(capsys.readouterr().out)}
    assert found["young"]["owner"] == "ann@meridian.example"
    assert found["unclear"]["expires_at"] is None


def test_nothing_to_list_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["ephemeral", "list", "--env", "dev"]) == 0
    assert capsys.readouterr().out == "no short-lived cluster runs in dev\n"


def test_dry_run_judges_and_starts_nothing(ground: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    before = ground.client("emr").list_clusters()["Clusters"]
    assert cli.run([*UP, "--owner", "Ann.Lee@meridian.example", "--hours", "2", "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "meridian-dev-annuity-ephemeral-ann-lee: emr-7.14.0, 2 to 8 units" in told
    assert "or after 60 idle minutes" in told
    assert "gate: 16 passed" in told
    assert told.endswith("not started: --dry-run\n")
    assert ground.client("emr").list_clusters()["Clusters"] == before


def test_up_without_pulumi_says_what_to_install(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([*UP, "--owner", "ann@meridian.example"]) == 3
    assert "pulumi is not on PATH" in capsys.readouterr().err


def test_down_without_pulumi_names_the_tool_and_a_dry_run_the_cluster(
    clusters: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["ephemeral", "down", "--env", "dev", "young"]) == 3
    assert "pulumi is not on PATH" in capsys.readouterr().err
    assert cli.run(["ephemeral", "down", "--env", "dev", "young", "--dry-run"]) == 0
    assert f"would end {clusters['young']}" in capsys.readouterr().out
    assert cli.run(["ephemeral", "down", "--env", "dev", "nobody", "--dry-run"]) == 0
    assert "no cluster 'nobody' runs" in capsys.readouterr().out


@pytest.mark.parametrize("verb", [["list"], ["reap"], ["down", "x"], ["up", "--tenant", "annuity"]])
def test_production_is_refused_by_every_verb(verb: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["ephemeral", verb[0], "--env", "prod", *verb[1:]]) == 2
    assert "prod: is production" in capsys.readouterr().err


def test_unknown_tenant_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    line = ["ephemeral", "up", "--env", "dev", "--tenant", "anuity", "--owner", "ann@meridian.example", "--dry-run"]
    assert cli.run(line) == 2
    assert "annuity" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["up", "down", "list", "reap"])
def test_help_has_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["ephemeral", verb, "--help"]) == 0
    assert f"Example: sluice ephemeral {verb} --env dev" in capsys.readouterr().out


def test_no_tag_lets_a_cluster_run_beyond_a_day() -> None:
    """Somebody put the end off by hand, again and again."""
    late = Running("j-1", "ann", "WAITING", NOW - timedelta(hours=24, minutes=1), NOW + timedelta(hours=8), OURS)
    assert why_over(late, NOW) == "runs since 2026-11-22T08:59:00Z, longer than 24 hours"
    young = Running("j-1", "ann", "WAITING", NOW - timedelta(hours=23), NOW + timedelta(hours=1), OURS)
    assert why_over(young, NOW) == ""
