"""What a person sees at a terminal."""

from __future__ import annotations

from pathlib import Path

import click

from policies.controls import load_register
from policies.report import terminal
from policies.verdict import Verdict
from tests.policies.report import sample
from tests.policies.report.sample import Golden


def test_report(golden: Golden) -> None:
    golden("terminal.txt", terminal.render(sample.run()))


def test_report_of_a_run_without_findings(golden: Golden) -> None:
    passed = [item for item in sample.judgements() if item.verdict is Verdict.PASSED]
    golden("terminal_go.txt", terminal.render(sample.run(passed, waivers=(), notes=())))


def test_nothing_judged_is_no_pass() -> None:
    assert "exit 4: nothing was judged" in terminal.render(sample.run([], waivers=()))


def test_colour_changes_no_word() -> None:
    coloured = terminal.render(sample.run(), click.style)
    assert "\x1b[31m" in coloured
    assert click.unstyle(coloured) == terminal.render(sample.run())


def test_many_findings_of_one_control_are_counted() -> None:
    many = [
        sample.planned("CSO_KMS_01", "prod/annuity", f"aws_kms_key.k{number:03}", Verdict.FAILED, f"off {number}")
        for number in range(terminal.SHOWN + 7)
    ]
    text = terminal.render(sample.run(many))
    assert text.count("found:") == terminal.SHOWN
    assert "and 7 more of CSO_KMS_01 here" in text
    assert "27 failed" in text


def test_what_one_block_makes_many_times_is_told_once() -> None:
    many = [
        sample.planned("CSO_KMS_01", "prod/annuity", f'aws_kms_key.k["{number}"]', verdict, found)
        for number in range(3)
        for verdict, found in ((Verdict.FAILED, "off"), (Verdict.NO_VERDICT, "unknown"))
    ]
    text = terminal.render(sample.run(many))
    assert text.count("CSO_KMS_01 FAILED") == text.count("CSO_KMS_01 NO VERDICT") == 3
    assert (text.count("found:"), text.count("why:")) == (1, 1)


def test_hostile_text_moves_no_cursor() -> None:
    text = terminal.render(sample.hostile())
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "\\x1b[2J" in text
    assert "\n# heading" not in text


def test_a_list_of_many_controls_fits_a_terminal() -> None:
    register = load_register(Path(__file__).parents[3] / "policies/controls.yaml")
    said = terminal.render(sample.run([], register=register)).splitlines()
    start = next(number for number, line in enumerate(said) if "nothing here that they speak about" in line)
    rest = said[start : said.index("", start)]
    assert len(rest) > 1
    assert max(map(len, rest)) <= 80
    assert all(control.id in " ".join(rest) for control in register if control.checks)
