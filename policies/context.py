"""What a check may know besides the thing it judges: where it will run, and which day it is judged on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

PLATFORM = "platform"


@dataclass(frozen=True)
class Context:
    """The surroundings of one judged artefact.

    Attributes:
        environment: `dev`, `prod`.
        stack: tenant, or `platform`.
        today: the day of the judgement, UTC. An argument of the gate: no check reads a clock.
        is_production: the CSO lists production environments in policies/data/environments.yaml.
        organisation, account_id, region: of the environment, as its platform declares them; empty when not known.
        tenants: every tenant of the environment, sorted.
        organisation_id: AWS Organizations' id of the organisation; empty when not known.
        is_bootstrap: what is judged is the stack by which an account is prepared, before Terraform first runs in it.
    """

    environment: str
    stack: str
    today: date
    is_production: bool
    organisation: str = ""
    account_id: str = ""
    region: str = ""
    tenants: tuple[str, ...] = ()
    organisation_id: str = ""
    is_bootstrap: bool = False

    @property
    def is_platform(self) -> bool:
        return self.stack == PLATFORM

    @property
    def platform_name(self) -> str:
        """Prefix of everything that the platform names, `<organisation>-<environment>-platform`."""
        return f"{self.organisation}-{self.environment}-{PLATFORM}"

    @property
    def name(self) -> str:
        """Prefix of everything that the stack names, `<organisation>-<environment>-<stack>`."""
        return f"{self.organisation}-{self.environment}-{self.stack}"
