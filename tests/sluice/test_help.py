"""The help of every verb: what it does, an example, its exit codes, and a dry run where it changes something."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

import click
import pytest
from click.testing import CliRunner

from sluice import cli

DRY_RUNS = {"--dry-run", "--check"}
READS = "only reads, and writes what it found where it is told to"
LOCAL = "changes the local cloud alone, which holds nothing worth keeping"
WITHOUT_A_DRY_RUN: Mapping[str, str] = {
    "affected": READS,
    "cloudformation plan": "is the dry run of `cloudformation apply`",
    "control": READS,
    "data current": READS,
    "data history": READS,
    "data list": READS,
    "data restated": READS,
    "demo": LOCAL,
    "drift": READS,
    "ephemeral list": READS,
    "gate": READS,
    "isolation": READS,
    "ledger": READS,
    "plan": "is the dry run of `apply`",
    "release diff": READS,
    "release key": READS,
    "release show": READS,
    "release verify": READS,
    "sandbox access": READS,
    "sandbox down": LOCAL,
    "sandbox env": READS,
    "sandbox fault": LOCAL,
    "sandbox land": LOCAL,
    "sandbox run": LOCAL,
    "sandbox status": READS,
    "sandbox up": LOCAL,
    "schema": READS,
    "waivers": READS,
}
"""{verb: why it needs no dry run}; every other verb has one."""


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Yield (words, command) of everything that can be run."""
    if not isinstance(command, click.Group):
        yield " ".join(path), command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        yield from leaves(below, (*path, name))


VERBS = dict(leaves(cli.sluice))


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_says_what_an_example_and_the_exit_codes(verb: str) -> None:
    result = CliRunner().invoke(cli.sluice, [*verb.split(), "--help"], terminal_width=300)
    assert result.exit_code == 0, result.output
    assert f"sluice {verb}" in result.output.partition("\n")[0]
    assert VERBS[verb].help
    assert cli.EXIT_CODES in " ".join(result.output.split())


@pytest.mark.parametrize("verb", VERBS)
def test_the_example_is_of_this_verb_and_its_options_exist(verb: str) -> None:
    example = (VERBS[verb].epilog or "").partition("\n")[0].removeprefix("Example: ")
    assert re.search(rf"\bsluice {verb}\b", example), f"the example of {verb} is {example!r}"
    words = shlex.split(example.replace('"$(', "").replace(')"', "").partition(" > ")[0])
    known = {option for parameter in VERBS[verb].params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert {word for word in words if word.startswith("-")} <= known


@pytest.mark.parametrize("verb", VERBS)
def test_what_changes_something_can_be_tried_first(verb: str) -> None:
    has_one = any(DRY_RUNS & set(parameter.opts) for parameter in VERBS[verb].params)
    assert has_one is not (verb in WITHOUT_A_DRY_RUN), (
        f"{verb}: give it --dry-run, or say in WITHOUT_A_DRY_RUN why it needs none; never both"
    )


def test_the_list_of_exceptions_names_verbs_that_exist() -> None:
    assert WITHOUT_A_DRY_RUN.keys() <= VERBS.keys()
