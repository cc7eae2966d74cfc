"""One run over a small repository: what is judged, what is said about it, what waivers do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from policies.errors import RegisterBroken
from policies.surroundings import Surroundings
from policies.verdict import Verdict
from tests.policies.engine.conftest import (
    PAIRS,
    REGISTERED,
    TODAY,
    Run,
    control,
    plan,
    put,
    verdicts,
    write_register,
)


def test_a_clean_repository_passes(run: Run) -> None:
    result = run(plans={pair: plan() for pair in PAIRS})
    assert result.exit_code == 0
    assert verdicts(result, "CSO_KMS_01") == {f"{env}/{stack}": Verdict.PASSED for env, stack in PAIRS}
    found = verdicts(result, "CSO_GOV_02")
    assert (found["/annuity"], found["/claims"]) == (Verdict.PASSED, Verdict.PASSED)
    assert found["prod/platform"] is Verdict.NOT_APPLICABLE
    assert result.notes == ()
    assert result.stacks[:2] == ("dev/platform", "dev/annuity")


def test_what_was_judged_has_its_digest(run: Run) -> None:
    result = run(plans={pair: plan() for pair in PAIRS})
    assert {f"plan {env}/{stack}" for env, stack in PAIRS} <= result.digests.keys()
    assert "tenants/annuity/tenant.yaml" in result.digests
    assert all(len(digest) == 64 for digest in result.digests.values())


def test_a_finding_fails(run: Run, repository: Path) -> None:
    put(repository / "environments/prod/rendered/annuity/terraform/main.tf", '\nresource "aws_kms_key" "this" {\n}\n')
    result = run(plans={pair: plan(pair != ("prod", "annuity")) for pair in PAIRS})
    assert result.exit_code == 1
    (failed,) = [item for item in result.judgements if item.verdict is Verdict.FAILED]
    assert failed.subject.path == "environments/prod/rendered/annuity/terraform/main.tf"
    assert failed.subject.line == 2


def test_plans_left_out_are_said_to_be_left_out(run: Run) -> None:
    result = run()
    assert result.exit_code == 0
    assert verdicts(result, "CSO_KMS_01") == {}
    assert "plans were not judged" in result.notes[0]


def test_plans_may_be_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_bytes(plan())
    assert run(plans={pair: tmp_path / "plan.json" for pair in PAIRS}).exit_code == 0


def test_only_some_controls(run: Run) -> None:
    result = run(controls=("CSO_GOV_02",), plans={pair: plan(False) for pair in PAIRS})
    assert {item.control for item in result.judgements} == {"CSO_GOV_02"}
    assert list(result.register.controls) == ["CSO_GOV_02"]


def test_only_one_tenant_in_one_environment(run: Run) -> None:
    result = run(environments=("prod",), tenants=("claims",), plans={("prod", "claims"): plan()})
    assert result.stacks == ("prod/claims",)
    assert {item.subject.stack for item in result.judgements} == {"claims"}
    assert result.notes == ("only what was asked for was judged: claims",)


def test_an_environment_is_production_unless_the_cso_says_otherwise(repository: Path) -> None:
    put(
        repository / "environments/stage/environment.yaml",
        (repository / "environments/prod/environment.yaml").read_text().replace("prod", "stage"),
    )
    found = Surroundings(repository, TODAY).environments
    assert {name: context.is_production for name, context in found.items()} == {
        "dev": False,
        "prod": True,
        "stage": True,
    }


def test_a_changed_tenant_is_judged_and_nothing_else(run: Run) -> None:
    result = run(changed={"tenants/claims/tenant.yaml"}, plans={("dev", "claims"): plan(), ("prod", "claims"): plan()})
    assert {item.subject.stack for item in result.judgements} == {"claims"}
    assert result.notes == ("only what changed was judged: claims and what stacks share",)


WAIVER = {
    "id": "W-0001",
    "control": "CSO_KMS_01",
    "address": "aws_kms_key.this",
    "tenant": "annuity",
    "environment": "prod",
    "owner": "data-engineering@meridian.example",
    "reason": "the key is imported and turned by hand until January",
    "ticket": "RISK-7",
    "approver": "cloud-security@meridian.example",
    "created": date(2026, 11, 1),
    "expires": date(2027, 1, 1),
}


def waive(repository: Path, waiver: dict[str, object]) -> None:
    (repository / "waivers.yaml").write_text(yaml.safe_dump({"waivers": [waiver]}))
    governance = control("CSO_GOV_01", artefacts=["waivers"], checks=["CSO_GOV_01_WAIVERS"])
    write_register(repository / "controls.yaml", *REGISTERED, governance)


def test_waivers_cover_findings_and_are_judged(run: Run, repository: Path) -> None:
    waive(repository, WAIVER)
    plans = {pair: plan(pair != ("prod", "annuity")) for pair in PAIRS}
    result = run(plans=plans)
    assert (result.exit_code, result.counts[Verdict.WAIVED]) == (0, 1)
    assert [waiver.id for waiver in result.waivers] == ["W-0001"]
    unused = run(plans={pair: plan() for pair in PAIRS})
    assert unused.exit_code == 1
    assert run(tenants=("claims",), plans=plans).exit_code == 0  # nobody looked whether it is in use


@pytest.mark.parametrize("asked", [{"controls": ("CSO_GOV_02",)}, {"tenants": ("claims",)}, {"environments": ("dev",)}])
def test_a_faulty_waiver_fails_every_run(run: Run, repository: Path, asked: dict[str, tuple[str, ...]]) -> None:
    waive(repository, {**WAIVER, "expires": TODAY})
    result = run(**asked)
    assert result.exit_code == 1
    (fault,) = [item for item in result.judgements if item.verdict is Verdict.FAILED]
    assert (fault.control, fault.found) == ("CSO_GOV_01", f"waiver 'W-0001': it expired on {TODAY}")
    assert result.register[fault.control]


def test_a_run_of_some_controls_judges_only_their_waivers(run: Run, repository: Path) -> None:
    waive(repository, WAIVER)
    plans = {pair: plan() for pair in PAIRS}
    assert run(controls=("CSO_GOV_02",), plans=plans).exit_code == 0
    assert run(controls=("CSO_KMS_01",), plans=plans).exit_code == 1  # it is unused


def test_waivers_without_the_control_that_judges_them(run: Run, repository: Path) -> None:
    waive(repository, WAIVER)
    write_register(repository / "controls.yaml", *REGISTERED)
    with pytest.raises(RegisterBroken, match="the register no CSO_GOV_01 to judge them"):
        run()


def test_isolation_takes_every_plan_of_an_environment(run: Run, repository: Path) -> None:
    write_register(repository / "controls.yaml", *REGISTERED, control("CSO_ISO_01"))
    whole = run(plans={pair: plan() for pair in PAIRS})
    assert verdicts(whole, "CSO_ISO_01").keys() == {f"{env}/{stack}" for env, stack in PAIRS}
    one = run(environments=("prod",), plans={pair: plan() for pair in PAIRS})
    assert verdicts(one, "CSO_ISO_01").keys() == {f"prod/{stack}" for env, stack in PAIRS if env == "prod"}
    part = run(tenants=("claims",), plans={pair: plan() for pair in PAIRS})
    assert verdicts(part, "CSO_ISO_01") == {}
    assert "CSO_ISO_01 was not judged: it takes the plans of every stack of an environment" in part.notes
    assert verdicts(run(), "CSO_ISO_01") == {}
