"""The first files of a new tenant: written once, then its team's own."""

from __future__ import annotations

from generator.scaffold.tenant import new_tenant

__all__ = ["new_tenant"]
