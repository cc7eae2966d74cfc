from datetime import date

import pytest

from spark_jobs.runtime.arguments import parse_arguments

WHOLE = [
    "--job=conform", "--as-of=2026-10-31", "--attempt=a", "--code-version=c", "--contracts=s3://code/contracts.json",
    "--read", "policies=s3://raw/policies/", "--read", "gl_totals=s3://raw/gl_totals", "--write", "policy=s3://curated/policy/",
]  # fmt: skip


def test_a_step_names_its_inputs_and_outputs() -> None:
    given = parse_arguments(WHOLE)
    assert given.as_of == date(2026, 10, 31)
    assert given.reads == {"policies": "s3://raw/policies/", "gl_totals": "s3://raw/gl_totals/"}
    assert given.writes == {"policy": "s3://curated/policy/"}


@pytest.mark.parametrize("wrong", ["--read=policies", "--write=policy=/tmp/x", "--as-of=31.10.2026"])
def test_a_wrong_command_line_ends_with_code_2(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_arguments([*WHOLE, wrong])
    assert ended.value.code == 2
    assert wrong.partition("=")[2] in capsys.readouterr().err
