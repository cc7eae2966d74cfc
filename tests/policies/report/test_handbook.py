"""CONTROLS.md: its form, what it refuses to say, and that the one in the repository is fresh."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from policies.check import Resource, ResourceCheck
from policies.controls import load_register
from policies.errors import ChecksBroken
from policies.report import check_facts, handbook
from policies.report.built_in import BUILT_IN
from policies.report.check_facts import CheckFacts
from policies.waivers import CHECK
from sluice.commands import control
from tests.policies.report import sample
from tests.policies.report.sample import Golden
from tests.policies.report.stand_in.keys_rotate import check as keys_rotate

ROOT = Path(__file__).parents[3]
STAND_IN = Path(__file__).parent / "stand_in"


def facts() -> dict[str, CheckFacts]:
    """Return facts of every check in the sample's register."""
    plan = CheckFacts("", "A title with `code` and <brackets>", "plan", "no verdict", ("aws_kms_key",))
    found = {id: replace(plan, check_id=id) for item in sample.REGISTER for id in item.checks}
    flow = replace(found["CSO_EMR_10_JOB_FLOW"], artefact="job_flow", types=())
    example = check_facts.of(keys_rotate, STAND_IN)
    return {**found, "CSO_EMR_10_JOB_FLOW": flow, "CSO_KMS_01": example, CHECK: BUILT_IN[CHECK]}


def test_page(golden: Golden) -> None:
    golden("CONTROLS.md", handbook.render(sample.REGISTER, facts()))


def test_every_link_leads_to_a_heading() -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(handbook.render(sample.REGISTER, facts()))
    headings = {
        after.content.lower().replace(" ", "-").replace("'", "")
        for token, after in pairwise(tokens)
        if token.type == "heading_open"
    }
    links = [child.attrGet("href") for token in tokens for child in token.children or [] if child.type == "link_open"]
    inside = {str(link)[1:] for link in links if str(link).startswith("#")}
    assert len(inside) >= len(sample.REGISTER)
    assert inside <= headings


def test_a_check_that_is_not_there_is_no_page() -> None:
    known = facts()
    del known["CSO_S3_01"]
    with pytest.raises(ChecksBroken, match="CSO_S3_01"):
        handbook.render(sample.REGISTER, known)


def test_a_missing_example_is_told(tmp_path: Path) -> None:
    with pytest.raises(ChecksBroken, match=r"keys_rotate\.yaml: no example can be read"):
        check_facts.of(keys_rotate, tmp_path)


@pytest.mark.parametrize("text", ["", "failing: {a: {}}", "passing:\nfailing: {a: {}}", "passing: {a: {}}", "[]"])
def test_a_missing_case_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / check_facts.CASES / "stand_in" / "keys_rotate.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(ChecksBroken, match="has no case under"):
        check_facts.of(keys_rotate, tmp_path)


def test_the_first_cases_are_the_examples(tmp_path: Path) -> None:
    path = tmp_path / check_facts.CASES / "stand_in" / "keys_rotate.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(
        "type: aws_kms_key\npassing:\n  on: {values: {policy: !json {a: [1]}}}\n  other: {}\n"
        "failing:\n  off:\n    values: {key: !unknown }\n"
    )
    found = check_facts.of(keys_rotate, tmp_path)
    assert found.good == "type: aws_kms_key\non: {values: {policy: !json {a: [1]}}}\n"
    assert found.bad == "type: aws_kms_key\noff:\n  values: {key: !unknown }\n"


def test_where_no_good_example_can_be_its_reason_stands(tmp_path: Path) -> None:
    path = tmp_path / check_facts.CASES / "stand_in" / "keys_rotate.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("failing: {a: {values: {}}}\ndoes_not_occur: {passing: whatever exists is wrong}\n")
    found = check_facts.of(keys_rotate, tmp_path)
    assert (found.good, found.no_good) == ("", "whatever exists is wrong")
    others = {id: replace(item, good="", bad="") for id, item in facts().items()}
    page = handbook.render(sample.REGISTER, {**others, "CSO_KMS_01": found})
    assert "No good example: whatever exists is wrong." in page


def test_many_types_are_counted() -> None:
    many = tuple(f"aws_type_{number}" for number in range(handbook.TYPES + 5))
    wide = replace(facts()["CSO_KMS_01"], types=many)
    assert "and 5 other types" in handbook.render(sample.REGISTER, {**facts(), "CSO_KMS_01": wide})


class Undocumented(ResourceCheck):
    """Requirement: something."""

    control, check_id, title, types = "CSO_KMS_01", "CSO_KMS_01", "Something", ("aws_kms_key",)

    def judge(self, resource: Resource) -> Iterator[str]:
        yield from ()


def test_a_check_that_does_not_say_how_it_treats_the_unknown_is_told() -> None:
    with pytest.raises(ChecksBroken, match="lacks 'Unknown is treated as'"):
        check_facts.of(Undocumented(), ROOT)


def test_parts_of_a_docstring_go_on_until_the_next_label() -> None:
    text = "Requirement: one\ntwo.\n\nUnknown is treated as: no verdict.\nSource: A; B."
    assert check_facts.docstring_parts(text) == {
        "Requirement": "one two",
        "Unknown is treated as": "no verdict",
        "Source": "A; B",
    }


def test_the_handbook_in_the_repository_is_fresh() -> None:
    page = control.page(load_register(ROOT / control.REGISTER), ROOT)
    written = (ROOT / control.HANDBOOK).read_text(encoding="utf-8")
    assert page == written, "CONTROLS.md is stale: bin/sluice control --write-handbook"
