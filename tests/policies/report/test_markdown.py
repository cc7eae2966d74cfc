"""What a pull request shows; hostile text is read back with a markdown parser."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from policies.report import baseline, markdown
from policies.report.markup import code, prose
from policies.verdict import Verdict
from tests.policies.report import sample
from tests.policies.report.sample import Golden
from tests.policies.report.test_baseline import recorded

OURS = {"details", "summary"}


def test_comment_without_an_earlier_run(golden: Golden) -> None:
    golden("comment_first.md", markdown.render(sample.run()))


def test_comment_against_an_earlier_run(golden: Golden) -> None:
    first, second, third, *others = sample.judgements()
    gone = sample.planned(
        "CSO_S3_01", "dev/annuity", "aws_s3_bucket.gone", Verdict.FAILED, "block_public_acls is absent"
    )
    elsewhere = sample.planned(
        "CSO_S3_01", "dev/claims", "aws_s3_bucket.raw", Verdict.FAILED, "block_public_acls is absent"
    )
    earlier = recorded(sample.run([first, gone, elsewhere]))
    kept = sample.planned("CSO_S3_01", "dev/annuity", "aws_s3_bucket.kept", Verdict.PASSED)
    now = sample.run([first, second, third, *others, kept])
    golden("comment.md", markdown.render(now, baseline.compare(now, earlier)))


def test_what_passed_is_counted_in_its_environment_and_opens_no_section() -> None:
    passed = [sample.planned("CSO_KMS_01", where, "aws_kms_key.a", Verdict.PASSED) for where in ("prod/annuity", "/")]
    text = markdown.render(sample.run(passed, waivers=(), notes=()))
    assert "| `prod` | 0 | 1 | 0 | 0 | 0 | 0 |\n| `repository` | 0 | 1 | 0 | 0 | 0 | 0 |\n" in text
    assert "###" not in text


def test_a_long_comment_stays_postable() -> None:
    many = [
        sample.planned(
            "CSO_KMS_01", "prod/annuity", f"aws_kms_key.k{number:05}" + "x" * 900, Verdict.FAILED, "off" * 900
        )
        for number in range(2_000)
    ]
    text = markdown.render(sample.run(many, notes=("n" * 5000,) * 500))
    assert len(text) <= markdown.MOST_CHARACTERS
    assert "2000" in text
    assert "more in the gate's JSON report" in text


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.NO_VERDICT])
def test_hostile_text_is_only_shown(verdict: Verdict) -> None:
    run = sample.hostile(verdict)
    for compared in (None, baseline.compare(run, recorded(sample.run([])))):
        tokens = list(walk(MarkdownIt("gfm-like", {"linkify": False}).parse(markdown.render(run, compared))))
        assert not [token for token in tokens if token.type in ("link_open", "image", "fence", "code_block")]
        assert html_tags(tokens) <= OURS
        headings = [after.content for token, after in pairwise(tokens) if token.tag.startswith("h")]
        assert "heading" not in headings
        outside = " ".join(token.content for token in tokens if token.type == "text")
        assert "@" not in outside
        assert "evil" not in outside


@pytest.mark.parametrize("text", ["a`b", "``", "`", " padded ", "a|b", "```x```y", "\\`", "<b>", "@x", "x\ny"])
def test_a_code_span_cannot_be_left(text: str) -> None:
    tokens = list(walk(MarkdownIt("gfm-like", {"linkify": False}).parse(f"- {code(text)} after")))
    spans = [token.content for token in tokens if token.type == "code_inline"]
    assert spans == [text.replace("\n", "\\n")]


def test_prose_shows_what_it_was_given() -> None:
    text = "Only <b>this</b> & *that*, [x](y) ![i](j) `c` _e_ ~~s~~ @someone # h | https://a.example/b &lt; \\"
    tokens = list(walk(MarkdownIt("gfm-like", {"linkify": False}).parse(prose(text))))
    shown = "".join(token.content for token in tokens if token.type in ("text", "text_special"))
    assert shown.replace("\N{ZERO WIDTH SPACE}", "") == text
    assert "@someone" not in shown
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}


def walk(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from walk(token.children or [])


def html_tags(tokens: list[Token]) -> set[str]:
    found: set[str] = set()

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            found.add(tag)

    for token in tokens:
        if token.type in ("html_block", "html_inline"):
            Tags().feed(token.content)
    return found
