"""Plans that are seen beside those that are judged: for isolation they count, and for nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.errors import ArtefactUnreadable
from policies.verdict import Verdict
from tests.policies.engine.conftest import PAIRS, REGISTERED, Run, control, plan, verdicts, write_register

CLAIMS = ("prod", "claims")
PROD = {pair: plan() for pair in PAIRS if pair[0] == "prod"}
OTHERS = {pair: text for pair, text in PROD.items() if pair != CLAIMS}
ASKED = {"environments": ("prod",), "tenants": ("claims",), "plans": {CLAIMS: plan()}}


@pytest.fixture(autouse=True)
def isolation_is_registered(repository: Path) -> None:
    write_register(repository / "controls.yaml", *REGISTERED, control("CSO_ISO_01"))


def test_isolation_is_judged_over_all_of_them_and_the_rest_over_what_was_asked_for(run: Run) -> None:
    result = run(**ASKED, beside=OTHERS)
    assert verdicts(result, "CSO_ISO_01") == {f"prod/{stack}": Verdict.PASSED for _, stack in PROD}
    assert verdicts(result, "CSO_KMS_01") == {"prod/claims": Verdict.PASSED}
    assert [key for key in result.digests if key.startswith("plan ")] == ["plan prod/claims"]
    assert not any("CSO_ISO_01 was not judged" in note for note in result.notes)


def test_a_plan_beside_that_breaks_a_control_is_no_finding_of_this_run(run: Run) -> None:
    broken = {**OTHERS, ("prod", "annuity"): plan(False)}
    assert run(**ASKED, beside=broken).exit_code == 0


def test_a_plan_beside_that_cannot_be_read_stops_it(run: Run) -> None:
    with pytest.raises(ArtefactUnreadable):
        run(**ASKED, beside={**OTHERS, ("prod", "annuity"): b"{"})
    with pytest.raises(ArtefactUnreadable):
        run(**ASKED, beside={**OTHERS, ("prod", "annuity"): b""})


@pytest.mark.parametrize(
    ("beside", "reason"),
    [
        ({pair: text for pair, text in OTHERS.items() if pair[1] != "annuity"}, "prod/annuity"),
        ({**OTHERS, ("dev", "annuity"): plan()}, "dev/annuity"),
        (PROD, "some are judged too"),
    ],
)
def test_plans_that_do_not_make_up_the_environment_stop_it(
    run: Run, beside: dict[tuple[str, str], bytes], reason: str
) -> None:
    with pytest.raises(ArtefactUnreadable, match=reason):
        run(**ASKED, beside=beside)
