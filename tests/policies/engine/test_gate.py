"""One run over a small repository: what is judged, what is refused, what is kept."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies import gate, work
from policies.errors import ArtefactUnreadable, ChecksBroken, PolicyError, RegisterBroken, UnknownControl
from policies.gate import Request, run_gate
from policies.registry import Checks
from policies.result import GateResult
from policies.surroundings import Surroundings
from policies.verdict import Judgement, Verdict
from tests.policies.engine.conftest import REGISTERED, TODAY, Load, control, put, write_register

PAIRS = [(environment, stack) for environment in ("dev", "prod") for stack in ("platform", "annuity", "claims")]


def plan(rotates: bool | None = True) -> bytes:
    """Return a plan of one key; None is known after the apply."""
    key = {"address": "aws_kms_key.this", "mode": "managed", "type": "aws_kms_key", "name": "this"}
    unknown = {"enable_key_rotation": True} if rotates is None else {}
    document = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [{**key, "values": {"enable_key_rotation": rotates}}]}},
        "resource_changes": [{**key, "change": {"actions": ["create"], "after_unknown": unknown}}],
        "configuration": {
            "root_module": {
                "resources": [
                    {
                        **{**key, "address": "aws_kms_key.this"},
                        "expressions": {"enable_key_rotation": {"references": ["local.rotates"]}},
                    }
                ]
            }
        },
    }
    return json.dumps(document).encode()


@pytest.fixture
def run(repository: Path) -> Callable[..., GateResult]:
    """Return a function that runs the gate over the repository, plans left out unless given."""

    def run(**changes: Any) -> GateResult:
        request = Request(repository, TODAY, register=repository / "controls.yaml", waivers=repository / "waivers.yaml")
        return run_gate(replace(request, **changes))

    return run


Run = Callable[..., GateResult]


def verdicts(result: GateResult, control: str) -> dict[str, Verdict]:
    return {
        f"{item.subject.environment}/{item.subject.stack}": item.verdict
        for item in result.judgements
        if item.control == control
    }


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


def test_a_value_known_after_the_apply_has_no_verdict(run: Run) -> None:
    result = run(plans={pair: plan(None if pair == ("prod", "annuity") else False) for pair in PAIRS})
    assert result.exit_code == 4
    assert verdicts(result, "CSO_KMS_01")["prod/annuity"] is Verdict.NO_VERDICT


def test_an_undecodable_artefact_has_no_verdict(run: Run, repository: Path) -> None:
    put(repository / "tenants/annuity/tenant.yaml", "owner: [")
    result = run()
    assert result.exit_code == 4
    assert verdicts(result, "CSO_GOV_02")["/annuity"] is Verdict.NO_VERDICT


def test_plans_left_out_are_said_to_be_left_out(run: Run) -> None:
    result = run()
    assert result.exit_code == 0
    assert verdicts(result, "CSO_KMS_01") == {}
    assert "plans were not judged" in result.notes[0]


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


def test_plans_may_be_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_bytes(plan())
    assert run(plans={pair: tmp_path / "plan.json" for pair in PAIRS}).exit_code == 0


def test_an_unknown_control(run: Run) -> None:
    with pytest.raises(UnknownControl, match="did you mean CSO_KMS_01") as caught:
        run(controls=("CSO_KMS_1",))
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("changes", [{"environments": ("test",)}, {"tenants": ("clams",)}])
def test_an_unknown_environment_or_tenant(run: Run, changes: dict[str, Any]) -> None:
    with pytest.raises(PolicyError, match="there is no") as caught:
        run(**changes)
    assert caught.value.exit_code == 2


def test_only_some_controls(run: Run) -> None:
    result = run(controls=("CSO_GOV_02",), plans={pair: plan(False) for pair in PAIRS})
    assert {item.control for item in result.judgements} == {"CSO_GOV_02"}
    assert list(result.register.controls) == ["CSO_GOV_02"]


def test_only_one_tenant_in_one_environment(run: Run) -> None:
    result = run(environments=("prod",), tenants=("claims",), plans={("prod", "claims"): plan()})
    assert result.stacks == ("prod/claims",)
    assert {item.subject.stack for item in result.judgements} == {"claims"}
    assert result.notes == ("only what was asked for was judged: claims",)


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


def test_waivers_cover_findings_and_are_judged(run: Run, repository: Path) -> None:
    entry = {
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
    (repository / "waivers.yaml").write_text(yaml.safe_dump({"waivers": [entry]}))
    governance = control("CSO_GOV_01", artefacts=["waivers"], checks=["CSO_GOV_01_WAIVERS"])
    write_register(repository / "controls.yaml", *REGISTERED, governance)
    plans = {pair: plan(pair != ("prod", "annuity")) for pair in PAIRS}
    result = run(plans=plans)
    assert (result.exit_code, result.counts[Verdict.WAIVED]) == (0, 1)
    assert [waiver.id for waiver in result.waivers] == ["W-0001"]
    unused = run(plans={pair: plan() for pair in PAIRS})
    assert unused.exit_code == 1
    assert run(tenants=("claims",), plans=plans).exit_code == 0  # nobody looked whether it is in use


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


def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the units whose artefacts are judged anew."""
    judged: Counter[str] = Counter()
    real = work.Work.judge_units

    def judge_units(self: work.Work, units: list[str]) -> dict[str, list[Judgement]]:
        judged.update(units)
        return real(self, units)

    monkeypatch.setattr(work.Work, "judge_units", judge_units)
    return judged


def test_what_did_not_change_is_not_judged_again(run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = counted(monkeypatch)
    first = run()
    assert judged.total() == 4
    assert run().judgements == first.judgements
    assert judged.total() == 4
    put(repository / "tenants/claims/tenant.yaml", "tenant: claims\n")
    assert run().exit_code == 1
    assert judged.total() == 5


@pytest.mark.parametrize(
    "path",
    [
        "environments/prod/environment.yaml",
        "environments/prod/rendered/claims/dag/daily.py",
        "spark_jobs/claims/job.py",
        "tenants/claims/tenant.yaml",
    ],
)
def test_every_input_counts(run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    judged = counted(monkeypatch)
    run()
    before = judged.total()
    text = (repository / path).read_text()
    put(repository / path, text.replace("region: us-east-1", "region: us-east-2") + "# changed\n")
    run()
    assert judged.total() > before


def test_another_day_is_judged_anew(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = counted(monkeypatch)
    run()
    run(today=date(2026, 11, 24))
    assert judged.total() == 8


def test_a_changed_policy_voids_everything(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = counted(monkeypatch)
    run()
    monkeypatch.setattr("policies.run.tools", lambda: {"policies": "sha256:other"})
    run()
    assert judged.total() == 8


@pytest.mark.parametrize("damage", [b"", b"x" * 100, None])
def test_an_unreadable_cache_is_not_believed(
    run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes | None
) -> None:
    put(repository / "tenants/claims/tenant.yaml", "tenant: claims\n")
    assert run().exit_code == 1
    judged = counted(monkeypatch)
    for path in (repository / ".sluice/gate-cache").glob("*/*"):
        content = path.read_bytes()
        path.write_bytes(damage if damage is not None else content.replace(b"failed", b"passed"))
    assert run().exit_code == 1
    assert judged["claims"] == 1


def test_side_by_side_is_the_same(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = run(is_cached=False)
    monkeypatch.setattr(work, "FEW_UNITS", 1)
    monkeypatch.setattr(work, "CHUNK", 1)
    assert run(is_cached=False).judgements == alone.judgements


def test_an_error_side_by_side_is_an_error(run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "FEW_UNITS", 1)
    (repository / "tenants/claims/tenant.yaml").write_bytes(b"\xff")
    with pytest.raises(ArtefactUnreadable, match=r"tenants/claims/tenant\.yaml"):
        run()
