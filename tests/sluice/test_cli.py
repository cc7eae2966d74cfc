"""Exit codes are a contract: Jenkins branches on them, never on text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from delivery.errors import DeliveryError
from sluice import cli

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def verb() -> Iterator[click.Command]:
    """A verb whose behaviour a test sets; taken back afterwards."""
    command = click.Command("try", callback=lambda: None)
    cli.sluice.add_command(command)
    yield command
    cli.sluice.commands.pop("try")


def raising(error: BaseException) -> object:
    def callback() -> None:
        raise error

    return callback


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DeliveryError("dev/platform: no"), 3),
        (click.exceptions.Exit(1), 1),
        (click.UsageError("no such option"), 2),
        (KeyboardInterrupt(), 130),
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject"), 3),
        (NoCredentialsError(), 3),
        (ZeroDivisionError("division by zero"), 70),
    ],
)
def test_exit_code_says_what_kind_of_end_it_was(verb: click.Command, error: BaseException, code: int) -> None:
    verb.callback = raising(error)  # type: ignore[assignment]
    assert cli.run(["try"]) == code


def test_success_is_zero(verb: click.Command) -> None:
    assert cli.run(["try"]) == 0


def test_a_bug_shows_its_traceback_and_a_mistake_does_not(
    verb: click.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    verb.callback = raising(ZeroDivisionError("division by zero"))  # type: ignore[assignment]
    cli.run(["try"])
    assert "Traceback" in capsys.readouterr().err
    verb.callback = raising(DeliveryError("dev/platform: no", fix="wait"))  # type: ignore[assignment]
    cli.run(["try"])
    assert capsys.readouterr().err == "dev/platform: no\n  fix:      wait\n"


def test_unknown_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["deplyo"]) == 2
    assert "No such command 'deplyo'" in capsys.readouterr().err


def test_render_check_exits_1_on_drift(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("tenants", "spark_jobs", "schemas", "dags", "modules"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    (tmp_path / "environments").mkdir()
    for name in ("dev", "prod"):
        folder = tmp_path / "environments" / name
        folder.mkdir()
        (folder / "environment.yaml").write_text((REPOSITORY / f"environments/{name}/environment.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    assert cli.run(["render", "--check"]) == 1
    assert cli.run(["render"]) == 0
    assert cli.run(["render", "--check"]) == 0
