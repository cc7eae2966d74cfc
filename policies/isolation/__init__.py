"""Proves over all plans of an environment that tenants cannot reach each other, or shows the way that they can."""

from policies.isolation.findings import Breach, Proof
from policies.isolation.proof import prove

__all__ = ["Breach", "Proof", "prove"]
