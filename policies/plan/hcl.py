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
LIFECYCLE = re.compile(r"\s*lifecycle\s*\{")
PREVENT = re.compile(r"\s*prevent_destroy\s*=\s*true\s*(?:(?:#|//).*\s*)?")
OVERRIDE = re.compile(r"(?:^|_)override\.tf(?:\.json)?$")
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
        self._headers: dict[Path, dict[tuple[str, str], list[tuple[Path, re.Match[str]]]]] = {}

    def line_of(self, folder: Path, type: str, name: str) -> tuple[Path, int] | None:
        """Return the file and the line, from 1, of a resource's block in a module folder; the last of several."""
        headers = self._headers_of(folder, type, name)
        if not headers:
            return None
        path, header = headers[-1]
        return path, header.string.count("\n", 0, header.start()) + 1

    def may_say(self, folder: Path, type: str, name: str, attribute: str) -> bool:
        """Tell whether a resource's block may say `attribute` by a `dynamic` block; also when that cannot be told."""
        block = self.block(folder, type, name)
        return block is None or re.search(rf'\bdynamic\s+"?{re.escape(attribute)}\b', block) is not None

    def block(self, folder: Path, type: str, name: str) -> str | None:
        """Return what stands between the braces of a resource's block; None when that cannot be told.

        So it is when there are two, of which one may stand in a comment.
        """
        headers = self._headers_of(folder, type, name)
        if len(headers) != 1:
            return None
        [(_, header)] = headers
        text = header.string
        try:
            opened = text.index("{", header.end()) + 1
            return text[opened : _closing(text, opened)]
        except (ValueError, _GivenUp):
            return None

    def refuses_to_destroy(self, folder: Path, type: str, name: str) -> bool | None:
        """Tell whether a resource's `lifecycle` says prevent_destroy = true; None when that cannot be told.

        A folder with an override file tells nothing: it may say otherwise.
        """
        block = self.block(folder, type, name)
        if block is None or any(OVERRIDE.search(path.name) for path in folder.iterdir()):
            return None
        try:
            said = [body for line in _lines(block) if (body := _body(line, LIFECYCLE)) is not None]
            return len(said) == 1 and any(PREVENT.fullmatch(line) for line in _lines(said[0]))
        except _GivenUp:
            return None

    def references_of_local(self, folder: Path, name: str) -> list[str] | None:
        """Return whatever looks like a reference in the local `name`; None when that cannot be told."""
        if folder not in self._locals:
            self._locals[folder] = self._scan(folder)
        found = self._locals[folder]
        return None if found is None else found.get(name)

    def _headers_of(self, folder: Path, type: str, name: str) -> list[tuple[Path, re.Match[str]]]:
        """Return where blocks of a resource begin, by file; more than one where all but one stand in comments."""
        if folder not in self._headers:
            headers = self._headers[folder] = {}
            for path, text in self._read(folder).items():
                for found in RESOURCE.finditer(text):
                    headers.setdefault((found[1], found[2]), []).append((path, found))
        return self._headers[folder].get((type, name), [])

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


def _lines(body: str) -> Iterator[str]:
    """Yield what stands on its own in a block: a line, or all lines of what a bracket, a text or a comment spans."""
    at = 0
    while at < len(body):
        end = _next_line(body, at)
        yield body[at:end]
        at = end


def _body(line: str, header: re.Pattern[str]) -> str | None:
    """Return what stands in the braces that `header` opens at the beginning of `line`; None for another line."""
    found = header.match(line)
    return line[found.end() : _closing(line, found.end())] if found else None


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
