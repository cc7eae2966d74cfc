"""The proof's data is what AWS's references say, and its index finds what comparing everything would find."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from policies import globs
from policies.isolation import actions, roles
from policies.isolation.index import Index
from policies.isolation.model import Asset
from tests.policies.isolation import tables


def test_the_actions_are_those_of_the_reference() -> None:
    assert json.loads(actions.DATA.read_text(encoding="utf-8")) == tables.actions_table(), (
        "look at the difference, then: python -m tests.policies.isolation.tables"
    )


def test_the_managed_policies_are_those_of_the_reference() -> None:
    assert json.loads(roles.MANAGED.read_text(encoding="utf-8")) == tables.managed_policies()


def test_what_tells_most_comes_first() -> None:
    assert actions.of_kind("object")[0] == "s3:GetObject"
    assert actions.of_kind("key")[0] == "kms:Decrypt"
    assert "s3:ListBucket" in actions.at_level("bucket", "List")
    assert "s3:listallmybuckets" in actions.known("s3")


patterns = st.text(alphabet="ab/*?", max_size=5)


@given(st.lists(patterns, max_size=12), patterns)
def test_the_index_finds_what_comparing_everything_finds(held: list[str], asked: str) -> None:
    assets = [Asset("stack", str(number), "object", pattern) for number, pattern in enumerate(held)]
    found = [asset.address for asset in Index(assets).meeting(asked)]
    assert sorted(found) == sorted(asset.address for asset in assets if globs.overlap(asset.pattern, asked))
    assert not list(Index(assets).meeting(asked, besides="stack"))
