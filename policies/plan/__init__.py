"""A Terraform plan as the gate sees it: every planned resource by address, unknown values traced to what makes them."""

from policies.plan.model import Plan
from policies.plan.read import read_plan

__all__ = ["Plan", "read_plan"]
