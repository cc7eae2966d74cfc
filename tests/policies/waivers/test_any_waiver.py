"""Whatever stands in waivers.yaml, nothing is waived but what failed, and by nothing but a waiver without fault."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.verdict import Verdict
from policies.waivers import Waiver, Waivers, apply
from tests.policies.waivers.declared import GOOD, TODAY, judgement

ADDRESSES = ("m.a", "m.b", "n.a")
JUDGEMENTS = st.lists(
    st.builds(
        judgement,
        st.sampled_from([verdict for verdict in Verdict if verdict is not Verdict.WAIVED]),
        st.sampled_from(ADDRESSES),
        st.sampled_from(["prod/annuity", "dev/annuity"]),
        st.sampled_from(["CSO_S3_11", "CSO_S3_11_MORE"]),
    ),
    max_size=12,
)
DECLARED = st.lists(
    st.fixed_dictionaries(
        {
            "address": st.sampled_from([*ADDRESSES, "*", "m.*", "*.a", "nothing"]),
            "environment": st.sampled_from(["prod", "dev"]),
            "control": st.sampled_from(["CSO_S3_11", "CSO_S3_01"]),
            "expires": st.sampled_from([TODAY, TODAY + timedelta(20)]),
        }
    ),
    max_size=4,
)


@settings(max_examples=300, deadline=None)
@given(JUDGEMENTS, DECLARED, st.sets(st.integers(0, 3)))
def test_nothing_is_waived_without_a_reason(items: list[Any], fields: list[dict[str, Any]], faulty: set[int]) -> None:
    declared = tuple(Waiver(**{**GOOD, **changes, "id": f"W-{n}"}) for n, changes in enumerate(fields))
    faults = {n: ("faulty",) for n in faulty if n < len(declared)}
    found = apply(items, Waivers(declared, faults, TODAY))
    sound = {item.subject.address.partition("#")[2] for item in found.about_waivers if item.verdict is Verdict.PASSED}
    for before, after in zip(items, found.judgements, strict=True):
        if after.verdict is not Verdict.WAIVED:
            assert after == before
            continue
        assert before.verdict is Verdict.FAILED
        assert after.waiver in sound
        assert declared[int(after.waiver[2:])].covers(before)
    assert {waiver.id for waiver in found.in_force} == {item.waiver for item in found.judgements} - {""}
    assert not {f"W-{n}" for n in faults} & sound
    for waiver in declared:
        passed = [item for item in items if waiver.covers(item) and item.verdict is Verdict.PASSED]
        needed = {
            item.subject.address for item in items if item.verdict not in (Verdict.PASSED, Verdict.NOT_APPLICABLE)
        }
        if any(item.subject.address not in needed for item in passed):
            assert waiver.id not in sound
