"""Whatever text an address, a message or a path holds, every report stays what it is."""

from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree as Xml

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from policies.report import evidence, junit, markdown, sarif, terminal, verdicts
from policies.report.markup import LONGEST, code, documentation, prose
from policies.report.printable import printable
from policies.result import GateResult
from policies.verdict import Judgement, Subject, Verdict
from tests.policies.report import sample
from tests.policies.report.test_markdown import html_tags, walk

ANY = st.text(st.characters(exclude_categories=()), max_size=80)  # lone surrogates too
MARKS = st.text(st.sampled_from(list("`\\*_[]()<>!#@|&~$:/ \n\r\t-+=.1a\x1b\x00\u202e\ud800")), max_size=40)
TEXT = ANY | MARKS
PARSER = MarkdownIt("gfm-like", {"linkify": False})


def run_with(address: str, found: str, path: str) -> GateResult:
    subject = Subject("prod", "annuity", "plan", address, path, 1)
    verdicts_ = (Verdict.FAILED, Verdict.NO_VERDICT, Verdict.WAIVED)
    waiver = {Verdict.WAIVED: "W-0001"}
    items = [Judgement("CSO_KMS_01", "CSO_KMS_01", subject, item, found, waiver.get(item, "")) for item in verdicts_]
    return sample.run(items, notes=(found,))


@settings(max_examples=150, deadline=None)
@given(TEXT, TEXT, TEXT)
def test_every_report(address: str, found: str, path: str) -> None:
    run = run_with(address, found, path)
    assert all(char.isprintable() or char == "\n" for char in terminal.render(run))
    Xml.fromstring(junit.render(run).encode())  # noqa: S314 -- our own
    json.loads(sarif.render(run, sample.TOOLS).encode())
    json.loads(verdicts.document(run, sample.TOOLS))
    for name, text in evidence.documents(run, sample.TOOLS).items():
        if name.endswith(".csv"):
            table = list(csv.reader(io.StringIO(text)))
            assert {len(row) for row in table} == {len(table[0])}
            assert not any(cell.strip().startswith(("=", "+", "-", "@")) for row in table for cell in row)
    tokens = list(walk(PARSER.parse(markdown.render(run))))
    assert html_tags(tokens) <= {"details", "summary"}
    assert not {token.type for token in tokens} & {"link_open", "image", "fence", "code_block", "em_open"}


@settings(max_examples=300, deadline=None)
@given(TEXT)
def test_a_code_span_shows_its_text(text: str) -> None:
    shown = printable(text)
    spans = [token.content for token in walk(PARSER.parse(f"- x {code(text)} y")) if token.type == "code_inline"]
    if shown and len(shown) <= LONGEST and shown.strip():
        assert spans == [shown]


@settings(max_examples=300, deadline=None)
@given(TEXT)
def test_prose_is_prose(text: str) -> None:
    tokens = list(walk(PARSER.parse(f"x {prose(text)}")))
    plain = {"paragraph_open", "paragraph_close", "inline", "text", "text_special"}
    assert {token.type for token in tokens} <= plain
    tokens = list(walk(PARSER.parse(f"x {documentation(text)}")))
    assert {token.type for token in tokens} <= plain | {"code_inline"}
