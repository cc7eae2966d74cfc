"""`sluice sandbox access` over what a local cloud would tell: what is said, and how it ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sluice import laptop
from sluice.commands.sandbox import sandbox

ROOT = Path(__file__).parents[3]
ROLE = "arn:aws:iam::111111111111:role/sluice-plan"
BUCKET = "arn:aws:s3:::meridian-dev-platform-tfstate"
READ = {"Sid": "States", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"{BUCKET}/*"}
ASKED = [ROLE, "s3:GetObject", f"{BUCKET}/a", {}, 3]


class Cloud:
    """What a running local cloud answers."""

    def __init__(self, *calls: Any, policy: Any = READ, **more: Any) -> None:
        role = {"arn": ROLE, "id": "A", "policies": {"plan": {"Statement": [policy]}}, "boundary": None, "tags": {}}
        trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
        self._answers = {
            "calls": {"calls": list(calls), "not_kept": 0, "unread": {}, **more},
            "policies": {"roles": {ROLE: {**role, "trust": trust}}, "resources": {}, "endpoints": {}},
        }

    def ask(self, method: str, path: str) -> Any:
        assert method == "GET"
        return self._answers[path]


def run(monkeypatch: pytest.MonkeyPatch, cloud: Cloud, *options: str) -> Result:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(laptop, "require", lambda _: cloud)
    return CliRunner().invoke(sandbox, ["access", *options])


def test_all_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, Cloud(ASKED))
    assert (result.exit_code, result.output) == (
        0,
        "1 distinct permissions of 1 roles: 1 allowed, 0 refused, 0 undecided\n",
    )


def test_what_would_have_been_refused_is_told_with_where_it_is_granted(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"s3:if-none-match": "*", "aws:requesttag/env": "dev", "s3:x-amz-acl": None}
    result = run(monkeypatch, Cloud(ASKED, [ROLE, "s3:DeleteObject", f"{BUCKET}/a", told, 2]))
    assert result.exit_code == 1
    assert result.output.splitlines()[:5] == [
        f"refused  {ROLE}  s3:DeleteObject  (asked 2 times)",
        f"  on:       {BUCKET}/a",
        "  told:     s3:if-none-match = *",
        "  why:      no policy of the role allows it",
        "  granted:  delivery/bootstrap/account.yaml",
    ]


@pytest.mark.parametrize(
    ("cloud", "said"),
    [
        (Cloud(ASKED, policy={**READ, "Condition": {"Bool": {"aws:New": "true"}}}), "1 undecided"),
        (Cloud([f"{ROLE}-gone", *ASKED[1:]]), "its role does not stand here any more"),
        (Cloud(ASKED, unread={"backup:GET /x": 2}), "not read: backup:GET /x (2 times)"),
        (Cloud(ASKED, not_kept=7), "not kept: 7 calls"),
        (Cloud(), "0 distinct permissions"),
    ],
)
def test_what_cannot_be_told_is_never_a_pass(monkeypatch: pytest.MonkeyPatch, cloud: Cloud, said: str) -> None:
    result = run(monkeypatch, cloud)
    assert result.exit_code == 4
    assert said in result.output


def test_roles_of_other_accounts_are_others_to_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = "arn:aws:iam::333333333333:role/polaris-export"
    assert run(monkeypatch, Cloud(ASKED, [foreign, *ASKED[1:]])).exit_code == 0


def test_what_nothing_has_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, Cloud(ASKED), "--unused")
    assert f"unused  {ROLE}  plan, States: s3:putobject  (delivery/bootstrap/account.yaml)\n" in result.output
