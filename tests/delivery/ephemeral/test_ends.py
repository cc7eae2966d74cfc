"""A cluster whose engineer goes home ends all the same, or is not started."""

from __future__ import annotations

from typing import Any

import pytest

from delivery.ephemeral.ends import WouldNotEnd, require_end
from delivery.ephemeral.translate import Existing, plan_of
from tests.delivery.ephemeral.conftest import NOW

LASTING: dict[str, tuple[str, Any, str]] = {
    "no idle time": ("autoTerminationPolicy", None, "after None idle seconds"),
    "a long idle time": ("autoTerminationPolicy", {"idleTimeout": 36000}, "after 36000 idle seconds"),
    "an idle time that nobody knows": ("autoTerminationPolicy", {"idleTimeout": {"$": "unknown"}}, "after None idle"),
    "protection": ("terminationProtection", True, "nothing says that it may be terminated"),
    "a word left to AWS": ("terminationProtection", None, "nothing says that it may be terminated"),
    "no tags": ("tags", {}, "the reaper does not know it"),
    "another manager": ("tags.managed-by", "terraform", "the reaper does not know it"),
    "no name": ("tags.ephemeral", "", "the reaper does not know it"),
    "no end": ("tags.expires_at", None, "expires_at is None"),
    "an end without an offset": ("tags.expires_at", "2026-11-23T17:00:00", "no moment within 24 hours"),
    "an end that has passed": ("tags.expires_at", "2026-11-23T08:59:59Z", "no moment within 24 hours"),
    "an end beyond a day": ("tags.expires_at", "2026-11-24T09:00:01Z", "no moment within 24 hours"),
}


def checked(declared: Any) -> None:
    require_end(plan_of(declared, (), account_id="111111111111", region="us-east-1"), NOW)


def test_anns_ends(declared: Any) -> None:
    checked(declared)


@pytest.mark.parametrize("case", LASTING)
def test_lasting_cluster_is_refused(declared: Any, case: str) -> None:
    path, value, message = LASTING[case]
    inputs = declared[0]["inputs"]
    *parents, last = path.split(".")
    for parent in parents:
        inputs = inputs[parent]
    inputs[last] = value
    if value is None:
        del inputs[last]
    with pytest.raises(WouldNotEnd, match=message) as refusal:
        checked(declared)
    assert refusal.value.exit_code == 1


def test_each_cluster_is_asked(declared: Any) -> None:
    second = {**declared[0], "name": "second", "id": "pulumi-id://second"}
    declared.append({**second, "inputs": {**second["inputs"], "tags": {}}})
    with pytest.raises(WouldNotEnd, match=r"aws_emr_cluster[.]second: without the tags"):
        checked(declared)


def test_program_without_a_cluster_is_refused(declared: Any) -> None:
    standing = Existing("aws_emr_cluster", "shared", {})
    with pytest.raises(WouldNotEnd, match="declares no cluster"):
        require_end(plan_of(declared[3:], [standing], account_id="111111111111", region="us-east-1"), NOW)
