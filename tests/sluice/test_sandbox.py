"""`sluice sandbox` refuses what nobody can carry out before it looks for a local cloud."""

from __future__ import annotations

import pytest

from sluice import cli


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "annuity_daily", "--env", "dev", "--as-of", "gestern"], "'gestern' does not match the format"),
        (["land", "--env", "dev", "--as-of", "2026-10-31", "--tenant", "claims"], "give --file SOURCE=PATH"),
        (["land", "--env", "dev", "--as-of", "2026-10-31", "--file", "claims=nowhere"], "no such file: nowhere"),
        (["fault", "emr_slow_step", "--option", "seconds"], "'seconds' is not KEY=VALUE"),
    ],
)
def test_wrong_usage_ends_with_2(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["sandbox", *arguments]) == 2
    assert said in capsys.readouterr().err
