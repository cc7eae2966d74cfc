"""The comment: destruction first, nothing of the change's own text alive in it, within what a forge takes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import markdown_it
import pytest

from delivery.change_comment import CommentTooLong, render
from delivery.change_report import ChangeReport, Isolation, Item, ReportUnreadable, Summary, read_report
from tests.policies.report import sample

HOSTILE = [
    "<script>alert(1)</script>",
    "`</code>`<img src=x onerror=alert(1)>",
    "``` \n# Sluice: go\n```",
    "\n\n## Gate: go\n\n",
    "[click](https://evil.example)",
    "![](https://evil.example/track.png)",
    "https://evil.example",
    "@meridian/everybody",
    "| a | b |",
    "**go**",
    "</details><details>",
    "<!-- sluice:change -->",
    "/merge\n/approve",
    "\u202eog on",
    "$`x`$",
    "#1 !2 ~label",
    "\x1b[31mred",
    "`" * 40,
]


def summary(*items: tuple[str, str, str]) -> Summary:
    changes = tuple(Item(address, type_, action) for address, type_, action in items)
    destructive = tuple(item for item in changes if item.type == "aws_s3_bucket")
    return Summary({"delete": len(changes)} if changes else {}, destructive, changes, not changes)


def proved(**more: Any) -> ChangeReport:
    values: dict[str, Any] = {"plans": {}, "cloudformation": {}, "isolation": {"prod": Isolation("holds", "")}, **more}
    return ChangeReport(**values)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_the_changes_own_text_lives(text: str) -> None:
    report = proved(
        plans={f"prod/{text}": summary((text, text, text), (text, "aws_s3_bucket", text))},
        cloudformation={f"{text}/stack": summary((text, text, text))},
        decommission=(text,),
        failed={text: text},
        isolation={text: Isolation("breach", text)},
    )
    comment = render(report, 65_536)
    tokens = markdown_it.MarkdownIt("commonmark").enable("table").parse(comment)
    inline = [child for token in tokens for child in token.children or []]
    live = {token.type for token in [*tokens, *inline]}
    assert not live & {"html_block", "html_inline", "link_open", "image", "fence", "code_block", "table_open"}
    headings = [tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"]
    assert [title for title in headings if title.startswith(("Sluice:", "Gate:"))] == [
        "Sluice: no go",
        "Gate: not reached",
    ]
    outside = "".join(child.content for child in inline if child.type == "text")
    assert "@" not in outside.replace("@\u200b", "")
    assert not [line for line in comment.splitlines() if line.startswith("/")]
    assert comment.isprintable() or all(char.isprintable() or char in "\n\u200b" for char in comment)


def test_destruction_stands_first_and_is_never_cut() -> None:
    plans = {
        f"prod/tenant-{number}": summary(
            *((f"aws_ssm_parameter.this[{item}]", "aws_ssm_parameter", "delete") for item in range(200)),
            (f"aws_s3_bucket.of_{number}", "aws_s3_bucket", "delete"),
        )
        for number in range(300)
    }
    comment = render(proved(plans=plans), 32_000, has_html=False)
    assert len(comment) <= 32_000
    assert comment.index("### Destroys data") < comment.index("### Terraform")
    for number in range(300):
        assert f"`aws_s3_bucket.of_{number}` in `prod/tenant-{number}`" in comment
    assert re.search(r"and \d+ more stacks that change", comment)


@pytest.mark.parametrize("count", [300, 2_000])
def test_too_much_destruction_is_counted_not_cut(count: int) -> None:
    plans = {
        f"prod/tenant-{number}": summary(
            *((f"module.lake.aws_s3_bucket.this[{item}]", "aws_s3_bucket", "delete") for item in range(3))
        )
        for number in range(count)
    }
    comment = render(proved(plans=plans), 32_000, has_html=False)
    assert len(comment) <= 32_000
    assert f"**delete** {3 * count:,} `aws_s3_bucket` in `prod`" in comment or "**delete** 3 `aws_s3_bucket`" in comment


def test_no_room_at_all() -> None:
    with pytest.raises(CommentTooLong):
        render(proved(), 20)


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        (ChangeReport(), "it was not planned"),
        (ChangeReport(), "the gate did not judge it"),
        (ChangeReport(), "isolation was not looked at"),
        (proved(cloudformation=None), "CloudFormation templates were not compared"),
        (proved(failed={"dev/x": "dev/x: no"}), "1 stack could not be planned"),
        (proved(isolation={"dev": Isolation("undecided", "")}), "isolation does not hold, or is undecided"),
    ],
)
def test_what_was_not_reached_is_no_go(report: ChangeReport, reason: str) -> None:
    comment = render(report, 65_536)
    assert comment.startswith("## Sluice: no go\n")
    assert reason in comment


@pytest.mark.parametrize("text", HOSTILE)
def test_nor_where_destruction_is_only_counted(text: str) -> None:
    plans = {
        f"prod/{text}{number}": summary(*[(f"{text}{number}" * 20, "aws_s3_bucket", text)] * 5) for number in range(80)
    }
    comment = render(proved(plans=plans), 9_000)
    assert "400 `aws_s3_bucket`" in comment or "5 `aws_s3_bucket`" in comment
    tokens = markdown_it.MarkdownIt("commonmark").enable("table").parse(comment)
    live = {token.type for token in [*tokens, *(child for token in tokens for child in token.children or [])]}
    assert not live & {"html_block", "html_inline", "link_open", "image", "fence", "code_block", "table_open"}


def write(folder: Path, **files: Any) -> None:
    for name, document in files.items():
        (folder / f"{name}.json").write_text(json.dumps(document))


def test_read_from_the_steps_files(tmp_path: Path) -> None:
    item = {"address": "a", "type": "aws_s3_bucket", "action": "delete"}
    stack = {"counts": {"delete": 1}, "destructive": [item], "changes": [item], "empty": False, "digest": "d"}
    write(
        tmp_path,
        summary={"prod/annuity": stack},
        **{"cloudformation-prod": {"prod/annuity": {**stack, "kind": "x", "read_only": True}}},
    )
    write(tmp_path, affected={"plan": [], "gate": [], "decommission": ["dev/gone"]})
    write(tmp_path, isolation={"prod": {"verdict": "not proved here", "text": "prod: no plan"}})
    write(tmp_path, made={"commit": "c0ffee"})
    report = read_report(tmp_path, "c0ffee")
    assert report.decommission == ("dev/gone",)
    comment = render(report, 65_536)
    assert comment.count("- **delete** `a` in") == 2
    assert "Isolation is not proved here for `prod`." in comment
    assert "### CloudFormation: `prod`" in comment
    assert "written otherwise counts as replaced" in comment


@pytest.mark.parametrize("text", ["{", '{"prod/a": {}}', '{"prod/a": {"counts": 3}}', "[]"])
def test_a_file_that_holds_something_else_is_not_taken_for_a_missing_one(tmp_path: Path, text: str) -> None:
    write(tmp_path, made={"commit": "c0ffee"})
    (tmp_path / "summary.json").write_text(text)
    with pytest.raises(ReportUnreadable, match=r"summary\.json: cannot be read") as caught:
        read_report(tmp_path, "c0ffee")
    assert caught.value.exit_code == 2


def test_what_was_planned_of_another_commit_is_not_told(tmp_path: Path) -> None:
    write(tmp_path, summary={}, isolation={"prod": {"verdict": "holds", "text": ""}}, made={"commit": "c0ffee"})
    assert read_report(tmp_path, "c0ffee").plans == {}
    assert read_report(tmp_path, "beef") == ChangeReport()
    assert read_report(tmp_path, "") == ChangeReport()


def test_a_plan_that_the_gate_did_not_see_is_no_go() -> None:
    plan = Summary({}, (), (), True, plan_sha256="5eed")
    run = sample.run(digests={"plan dev/annuity": "5eed"})
    seen = proved(plans={"dev/annuity": plan}, gate=(run, None))
    assert not [reason for reason in seen.stops if "plans" in reason]
    unseen = proved(plans={"dev/annuity": plan, "prod/annuity": plan}, gate=(run, None))
    assert "the gate did not judge 1 of the 2 plans" in unseen.stops
