"""A small tenant and two environments, fixed here so that golden files change only when the generator does."""

from __future__ import annotations

from typing import Any

from generator.model import Column, Contract, EnvironmentSpec, QualityRule, Tenant, TenantSpec

WORKERS = ("m6g.2xlarge", "m5.2xlarge", "m6i.2xlarge", "r6g.2xlarge", "r5.2xlarge")
CODE_SHA256 = "0123456789abcdef" * 4


def environment(name: str = "prod", mode: str = "transient", **changes: Any) -> EnvironmentSpec:
    return EnvironmentSpec.model_validate(
        {
            "environment": name,
            "organisation": "acme",
            "organisation_id": "o-acme000001",
            "account_id": "444444444444",
            "region": "eu-west-1",
            "network": {"cidr": "10.1.0.0/16", "zones": ("eu-west-1a", "eu-west-1b")},
            "cluster": {"mode": mode, "worker_types": WORKERS, "max_units": 12},
            "streamsets": {"ami_id": "ami-0123456789abcdef0"},
            "alerts_email": "platform@acme.example",
            "monthly_budget_usd": 1000,
            "source_systems": {"orbit": "arn:aws:iam::555555555555:role/orbit-export"},
            "tags": {"business-unit": "claims"},
            **changes,
        }
    )


def environments() -> list[EnvironmentSpec]:
    return [environment("dev", "long_running"), environment("prod", "transient")]


def contract(name: str, *extra: Column, **changes: Any) -> Contract:
    columns = (Column(name="id", type="varchar(20)", nullable=False, primary_key=True), *extra)
    return Contract.model_validate({"name": name, "version": "1.0.0", "columns": columns, **changes})


def spec(name: str = "claims", **changes: Any) -> TenantSpec:
    """Two sources, three jobs of which one is large, one report."""
    return TenantSpec.model_validate(
        {
            "tenant": name,
            "description": "Claims of the day.",
            "owner": "claims@acme.example",
            "cost_centre": "CC-1",
            "classification": "confidential",
            "schedule": "30 5 * * *",
            "deadline_minutes": 90,
            "sources": {
                "claims_in": {"system": "orbit"},
                "rates": {"system": "orbit", "delivery": "batch", "delimiter": ";"},
            },
            "jobs": {
                "clean": {"reads": ("claims_in",), "writes": ("claim",)},
                "price": {"reads": ("rates", "claim"), "writes": ("priced_claim", "scratch"), "compute": "large"},
                "total": {"reads": ("claim",), "writes": ("claim_total",)},
            },
            "publishes": ("claim", "priced_claim", "claim_total"),
            "warehouse": ("priced_claim", "claim_total"),
            "reports": {"open_claims": {"title": "Open claims"}},
            "readers": ("claims-analysts",),
            **changes,
        },
        strict=False,
    )


def tenant(name: str = "claims", **changes: Any) -> Tenant:
    """Return the tenant; `changes` are keys of its spec."""
    amount = Column(name="amount", type="decimal(18,2)", nullable=False, description="Amount in cents of the currency.")
    every_type = (
        amount,
        Column(name="note", type="string"),
        Column(name="count_of_parts", type="int"),
        Column(name="big_count", type="bigint"),
        Column(name="opened_on", type="date"),
        Column(name="changed_at", type="timestamp"),
        Column(name="is_open", type="boolean"),
        Column(name="order", type="int", description="A reserved word, quoted in SQL."),
    )
    not_empty = QualityRule(metric="rowCount", minimum=1, maximum=None, description="Never empty.")
    contracts = {
        "claims_in": contract("claims_in", amount),
        "rates": contract("rates"),
        "claim": contract("claim", amount, description="One row per claim."),
        "priced_claim": contract("priced_claim", *every_type, quality=(not_empty,)),
        "scratch": contract("scratch"),
        "claim_total": contract("claim_total", amount),
    }
    return Tenant(
        spec=spec(name, **changes),
        contracts=contracts,
        report_sql={"open_claims": "SELECT id, amount\nFROM priced_claim\nWHERE is_open\n"},
        code_sha256=CODE_SHA256,
    )
