"""Commands that the documents and pipelines name exist, with every option that they are given."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
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
PAGES = [
    ROOT / "README.md",
    *(path for room in ("docs", "modules", "bench") for path in sorted((ROOT / room).rglob("*.md"))),
]
COMMAND = re.compile(r"(?:bin/|`)sluice ([a-z][^`'|;)(]*)")
OPTION = re.compile(r"--[a-z][a-z-]*")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)")
PRINTED = re.compile(r"(?<![\w/.-])sluice ([a-z][^`'|;)(,:…\n]*)")
CODE = ("authority", "delivery", "generator", "policies", "sandbox", "sluice")


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


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_link_of_a_page_leads_somewhere(path: Path) -> None:
    for name, anchor in LINK.findall(path.read_text()):
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), f"{path}: {name}"
        assert not anchor or anchor in anchors(target), f"{path}: {name}#{anchor}"


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as forges make them."""
    titles = re.findall(r"(?m)^#+ (.*)$", path.read_text())
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


def fixes(path: Path) -> Iterator[str]:
    """Yield what the code of a file gives as `fix`, with X for each value that only a run knows."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.keyword) and node.arg == "fix":
            parts = (item for item in ast.walk(node.value) if isinstance(item, ast.Constant | ast.FormattedValue))
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in parts)


@pytest.mark.parametrize("room", CODE)
def test_a_fix_that_is_printed_can_be_typed_with_all_that_its_verb_needs(room: str) -> None:
    for path in sorted((ROOT / room).rglob("*.py")):
        for match in PRINTED.finditer("\n".join(fixes(path))):
            verb, rest = verb_of(re.split(r" > | && |  ", match.group(1))[0].split())
            if rest[:1] == ["X"]:
                continue  # a value that holds the options itself
            given = set(OPTION.findall(" ".join(rest)))
            needed = [item.opts for item in verb.params if item.required and isinstance(item, click.Option) and given]
            known = {option for item in verb.params for option in (*item.opts, *item.secondary_opts)}
            assert given <= known, f"{path}: {match.group(0)}"
            words = next((place for place, word in enumerate(rest) if word.startswith("-")), 0)
            assert words <= sum(isinstance(item, click.Argument) for item in verb.params), f"{path}: {match.group(0)}"
            assert all(given & set(options) for options in needed), f"{path}: {match.group(0)} lacks {needed}"
