"""Commands that the documents and pipelines name exist, with every option that they are given."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from sluice import cli

ROOT = Path(__file__).parents[2]
FILES = [
    *(ROOT / name for name in ("README.md", "Jenkinsfile")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "ci").glob("*.Jenkinsfile")),
]
COMMAND = re.compile(r"(?:bin/|`)sluice ([a-z][^`'|;)(]*)")
OPTION = re.compile(r"--[a-z][a-z-]*")


def verb_of(words: list[str]) -> tuple[click.Command, list[str]]:
    """Return the verb that `words` begin with, and the words behind it."""
    command: click.Command = cli.sluice
    while isinstance(command, click.Group) and words:
        below = command.get_command(click.Context(command), words[0].strip(".,:"))
        if below is None:
            break
        command, words = below, words[1:]
    return command, words


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_says_to_type_can_be_typed(path: Path) -> None:
    for line in path.read_text().splitlines():
        for match in COMMAND.finditer(line.partition("#")[0]):
            verb, rest = verb_of(re.split(r" > | && ", match.group(1))[0].split())
            assert verb is not cli.sluice, f"no such verb: {line}"
            known = {option for parameter in verb.params for option in (*parameter.opts, *parameter.secondary_opts)}
            assert set(OPTION.findall(" ".join(rest))) <= known | {"--help"}, line
