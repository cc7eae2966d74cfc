"""A Terraform plan as the gate sees it: every planned resource by address, unknown values traced to what makes them."""

from policies.plan.model import Plan

__all__ = ["Plan"]
