"""Data Collector's formats: delimited text into records, records into JSON lines.

Bytes in, records out and back; it must not know where bytes come from or go to.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass

Record = dict[str, str]
"""A LIST_MAP without header: {position as text: field}, in order."""


@dataclass(frozen=True)
class Parsed:
    """One record of an object, or the reason why there is none.

    Attributes:
        end: offset in bytes just behind the record: where reading goes on after it.
        record: None for an error record.
        error: Data Collector's error code and text; None for a good record.
    """

    end: int
    record: Record | None
    error: str | None = None


@dataclass(frozen=True)
class DelimitedFormat:
    """`dataFormat: DELIMITED` with `csvFileFormat: CUSTOM`, no header, LIST_MAP records.

    Attributes:
        longest_record: characters; a longer one is an error record.
        ignores_empty_lines: as `csvIgnoreEmptyLines`.
    """

    delimiter: str = "|"
    quote: str = '"'
    escape: str = "\\"
    longest_record: int = 1024
    ignores_empty_lines: bool = True

    def parse(self, content: bytes, start: int = 0) -> Iterator[Parsed]:
        """Yield the records from an offset on. A line that is not UTF-8 or badly quoted is an error record."""
        lines = _Lines(content, start)
        reader = csv.reader(
            lines, delimiter=self.delimiter, quotechar=self.quote, escapechar=self.escape, strict=True
        )  # fmt: skip
        while True:
            begin = lines.end
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Parsed(lines.end, None, f"DELIMITED_PARSER_01 - record at byte {begin}: {error}")
                continue
            if fields or not self.ignores_empty_lines:
                yield self._judge(fields, begin, lines)

    def _judge(self, fields: list[str], begin: int, lines: _Lines) -> Parsed:
        if lines.take_undecodable():
            return Parsed(lines.end, None, f"DELIMITED_PARSER_02 - record at byte {begin} is not UTF-8")
        length = sum(map(len, fields)) + len(fields) - 1
        if length > self.longest_record:
            return Parsed(
                lines.end, None, f"DELIMITED_PARSER_03 - record at byte {begin} is longer than {self.longest_record}"
            )
        return Parsed(lines.end, {str(position): field for position, field in enumerate(fields)})


class _Lines:
    """The lines of some bytes, as text; knows how far it has been read."""

    def __init__(self, content: bytes, start: int) -> None:
        self._content = content
        self._is_undecodable = False
        self.end = start

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.end >= len(self._content):
            raise StopIteration
        newline = self._content.find(b"\n", self.end)
        stop = len(self._content) if newline < 0 else newline + 1
        line, self.end = self._content[self.end : stop], stop
        try:
            return line.decode()
        except UnicodeDecodeError:
            self._is_undecodable = True
            return line.decode(errors="replace")

    def take_undecodable(self) -> bool:
        """Whether a line read since the last call was not UTF-8."""
        found, self._is_undecodable = self._is_undecodable, False
        return found


def as_json_lines(records: list[Record]) -> bytes:
    """Return `dataFormat: JSON` with `jsonMode: MULTIPLE_OBJECTS`: an object a line."""
    return "".join(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n" for record in records).encode()
