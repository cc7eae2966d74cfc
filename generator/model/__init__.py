"""What a tenant spec, an environment and a contract may say: whoever holds one of these objects holds a valid one.

Decides which values exist and which are allowed. It must not know where a value stood (`spec/`), what anything is
called in the cloud (`names.py`) or how it is written (`render/`).
"""

from __future__ import annotations

from generator.model.contract import TYPE_PATTERN, Column, Contract, QualityRule
from generator.model.delivery import Delivery, Freeze
from generator.model.environment import Cluster, EnvironmentSpec
from generator.model.tenant import PLATFORM, Classification, Job, Tenant, TenantSpec

__all__ = [
    "PLATFORM",
    "TYPE_PATTERN",
    "Classification",
    "Cluster",
    "Column",
    "Contract",
    "Delivery",
    "EnvironmentSpec",
    "Freeze",
    "Job",
    "QualityRule",
    "Tenant",
    "TenantSpec",
]
