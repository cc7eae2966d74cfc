"""Facts about IAM actions and AWS's managed policies, as iam_facts.yaml gives them with source and date."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from policies.data import read


@dataclass(frozen=True)
class IamFacts:
    """Attributes:
    without_resource: actions, lower-cased, that are harmless on Resource `*` and cannot be had on less.
    data_services: service prefixes through which data, keys, secrets or identities are reached.
    managed_policies, read_only_policies: ARNs of AWS's policies that roles, and roles that only plan, may have.
    reading: beginnings, lower-cased, of the names of actions that change nothing.
    hands_out_credentials: actions, lower-cased, that begin so and yet hand out credentials or secrets.
    """

    without_resource: frozenset[str]
    data_services: frozenset[str]
    managed_policies: frozenset[str]
    read_only_policies: frozenset[str]
    reading: tuple[str, ...]
    hands_out_credentials: frozenset[str]


@cache
def facts() -> IamFacts:
    """Return the facts.

    Raises:
        RegisterBroken: the file cannot be relied on.
    """
    found = read("iam_facts")
    return IamFacts(
        without_resource=frozenset(action.lower() for action in found["without_resource"]),
        data_services=frozenset(found["data_services"]),
        managed_policies=frozenset(found["managed_policies"]),
        read_only_policies=frozenset(found["read_only_policies"]),
        reading=tuple(name.lower() for name in found["reading"]),
        hands_out_credentials=frozenset(action.lower() for action in found["hands_out_credentials"]),
    )
