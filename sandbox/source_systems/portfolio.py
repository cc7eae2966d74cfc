"""A random but repeatable block of annuities, with the two reference policies of lifelib's worked examples.

Levels (age, premium, lapse, rates) are illustrative; nothing here is experience of any insurer.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from sandbox.source_systems.calendar import add_months, months_elapsed
from sandbox.source_systems.contracts import Policy, Transaction
from sandbox.source_systems.polaris import account_months, cents

REFERENCE_MYGA, REFERENCE_SPIA = "REF-MYGA-1", "REF-SPIA-1"
STATES = ("CA", "FL", "IL", "NY", "OH", "PA", "TX")
SHARE_OF_MYGA = 0.7
YEARS_OF_ISSUE = 10


def reference_policies(as_of: date) -> list[tuple[Policy, list[Transaction]]]:
    """Return lifelib's MYGA and SPIA model point 1 (uslib 0.17.2), old enough that the asserted months have closed.

    The MYGA takes 4,000 at the beginning of month 12; the SPIA's joint annuitant dies in month 13.
    """
    myga = Policy(
        policy_id=REFERENCE_MYGA, sequence=1, product="MYGA", issue_date=add_months(as_of, -36), issue_age=60, sex="M",
        state="OH", tax_status="NQ", single_premium=Decimal("100000.00"), guarantee_years=5,
        declared_rate=Decimal("0.0445"), renewal_rate=Decimal("0.0445"), guaranteed_minimum_rate=Decimal("0.0025"),
        nonforfeiture_rate=Decimal("0.028"), free_withdrawal_rate=Decimal("0.1"), mva_issue_yield=Decimal("0.05"),
        mva_current_yield=Decimal("0.065"),
    )  # fmt: skip
    spia = Policy(
        policy_id=REFERENCE_SPIA, sequence=1, product="SPIA", issue_date=add_months(as_of, -30), issue_age=65, sex="M",
        state="OH", tax_status="NQ", single_premium=Decimal("100000.00"), annual_income=Decimal("6000.00"),
        escalation_rate=Decimal("0.03"), payout_form="life_only", certain_months=0, joint_age=62, joint_sex="F",
        survivor_fraction=Decimal("0.6666666667"), reduction_trigger="either",
    )  # fmt: skip
    return [
        (myga, [_premium(myga), _event(myga, "withdrawal", 12, Decimal("4000.00"), 2)]),
        (spia, [_premium(spia), _event(spia, "death_joint", 13, Decimal("0.00"), 2)]),
    ]


def random_policies(as_of: date, count: int, random: Random) -> Iterator[tuple[Policy, list[Transaction]]]:
    """Yield `count` policies with their transactions up to the as-of date."""
    for number in range(1, count + 1):
        if random.random() < SHARE_OF_MYGA:
            yield _random_myga(f"P-{number:07d}", as_of, random)
        else:
            yield _random_spia(f"P-{number:07d}", as_of, random)


def _random_myga(policy_id: str, as_of: date, random: Random) -> tuple[Policy, list[Transaction]]:
    policy = replace(
        _common(policy_id, "MYGA", as_of, random),
        guarantee_years=random.choice((3, 5, 5, 7)),
        declared_rate=_rate(random, 200, 550),
        renewal_rate=_rate(random, 100, 450),
        guaranteed_minimum_rate=_rate(random, 25, 100),
        nonforfeiture_rate=_rate(random, 15, 300),
        free_withdrawal_rate=Decimal("0.1"),
        mva_issue_yield=_rate(random, 200, 600),
        mva_current_yield=_rate(random, 300, 650),
    )
    age_months = months_elapsed(policy.issue_date, as_of)
    term = 12 * (policy.guarantee_years or 0)
    if age_months >= term:
        policy = replace(policy, mva_renewal_yield=_rate(random, 250, 600))
    events = [_premium(policy)]
    for month in range(1, age_months):
        draw = random.random()
        if draw < _surrender_rate(month, term):
            return policy, [*events, _exit(policy, "surrender", month, events, as_of, random)]
        if draw > 1 - 0.0008:
            return policy, [*events, _exit(policy, "death", month, events, as_of, random)]
        if random.random() < 0.015:
            share = Decimal(random.randint(1, 15)) / 100
            amount = cents(policy.single_premium * share)
            events.append(_event(policy, "withdrawal", month, amount, len(events) + 1, random))
            if sum(event.amount for event in events[1:]) > policy.single_premium / 2:
                break
    return policy, events


def _surrender_rate(month: int, term: int) -> float:
    """Monthly rate: few surrender while charged, many in the window after a guarantee period."""
    return 0.35 if month % term == 0 else 0.002


def _random_spia(policy_id: str, as_of: date, random: Random) -> tuple[Policy, list[Transaction]]:
    common = _common(policy_id, "SPIA", as_of, random)
    form = random.choice(("life_only", "life_certain", "life_certain", "certain_only"))
    policy = replace(
        common,
        annual_income=cents(common.single_premium * Decimal(random.randint(55, 80)) / 1000),
        escalation_rate=random.choice((Decimal("0"), Decimal("0.02"), Decimal("0.03"))),
        payout_form=form,
        certain_months=0 if form == "life_only" else random.choice((60, 120, 240)),
    )
    if random.random() < 0.5 and form != "certain_only":
        policy = replace(
            policy,
            joint_age=policy.issue_age - random.randint(0, 6),
            joint_sex="F" if policy.sex == "M" else "M",
            survivor_fraction=random.choice((Decimal("0.5"), Decimal("0.6666666667"), Decimal("1"))),
            reduction_trigger=random.choice(("either", "primary")),
        )
    events = [_premium(policy)]
    for kind in ("death", "death_joint"):
        month = int(random.expovariate(1 / 240))
        if month < months_elapsed(policy.issue_date, as_of) and (kind == "death" or policy.joint_age is not None):
            events.append(_event(policy, kind, month, Decimal("0.00"), len(events) + 1, random))
    return policy, events


def _common(policy_id: str, product: str, as_of: date, random: Random) -> Policy:
    premium = Decimal(round(random.lognormvariate(math.log(80_000), 0.8), 2)).quantize(Decimal("0.01"))
    return Policy(
        policy_id=policy_id,
        sequence=random.randint(2, 9),
        product=product,
        issue_date=as_of - timedelta(days=random.randint(0, YEARS_OF_ISSUE * 365)),
        issue_age=min(85, max(40, round(random.gauss(62, 8)))),
        sex=random.choice("FM"),
        state=random.choice(STATES),
        tax_status=random.choice(("NQ", "NQ", "IRA", "ROTH")),
        single_premium=premium,
    )


def _exit(policy: Policy, kind: str, month: int, events: list[Transaction], as_of: date, random: Random) -> Transaction:
    """A surrender or death record carrying the benefit that Polaris paid when the month closed."""
    event = _event(policy, kind, month, Decimal("0.00"), len(events) + 1, random)
    *_, last = account_months(policy, [*events, event], as_of)
    return replace(event, amount=last.paid)


def _premium(policy: Policy) -> Transaction:
    return _event(policy, "premium", 0, policy.single_premium, 1)


def _event(
    policy: Policy, kind: str, month: int, amount: Decimal, number: int, random: Random | None = None
) -> Transaction:
    """A transaction on the first day of a policy month, or with `random` on any day of it."""
    first, last = (add_months(policy.issue_date, month + step) for step in (0, 1))
    offset = random.randrange((last - first).days) if random else 0
    day = first + timedelta(days=offset)
    return Transaction(f"{policy.policy_id}-T{number:03d}", 5, policy.policy_id, kind, day, amount)


def _rate(random: Random, low: int, high: int) -> Decimal:
    """A rate between two bounds in basis points, in steps of five."""
    return Decimal(random.randrange(low, high + 1, 5)) / 10_000
