"""One business date's delivery of all sources, with the ledger of the truth about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from sandbox.source_systems.contracts import Policy, Transaction, fields
from sandbox.source_systems.defects import Defect, ledger_defects, policy_defects, transaction_defects
from sandbox.source_systems.file_format import SourceFile, source_file
from sandbox.source_systems.ledger import control_totals
from sandbox.source_systems.portfolio import (
    REFERENCE_MYGA,
    REFERENCE_SPIA,
    random_policies,
    reference_policies,
)

POLICIES_PER_ROUND = 1000
"""One round of defects for every so many policies, at least one."""
LEDGER_ERROR = ("MYGA", "withdrawals", Decimal("-250.00"))
"""A posting that the ledger missed: its control total is wrong by so much, and the reconciliation has to say so."""

REFERENCES = {
    "account_value": [
        {"policy_id": REFERENCE_MYGA, "policy_month": 11, "column": "account_value", "value": "104450.00"},
        {"policy_id": REFERENCE_MYGA, "policy_month": 23, "column": "account_value", "value": "104920.025"},
        {"policy_id": REFERENCE_MYGA, "policy_month": 29, "column": "surrender_benefit", "value": "96829.85"},
    ],
    "payout": [
        {"policy_id": REFERENCE_SPIA, "instalment": month, "column": "amount", "value": value}
        for month, value in ((0, "500.00"), (11, "500.00"), (12, "515.00"), (13, "343.33"), (24, "353.63"))
    ],
}
"""Worked examples of lifelib 0.17.2, uslib: MYGA and SPIA technical notes, model point 1."""


@dataclass(frozen=True)
class LandingSet:
    """What the source systems land for one business date."""

    as_of: date
    files: tuple[SourceFile, ...]
    truth: dict[str, Any]
    """What must come of it: {"good": {source: records}, "defects": […], "control_totals": […], "references": …}."""


def generate(as_of: date, policies: int, seed: int, *, with_defects: bool = True) -> LandingSet:
    """Return the files of a block of `policies` policies and the two reference policies.

    Args:
        as_of: business date; nothing good takes effect after it.
        policies: how many random policies.
        seed: the same seed, date and count give the same bytes.
        with_defects: leave the mistakes out for a clean delivery.
    """
    random = Random(f"{seed}/{as_of}/{policies}")  # noqa: S311 - repeatable data, not a secret
    block = [*reference_policies(as_of), *random_policies(as_of, policies, random)]
    terms = [policy for policy, _ in block]
    events = {policy.policy_id: transactions for policy, transactions in block}
    flat = [event for transactions in events.values() for event in transactions]
    totals = control_totals(terms, events, as_of)
    good = {
        "policies": [fields(policy) for policy in terms],
        "transactions": [fields(event) for event in flat],
        "gl_totals": [fields(total) for total in totals],
    }
    truth: dict[str, Any] = {
        "as_of": as_of.isoformat(),
        "seed": seed,
        "good": {source: len(lines) for source, lines in good.items()},
        "control_totals": [
            {"product": total.product, "measure": total.measure, "amount": str(total.amount), "ledger_error": "0.00"}
            for total in totals
        ],
        "references": REFERENCES,
        "defects": [],
    }
    if with_defects:
        defects = _defects(terms, flat, good["gl_totals"], as_of, random)
        truth["defects"] = [defect.expected() for defect in defects]
        for defect in defects:
            lines = good[defect.source]
            lines.insert(random.randint(0, len(lines)), defect.line)
        good["gl_totals"] = _with_ledger_error(good["gl_totals"], truth)
    files = tuple(source_file(source, as_of, lines) for source, lines in good.items())
    return LandingSet(as_of, files, truth)


def _defects(
    policies: list[Policy], transactions: list[Transaction], totals: list[list[str]], as_of: date, random: Random
) -> list[Defect]:
    made = list(ledger_defects(totals))
    for number in range(max(1, len(policies) // POLICIES_PER_ROUND)):
        made += policy_defects(policies, as_of, random, number)
        made += transaction_defects(policies, transactions, as_of, random, number)
    return made


def _with_ledger_error(lines: list[list[str]], truth: dict[str, Any]) -> list[list[str]]:
    product, measure, error = LEDGER_ERROR
    for total in truth["control_totals"]:
        if (total["product"], total["measure"]) == (product, measure):
            total["ledger_error"] = str(error)
    return [[*line[:4], str(Decimal(line[4]) + error)] if line[1:3] == [product, measure] else line for line in lines]
