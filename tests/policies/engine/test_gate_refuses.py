"""Every way in which a run can look at less than it should ends in an error or in no verdict, never in a pass."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from policies import gate
from policies.errors import ArtefactUnreadable, ChecksBroken, PolicyError, RegisterBroken, UnknownControl
from policies.registry import Checks
from policies.verdict import Verdict
from tests.policies.engine.conftest import PAIRS, REGISTERED, Load, Run, control, plan, put, verdicts, write_register


def test_a_value_known_after_the_apply_has_no_verdict(run: Run) -> None:
    result = run(plans={pair: plan(None if pair == ("prod", "annuity") else False) for pair in PAIRS})
    assert result.exit_code == 4
    assert verdicts(result, "CSO_KMS_01")["prod/annuity"] is Verdict.NO_VERDICT


def test_an_undecodable_artefact_has_no_verdict(run: Run, repository: Path) -> None:
    put(repository / "tenants/annuity/tenant.yaml", "owner: [")
    result = run()
    assert result.exit_code == 4
    assert verdicts(result, "CSO_GOV_02")["/annuity"] is Verdict.NO_VERDICT


def test_a_missing_plan(run: Run) -> None:
    with pytest.raises(ArtefactUnreadable, match="no plan of prod/claims") as caught:
        run(plans={pair: plan() for pair in PAIRS[:-1]})
    assert caught.value.exit_code == 4


def test_a_truncated_plan(run: Run) -> None:
    with pytest.raises(ArtefactUnreadable, match="plan prod/claims: is no complete plan"):
        run(plans={pair: plan()[: 200 if pair == PAIRS[-1] else None] for pair in PAIRS})


def test_a_plan_of_another_account(run: Run) -> None:
    foreign = json.loads(plan()) | {"variables": {"account_id": {"value": "111111111111"}}}
    with pytest.raises(ArtefactUnreadable, match="plan prod/claims: is a foreign plan"):
        run(plans={pair: plan() if pair != PAIRS[-1] else json.dumps(foreign).encode() for pair in PAIRS})


def made_with(**values: Any) -> bytes:
    """Return the small plan, made with these variables."""
    return json.dumps(json.loads(plan()) | {"variables": {k: {"value": v} for k, v in values.items()}}).encode()


@pytest.mark.parametrize(
    ("last", "message"),
    [
        (plan(), "plan prod/claims: is a foreign plan: it has no variable retention_days"),
        (made_with(retention_days=7, jobs=[]), "plan prod/claims: is a foreign plan: its retention_days is 7"),
        (made_with(retention_days=400), "plan prod/claims: is a foreign plan: it has no variable jobs"),
        (made_with(retention_days=400, jobs=["a"]), None),
        (json.dumps({**json.loads(plan()), "configuration": None}).encode(), "it has no configuration"),
    ],
)
def test_a_plan_that_was_made_from_other_values_than_the_rendered_ones(
    run: Run, repository: Path, last: bytes, message: str | None
) -> None:
    values = {"retention_days": 400, "jobs": ["b", "a"]}
    put(repository / "environments/prod/rendered/claims/terraform/terraform.tfvars.json", json.dumps(values))
    listed = json.dumps(
        {"outputs": dict.fromkeys(["terraform/main.tf", "terraform/terraform.tfvars.json", "dag/daily.py"], "")}
    )
    put(repository / "environments/prod/rendered/claims/MANIFEST.json", listed)
    plans = {pair: plan() if pair != PAIRS[-1] else last for pair in PAIRS}
    if message is None:
        assert run(plans=plans, are_of_tree=True).exit_code == 0
        return
    with pytest.raises(ArtefactUnreadable, match=message) as caught:
        run(plans=plans, are_of_tree=True)
    assert caught.value.exit_code == 4


def test_an_unknown_control(run: Run) -> None:
    with pytest.raises(UnknownControl, match="did you mean CSO_KMS_01") as caught:
        run(controls=("CSO_KMS_1",))
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("changes", [{"environments": ("test",)}, {"tenants": ("clams",)}])
def test_an_unknown_environment_or_tenant(run: Run, changes: dict[str, Any]) -> None:
    with pytest.raises(PolicyError, match="there is no") as caught:
        run(**changes)
    assert caught.value.exit_code == 2


def test_zero_checks(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "load_checks", lambda: Checks({}))
    with pytest.raises(ChecksBroken, match="which does not exist"):
        run()


def test_fewer_checks_than_registered(run: Run, repository: Path) -> None:
    write_register(repository / "controls.yaml", *REGISTERED, control("CSO_KMS_02"))
    with pytest.raises(ChecksBroken, match="CSO_KMS_02 names the check CSO_KMS_02, which does not exist"):
        run()


def test_a_run_that_judged_nothing_is_no_pass(run: Run, repository: Path, load: Load) -> None:
    del load
    write_register(repository / "controls.yaml", *REGISTERED)
    result = run(controls=("CSO_KMS_01",))
    assert (result.judgements, result.exit_code) == ((), 4)


def test_a_tenant_that_is_not_rendered(run: Run, repository: Path) -> None:
    shutil.rmtree(repository / "environments/prod/rendered/claims")
    with pytest.raises(ArtefactUnreadable, match="environments/prod/rendered/claims: is not rendered"):
        run()


def test_a_rendered_stack_of_no_tenant(run: Run, repository: Path) -> None:
    put(repository / "environments/prod/rendered/ghost/terraform/main.tf", "")
    with pytest.raises(ArtefactUnreadable, match="environments/prod/rendered/ghost: belongs to no tenant"):
        run()


def test_an_environment_without_its_file(run: Run, repository: Path) -> None:
    (repository / "environments/prod/environment.yaml").unlink()
    with pytest.raises(RegisterBroken, match=r"prod/environment\.yaml: cannot be read"):
        run()


def test_no_environment_at_all(run: Run, repository: Path) -> None:
    shutil.rmtree(repository / "environments")
    with pytest.raises(RegisterBroken, match="holds no environment"):
        run()


@pytest.mark.parametrize("text", ["environment: dev", "environment: prod", "environment: [", "environment: prod\n" * 2])
def test_an_environment_that_does_not_say_what_it_is(run: Run, repository: Path, text: str) -> None:
    put(repository / "environments/prod/environment.yaml", text)
    with pytest.raises(RegisterBroken):
        run()


def test_a_tenant_without_a_spec(run: Run, repository: Path) -> None:
    (repository / "tenants/claims/tenant.yaml").unlink()
    with pytest.raises(ArtefactUnreadable, match=r"tenants/claims: has no tenant\.yaml"):
        run()
