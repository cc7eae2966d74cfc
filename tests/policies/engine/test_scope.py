"""What a change can touch: a path that no rule knows touches everything."""

from __future__ import annotations

import pytest

from policies.scope import scope_of, stacks_touched

KNOWN = ("annuity", "claims-eu")
EVERY = ("platform", "annuity", "claims-eu")


@pytest.mark.parametrize(
    ("path", "touched"),
    [
        ("tenants/annuity/tenant.yaml", ("annuity",)),
        ("tenants/claims-eu/contracts/a.odcs.yaml", ("claims-eu",)),
        ("spark_jobs/claims_eu/job.py", ("claims-eu",)),
        ("environments/prod/rendered/annuity/dag/daily.py", ("annuity",)),
        ("README.md", ()),
        ("docs/decisions/0001.md", ()),
        ("tests/policies/test_x.py", ()),
        ("generator/render.py", ()),
        ("authority/client.py", ()),
        ("authority/migrations/sql/0001.sql", ()),
        ("Jenkinsfile", ()),
        ("environments/prod/rendered/platform/terraform/main.tf", EVERY),
        ("environments/prod/environment.yaml", EVERY),
        ("environments/prod/rendered", EVERY),
        ("modules/bucket/main.tf", EVERY),
        ("policies/controls.yaml", EVERY),
        ("spark_jobs/runtime/records.py", EVERY),
        ("spark_jobs/__init__.py", EVERY),
        ("dags/emr.py", EVERY),
        ("tenants/ghost/tenant.yaml", EVERY),
        ("requirements/tooling.txt", EVERY),
        ("something/new.txt", EVERY),
    ],
)
def test_touched(path: str, touched: tuple[str, ...]) -> None:
    assert stacks_touched([path], KNOWN) == touched


def test_changes_add_up() -> None:
    changed = ["README.md", "tenants/annuity/tenant.yaml", "spark_jobs/claims_eu/job.py"]
    assert stacks_touched(changed, KNOWN) == ("annuity", "claims-eu")


def test_all_some_or_changed() -> None:
    assert scope_of(KNOWN, (), None).is_whole
    some = scope_of(KNOWN, ("annuity",), None)
    assert (some.stacks, some.shared, some.is_whole) == (("annuity",), False, False)
    nothing = scope_of(KNOWN, (), {"README.md"})
    assert (nothing.stacks, nothing.shared, nothing.is_whole) == ((), True, False)
    both = scope_of(KNOWN, ("annuity",), {"tenants/claims-eu/tenant.yaml"})
    assert both.stacks == ()
