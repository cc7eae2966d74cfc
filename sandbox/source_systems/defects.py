"""Mistakes that source systems make, put in on purpose, each with what must become of it.

Every defect names the lines that must be turned away and the reason. Decides nothing about good records: none changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sandbox.source_systems.contracts import Policy, Transaction, fields, resequenced
from sandbox.source_systems.portfolio import REFERENCE_MYGA, REFERENCE_SPIA

Line = list[str]


@dataclass(frozen=True)
class Defect:
    """One mistake: a line that was added to a source's file and the reason for which it must be rejected."""

    kind: str
    source: str
    line: Line
    reason: str

    def expected(self) -> dict[str, str]:
        """The defect as the ledger of the truth records it."""
        return {"kind": self.kind, "source": self.source, "raw_text": "|".join(self.line), "reason": self.reason}


def policy_defects(policies: list[Policy], as_of: date, random: Random, number: int) -> Iterator[Defect]:
    """Yield one round of mistakes in the policies file. `number` keeps the invented policy numbers of rounds apart."""

    def made_up(digit: int, **changes: Any) -> Policy:
        model = next(policy for policy in policies if policy.policy_id == REFERENCE_MYGA)
        return replace(model, policy_id=f"P-9{number:05d}{digit}", sequence=1, **changes)

    def defect(kind: str, line: Line, reason: str) -> Defect:
        return Defect(kind, "policies", line, reason)

    good = random.choice(policies)
    yield defect("identical line twice", fields(good), "duplicate")
    older = resequenced(random.choice([policy for policy in policies if policy != good]), -1)
    yield defect("older version after the newer one", fields(replace(older, state="AK")), "superseded")
    yield defect("correction that is broken itself", _with(fields(resequenced(good, 1)), 4, "20261301"), "not_a_date")
    yield defect("day that does not exist", _with(fields(made_up(1)), 4, "2026-02-30"), "not_a_date")
    yield defect("product that is not offered", _with(fields(made_up(2)), 3, "VUL"), "not_allowed")
    yield defect("negative premium", _with(fields(made_up(3)), 9, "-25000.00"), "below_minimum")
    yield defect("line cut short", fields(made_up(4))[:11], "field_count")
    yield defect("delimiter inside a field", [*fields(made_up(5)), "x"], "field_count")
    yield defect("term that the product needs is empty", _with(fields(made_up(6)), 11, ""), "missing_terms")
    yield defect("issued in the future", _with(fields(made_up(7)), 4, str(as_of + timedelta(days=40))), "after_as_of")
    yield defect("no policy number", _with(fields(made_up(8)), 1, ""), "missing")
    for state in ("CA", "NY"):
        yield defect("two versions with one sequence", fields(made_up(9, state=state)), "ambiguous")


def transaction_defects(
    policies: list[Policy], transactions: list[Transaction], as_of: date, random: Random, number: int
) -> Iterator[Defect]:
    """Yield one round of mistakes in the transactions file."""
    issued = {policy.policy_id: policy.issue_date for policy in policies}
    model = next(entry for entry in transactions if entry.policy_id == REFERENCE_MYGA)

    def made_up(digit: int, **changes: Any) -> Line:
        return fields(replace(model, transaction_id=f"X-{number:05d}-{digit:02d}", sequence=1, **changes))

    def defect(kind: str, line: Line, reason: str) -> Defect:
        return Defect(kind, "transactions", line, reason)

    good, corrected = random.sample(transactions, 2)
    yield defect("identical line twice", fields(good), "duplicate")
    wrong = replace(resequenced(corrected, -1), amount=corrected.amount + Decimal("100.00"))
    yield defect("older version after the newer one", fields(wrong), "superseded")
    misdirected = replace(resequenced(good, 1), policy_id="P-8888888")
    yield defect("correction that names no policy", fields(misdirected), "unknown_policy")
    yield defect("policy that does not exist", made_up(1, policy_id="P-8888888"), "unknown_policy")
    yield defect("policy that was itself rejected", made_up(2, policy_id=f"P-9{number:05d}2"), "unknown_policy")
    yield defect("thousands separator", _with(made_up(3), 6, "12,000.00"), "not_a_decimal")
    yield defect("tenth of a cent", _with(made_up(4), 6, "100.005"), "not_a_decimal")
    yield defect("negative amount", _with(made_up(5), 6, "-1.00"), "below_minimum")
    yield defect("type that is not known", _with(made_up(6), 4, "rebate"), "not_allowed")
    before = issued[REFERENCE_MYGA] - timedelta(days=1)
    yield defect("before the policy was issued", made_up(7, effective_date=before), "before_issue")
    yield defect("in the future", made_up(8, effective_date=as_of + timedelta(days=1)), "after_as_of")
    yield defect("line cut short", made_up(9)[:4], "field_count")
    yield defect("surrender of a payout annuity", made_up(10, policy_id=REFERENCE_SPIA, type="surrender"), "wrong_type")
    exits = [entry for entry in transactions if entry.type == "surrender" and entry.effective_date < as_of]
    if exits:
        ended = random.choice(exits)
        day = ended.effective_date + timedelta(days=1)
        late = made_up(11, policy_id=ended.policy_id, type="withdrawal", effective_date=day)
        yield defect("withdrawal after the surrender", late, "after_exit")


def ledger_defects(totals: list[Line]) -> Iterator[Defect]:
    """Yield the mistakes in the ledger's file, given its good lines."""
    older = _with(_with(totals[0], 3, "0"), 4, "1.00")
    yield Defect("sequence below one", "gl_totals", older, "below_minimum")
    yield Defect("measure that is not kept", "gl_totals", _with(totals[0], 2, "goodwill"), "not_allowed")


def _with(line: Line, at: int, text: str) -> Line:
    return [*line[:at], text, *line[at + 1 :]]
