"""Every kind of leak, seeded into a clean estate, is found with a witness; what only looks like one raises no alarm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from policies import globs
from policies.isolation import Breach, Proof, prove
from tests.policies.isolation.estate import changed

HERE = Path(__file__).parent
TENANTS = ("alpha", "beta", "gamma")
KINDS = 30


def cases(folder: str) -> dict[str, dict[str, Any]]:
    files = sorted((HERE / folder).glob("*.yaml"))
    found: dict[str, dict[str, Any]] = {}
    for path in files:
        for name, case in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            assert name not in found, name
            found[name] = case
    return found


LEAKS = cases("leaks")


def proved(case: dict[str, Any]) -> Proof:
    return prove(changed(TENANTS, case).plans())


def fits(breach: Breach, expected: dict[str, Any]) -> bool:
    return (
        breach.tenant == "alpha"
        and breach.owner == expected["owner"]
        and expected.get("principal", "meridian-prod-alpha") in breach.principal
        and globs.matches(expected["action"], breach.action)
        and globs.overlap(expected["resource"], breach.resource)
        and sum(" becomes " in step for step in breach.chain) + 1 >= expected.get("hops", 1)
    )


def shown(proof: Proof) -> str:
    lines = [f"{breach}\n    " + "\n    ".join(breach.chain) for breach in proof.breaches]
    return "\n".join([*lines, *map(str, proof.undecided)]) or "nothing was found"


def test_a_clean_estate_is_clean() -> None:
    for environment in ("dev", "prod"):
        proof = prove(changed(TENANTS, {"environment": environment}).plans())
        assert proof.holds, shown(proof)
        assert proof.principals >= 12
        assert proof.questions > 100


def test_there_are_enough_kinds() -> None:
    assert len(LEAKS) >= KINDS


@pytest.mark.parametrize("name", LEAKS)
def test_leak_is_found_with_a_witness(name: str) -> None:
    case = LEAKS[name]
    proof = proved(case)
    found = [breach for breach in proof.breaches if fits(breach, case["finds"])]
    assert found, shown(proof)
    assert all("*" not in breach.resource for breach in found), "a witness is a text, not a pattern"
    assert all(breach.chain for breach in found)
    leaking = {breach.tenant for breach in proof.breaches}
    assert leaking == {"alpha"} or case["finds"].get("everyone"), shown(proof)


GUARDS = cases("guards")
UNDECIDED = cases("undecided")


@pytest.mark.parametrize("name", GUARDS)
def test_guard_holds(name: str) -> None:
    proof = proved(GUARDS[name])
    assert proof.holds, shown(proof)


@pytest.mark.parametrize("name", UNDECIDED)
def test_undecided_is_no_proof(name: str) -> None:
    case = UNDECIDED[name]
    proof = proved(case)
    assert not proof.holds
    assert any(case["why"] in str(problem) for problem in proof.undecided), shown(proof)
