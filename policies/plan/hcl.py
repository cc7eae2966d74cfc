"""What a plan's JSON leaves out of its modules' code: where a resource block stands, and what a local is made of.

No HCL parser: blocks are found by their headers, and a local's references by their looks. So it may see a reference
where there is none (in a text or a comment), which makes a value less traceable; it must never miss one. What it cannot
split into locals with certainty it gives up, and then nothing is traced through them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

RESOURCE = re.compile(r'^[ \t]*resource[ \t]+"([\w-]+)"[ \t]+"([\w-]+)"', re.MULTILINE)
TOKEN = re.compile(r'#[^\n]*|//[^\n]*|/\*.*?\*/|<<|"|[{\[(]|[}\])]|\n', re.DOTALL)
IN_STRING = re.compile(r'\\.|\$\$\{|%%\{|[$%]\{|"|\n', re.DOTALL)
LOCALS = re.compile(r"[ \t]*locals[ \t]*\{[ \t]*")
ENTRY = re.compile(r"[ \t]*([A-Za-z_][\w-]*)[ \t]*=(?!=)")
HEREDOC = re.compile(r"-?(\w+)[ \t]*\n")
REFERENCE = re.compile(r'[^\W\d][\w-]*(?:\s*\.\s*[^\W\d][\w-]*|\[(?:"(?:[^"\\$%]|\\.)*"|\d+)\])+')
SPACE = re.compile(r"\s+")


class _GivenUp(Exception):
    """The text holds something that this scanner does not split."""


class Code:
    """The Terraform code of local module folders, each read once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._texts: dict[Path, dict[Path, str]] = {}
        self._locals: dict[Path, Mapping[str, list[str]] | None] = {}
        self._lines: dict[Path, dict[tuple[str, str], tuple[Path, int]]] = {}

    def line_of(self, folder: Path, type: str, name: str) -> tuple[Path, int] | None:
        """Return the file and the line, from 1, of a resource's block in a module folder."""
        if folder not in self._lines:
            self._lines[folder] = {
                (found[1], found[2]): (path, text.count("\n", 0, found.start()) + 1)
                for path, text in self._read(folder).items()
                for found in RESOURCE.finditer(text)
            }
        return self._lines[folder].get((type, name))

    def may_say(self, folder: Path, type: str, name: str, attribute: str) -> bool:
        """Tell whether a resource's block may say `attribute` by a `dynamic` block; also when that cannot be told."""
        for text in self._read(folder).values():
            for found in RESOURCE.finditer(text):
                if (found[1], found[2]) == (type, name):
                    try:
                        opened = text.index("{", found.end()) + 1
                        block = text[opened : _closing(text, opened)]
                    except (ValueError, _GivenUp):
                        return True
                    return re.search(rf'\bdynamic\s+"?{re.escape(attribute)}\b', block) is not None
        return True

    def references_of_local(self, folder: Path, name: str) -> list[str] | None:
        """Return whatever looks like a reference in the local `name`; None when that cannot be told."""
        if folder not in self._locals:
            self._locals[folder] = self._scan(folder)
        found = self._locals[folder]
        return None if found is None else found.get(name)

    def _read(self, folder: Path) -> dict[Path, str]:
        if folder not in self._texts:
            self._texts[folder] = {path: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.tf"))}
        return self._texts[folder]

    def _scan(self, folder: Path) -> Mapping[str, list[str]] | None:
        if any('"locals"' in path.read_text(encoding="utf-8") for path in folder.glob("*.tf.json")):
            return None
        found: dict[str, list[str]] = {}
        try:
            for text in self._read(folder).values():
                for name, expression in locals_of(text):
                    if name in found:
                        return None
                    found[name] = [SPACE.sub("", reference) for reference in REFERENCE.findall(expression)]
        except _GivenUp:
            return None
        return found


def locals_of(text: str) -> Iterator[tuple[str, str]]:
    """Yield each local's name and the text of its expression."""
    at = 0
    while at < len(text):
        header = LOCALS.match(text, at)
        if header:
            end = _closing(text, header.end())
            yield from _entries(text[header.end() : end])
            at = end
        at = _next_line(text, at)


def _entries(body: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(body):
        entry = ENTRY.match(body, at)
        end = _next_line(body, at)
        if entry:
            yield entry[1], body[entry.end() : end]
        elif body[at:end].strip() and not re.match(r"\s*(#|//|/\*)", body[at:end]):
            raise _GivenUp
        at = end


def _next_line(text: str, at: int) -> int:
    """Return where the next line begins that is not inside brackets, a text or a comment opened on this one."""
    while token := TOKEN.search(text, at):
        at = token.end()
        if token[0] == "\n":
            return at
        at = _after(text, token)
    return len(text)


def _closing(text: str, at: int) -> int:
    """Return where the bracket closes that was opened just before `at`."""
    while token := TOKEN.search(text, at):
        if token[0] in "}])":
            return token.start()
        at = _after(text, token)
    raise _GivenUp


def _after(text: str, token: re.Match[str]) -> int:
    """Return the position behind what `token` opens: a text, a bracket, a comment."""
    if token[0] == "<<":
        return _after_heredoc(text, token.end())
    if token[0] == '"':
        return _after_string(text, token.end())
    if token[0] in "{[(":
        return _closing(text, token.end()) + 1
    return token.end()


def _after_heredoc(text: str, at: int) -> int:
    opening = HEREDOC.match(text, at)
    closing = opening and re.compile(rf"^[ \t]*{opening[1]}\b", re.MULTILINE).search(text, opening.end())
    if not closing:
        raise _GivenUp
    return closing.end()


def _after_string(text: str, at: int) -> int:
    while token := IN_STRING.search(text, at):
        at = token.end()
        if token[0] == '"':
            return at
        if token[0] == "\n":
            raise _GivenUp
        if token[0] in ("${", "%{"):
            at = _closing(text, at) + 1
    raise _GivenUp
