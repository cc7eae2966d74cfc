"""The insurer's source systems: they land policies, transactions and ledger totals for one business date.

A seed makes the same files every time. Known mistakes are put in on purpose, with a ledger of the truth that says what
must become of each; two reference policies are always among the good ones.
"""

from sandbox.source_systems.generate import LandingSet, generate
from sandbox.source_systems.landing import land

__all__ = ["LandingSet", "generate", "land"]
