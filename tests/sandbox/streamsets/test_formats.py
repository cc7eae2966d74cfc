"""Delimited text becomes records, record by record, from any offset on."""

from __future__ import annotations

import pytest

from sandbox.streamsets.formats import DelimitedFormat, as_json_lines

PIPED = DelimitedFormat()


def records(content: bytes, layout: DelimitedFormat = PIPED) -> list[dict[str, str] | None]:
    return [parsed.record for parsed in layout.parse(content)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"H|policies\nD|P-1|\n", [{"0": "H", "1": "policies"}, {"0": "D", "1": "P-1", "2": ""}]),
        (b"D|no newline at the end", [{"0": "D", "1": "no newline at the end"}]),
        (b"D|1\r\nD|2\r\n", [{"0": "D", "1": "1"}, {"0": "D", "1": "2"}]),
        (b"D|1\n\n\nD|2\n", [{"0": "D", "1": "1"}, {"0": "D", "1": "2"}]),
        (b'D|"a|b"|"say ""x"""\n', [{"0": "D", "1": "a|b", "2": 'say "x"'}]),
        (b"D|a\\|b\n", [{"0": "D", "1": "a|b"}]),
        (b'D|"two\nlines"|x\n', [{"0": "D", "1": "two\nlines", "2": "x"}]),
        ("D|Zürich €\n".encode(), [{"0": "D", "1": "Zürich €"}]),
        (b"", []),
    ],
)
def test_fields_are_positional(content: bytes, expected: list[dict[str, str]]) -> None:
    assert records(content) == expected


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b'D|1\nD|"a"b|2\nD|3\n', "DELIMITED_PARSER_01 - record at byte 4"),
        (b"D|1\nD|\xff\xfe\nD|3\n", "DELIMITED_PARSER_02 - record at byte 4 is not UTF-8"),
        (b"D|1\nD|" + b"x" * 1024 + b"\nD|3\n", "DELIMITED_PARSER_03 - record at byte 4 is longer than 1024"),
    ],
)
def test_one_bad_record_costs_no_other(content: bytes, error: str) -> None:
    parsed = list(PIPED.parse(content))
    assert [each.record for each in parsed] == [{"0": "D", "1": "1"}, None, {"0": "D", "1": "3"}]
    assert str(parsed[1].error).startswith(error)


def test_reading_goes_on_behind_any_record() -> None:
    content = 'D|1\nD|"two\nlines"\n\nD|ü\nD|4'.encode()
    whole = list(PIPED.parse(content))
    for position, parsed in enumerate(whole):
        assert list(PIPED.parse(content, parsed.end)) == whole[position + 1 :]


def test_other_delimiters_quotes_and_empty_lines() -> None:
    layout = DelimitedFormat(delimiter=";", quote="'", ignores_empty_lines=False)
    assert records(b"a;'b;c'\n\n", layout) == [{"0": "a", "1": "b;c"}, {}]


def test_json_is_an_object_a_line() -> None:
    assert as_json_lines([{"0": "D", "1": 'é"'}, {"0": "T"}]) == '{"0":"D","1":"é\\""}\n{"0":"T"}\n'.encode()
