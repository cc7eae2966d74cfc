"""Proves over all plans of an environment that tenants cannot reach each other, or shows the way that they can."""

from policies.isolation.proof import Breach, Proof, prove

__all__ = ["Breach", "Proof", "prove"]
