"""Command lines of steps, as any text may make them: nothing unapproved slips through, and no secret is quoted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from policies.artefacts import credentials, spark_submit
from policies.artefacts.emr_software import address_problem, step_code_problems

GOOD = [
    "spark-submit",
    "--master",
    "yarn",
    "--deploy-mode",
    "cluster",
    "s3://b/0123456789abcdef/job.py",
    "--as-of",
    "x",
]
WORDS = st.text("abcdefgk./-= ", max_size=12)


def test_the_good_one_is_good() -> None:
    assert spark_submit.read(GOOD).problems == ()
    assert list(step_code_problems(GOOD, "b")) == []


@given(st.lists(WORDS, max_size=6))
def test_any_command_is_read(command: list[str]) -> None:
    found = spark_submit.read(command)
    assert found.problems or found.script.endswith(".py")


@given(st.sampled_from(range(1, 6)), st.text("abcdefgh-", min_size=1, max_size=12).map("--{}".format))
def test_an_option_that_is_not_approved_is_found_wherever_it_stands(position: int, option: str) -> None:
    if position in (2, 4) or option in spark_submit.OPTIONS:  # there it is an option's value
        return
    command = [*GOOD[:position], option, *GOOD[position:]]
    assert any(repr(option) in problem for problem in spark_submit.read(command).problems)


@given(st.text("abcdefgh.", min_size=1, max_size=20).map("spark.yarn.{}".format))
def test_a_property_that_is_not_approved_is_found_in_either_form(name: str) -> None:
    for form in (["--conf", f"{name}=x"], [f"--conf={name}=x"]):
        assert spark_submit.read([GOOD[0], *form, *GOOD[1:]]).problems


@given(st.text("abc/.0123456789", max_size=30))
def test_code_lies_below_the_bucket_under_its_digest(path: str) -> None:
    address = f"s3://b/{path}"
    if address_problem(address, "b") is None:
        assert any(len(part) >= 16 for part in path.split("/"))
        assert ".." not in path.split("/")
    assert address_problem(f"s3://b-x/{path}", "b") is not None


@given(
    st.text("-abcdefghijkQXZ0123456789", min_size=6, max_size=60),
    st.sampled_from(["--password", "--api-key", "--token"]),
)
def test_no_finding_quotes_a_secret(secret: str, option: str) -> None:
    for arguments in ([option, secret], [f"{option}={secret}"], ["--conf", f"spark.app.password={secret}"]):
        found = list(credentials.in_arguments("step", arguments))
        assert found
        assert not any(secret in problem for problem in found)


@given(st.integers(0, 2**64 - 1), st.dates())
def test_what_our_own_steps_get_is_no_secret(digest: int, day: object) -> None:
    version = f"{digest:016x}"
    address = f"s3://meridian-prod-annuity-curated/policy/as_of={day}/attempt={version}/"
    for arguments in (["--code-version", version], ["--write", f"policy={address}"], ["--as-of", str(day)], [address]):
        assert list(credentials.in_arguments("step", arguments)) == []
