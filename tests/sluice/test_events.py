"""What long verbs tell machines: one JSON object a line, nothing else on stdout, and at the end what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from delivery.cloudformation.changes import Kind, ResourceChange, StackPlan
from delivery.ephemeral import lifecycle
from delivery.ephemeral.cluster import Cluster
from delivery.ephemeral.lifecycle import Prepared
from delivery.ephemeral.running import Running
from delivery.ephemeral.translate import ShownPlan
from delivery.errors import StateLocked, StateNotWritten
from delivery.ledger import Record
from delivery.recover.match import Candidate, Doubt
from delivery.recover.stack import Recovery
from delivery.workspace import StackId
from policies.controls import load_register
from policies.gate import REGISTER
from policies.result import GateResult
from sluice import cli
from sluice.commands import ephemeral, recover
from sluice.events import Events, TemplateEvents
from tests.delivery.ephemeral.conftest import NOW, ROOT, cluster

__all__ = ["cluster"]
ANNUITY = StackId("dev", "annuity")
RUNNING = Running("j-1", "ann", "STARTING", NOW, NOW, {"owner": "ann@meridian.example", "tenant": "annuity"})
Verb = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Verb:
    """Run a verb with --json in this repository; return its events without their moments."""
    monkeypatch.chdir(ROOT)

    def run(*arguments: str, code: int = 0) -> list[dict[str, Any]]:
        assert cli.run([*arguments, "--json"]) == code
        events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert all(datetime.fromisoformat(event.pop("at")).tzinfo == UTC for event in events)
        return events

    return run


def test_a_template_s_stack_is_told_as_any_other() -> None:
    lines: list[str] = []
    rows = TemplateEvents(Events(lines.append), "dev")
    changes = (ResourceChange("Queue", "AWS::SQS::Queue", "replace"), ResourceChange("Topic", "AWS::SNS::Topic", "add"))
    rows("claims-in", "planning")
    rows.planned([StackPlan("dev", "claims", "claims-in", Kind.UPDATE, changes, "arn:1", "abc")])
    for what in ("executing its change set", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"):
        rows("claims-in", what)
    events = [json.loads(line) for line in lines]
    assert [event["event"] for event in events] == ["planning", "planned", "applying", "step", "applied"]
    assert {event["stack"] for event in events} == {"dev/claims-in"}
    assert (events[1]["digest"], events[1]["counts"]) == ("abc", {"replace": 1, "add": 1})
    assert (events[2]["changes"], events[3]["text"]) == (2, "UPDATE_IN_PROGRESS")
    assert events[4]["counts"] == {"add": 2, "change": 0, "remove": 1}


def test_a_cluster_s_start(verb: Verb, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    result = GateResult((), load_register(REGISTER), (), {}, NOW.date(), ("dev",))
    prepared = Prepared(cluster, ShownPlan(b"", frozenset(), frozenset()), result, None)
    monkeypatch.setattr(ephemeral, "find_pulumi", lambda variables: "pulumi")
    monkeypatch.setattr(lifecycle, "prepare", lambda account, wish: prepared)
    monkeypatch.setattr(lifecycle, "start", lambda account, prepared, listener: listener("updating"))
    monkeypatch.setattr(lifecycle, "clusters", lambda account: [RUNNING])
    up = ["ephemeral", "up", "--env", "dev", "--tenant", "annuity", "--owner", "ann@meridian.example"]
    events = verb(*up)
    assert [event["event"] for event in events] == ["judging", "gated", "cluster", "step", "ephemeral"]
    assert (events[2]["cluster"], events[2]["owner"]) == (cluster.name, "ann@meridian.example")
    assert events[3] == {"event": "step", "text": "updating"}
    assert events[4] | {"clusters": ""} == {
        "event": "ephemeral",
        "environment": "dev",
        "name": "ann",
        "state": "started",
        "clusters": "",
    }
    assert [one["cluster_id"] for one in events[4]["clusters"]] == ["j-1"]
    tried = verb(*up, "--dry-run")
    assert [event["event"] for event in tried] == ["judging", "gated", "cluster", "ephemeral"]
    assert tried[-1]["state"] == "planned"


@pytest.mark.parametrize(
    ("found", "options", "state"),
    [([RUNNING], [], "ended"), ([], [], "absent"), ([RUNNING], ["--dry-run"], "planned")],
)
def test_a_cluster_s_end(
    verb: Verb, monkeypatch: pytest.MonkeyPatch, found: list[Running], options: list[str], state: str
) -> None:
    def stop(account: object, name: str, listener: Callable[[str], None]) -> list[Running]:
        assert not options, "a dry run ends nothing"
        listener("destroying")
        return found

    monkeypatch.setattr(lifecycle, "stop", stop)
    monkeypatch.setattr(lifecycle, "clusters", lambda account: found)
    *steps, last = verb("ephemeral", "down", "--env", "dev", "ann", *options)
    assert steps == ([] if options else [{"event": "step", "text": "destroying"}])
    assert (last["event"], last["state"], len(last["clusters"])) == ("ephemeral", state, len(found))


class Scripted:
    """Stands for a Recoverer: says one step a stack, then what a test has laid there."""

    outcome: Recovery | Exception

    def __init__(self, *given: Any) -> None:
        self._tell = given[-1]

    def recover(self, stack: StackId, **options: Any) -> Recovery:
        self._tell(f"{stack}: plan")
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.fixture
def history(monkeypatch: pytest.MonkeyPatch) -> list[Record]:
    """The ledger's records; none until a test adds one."""
    records: list[Record] = []
    monkeypatch.setattr(recover, "Recoverer", Scripted)
    monkeypatch.setattr(recover, "ledger_of", lambda *given: SimpleNamespace(history=lambda: records))
    return records


@pytest.mark.parametrize(
    ("outcome", "state", "facts"),
    [
        (Recovery(ANNUITY), "clean", {"imported": False, "missing": [], "doubts": [], "unsearched": {}}),
        (
            Recovery(ANNUITY, (Candidate("a.b", "a", "id-1", "by its name"),), False, (Doubt("x", "y", "z"),)),
            "left",
            {"missing": [{"address": "a.b", "id": "id-1"}], "doubts": [{"what": "x", "why": "y", "do": "z"}]},
        ),
        (StateLocked("dev/annuity", "lock-1", "ann", "apply", "today"), "locked", {"lock": "lock-1"}),
        (StateNotWritten("dev/annuity", Path("errored.tfstate")), "unwritten", {}),
    ],
)
def test_a_recovery(
    verb: Verb,
    history: list[Record],
    monkeypatch: pytest.MonkeyPatch,
    outcome: Recovery | Exception,
    state: str,
    facts: dict[str, Any],
) -> None:
    monkeypatch.setattr(Scripted, "outcome", outcome, raising=False)
    is_clean = state == "clean"
    step, found, last = verb("recover", "--env", "dev", "--stack", "annuity", "--here", code=0 if is_clean else 1)
    assert step == {"event": "step", "text": "dev/annuity: plan"}
    assert (found["event"], found["stack"], found["state"]) == ("recovered", "dev/annuity", state)
    assert found.items() >= facts.items()
    assert last == {
        "event": "recover",
        "environment": "dev",
        "state": "clean" if is_clean else "left",
        "stacks": {"dev/annuity": state},
    }


def test_a_deploy_without_an_end_is_told_first(
    verb: Verb, history: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    history.append(Record("started", "a" * 64, by="jenkins", at="2026-11-23T09:00:00+00:00"))
    monkeypatch.setattr(Scripted, "outcome", Recovery(ANNUITY), raising=False)
    first, *_, last = verb("recover", "--env", "dev", "--stack", "annuity", "--here", code=1)
    assert (first["event"], first["by"], first["release"]) == ("unfinished", "jenkins", "a" * 64)
    assert first["since"] == "2026-11-23T09:00:00+00:00"
    assert (last["state"], last["stacks"]) == ("left", {"dev/annuity": "clean"})
