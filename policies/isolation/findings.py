"""What the proof found: breaches with the way to them, what it could not decide, and how much it looked at."""

from __future__ import annotations

from dataclasses import dataclass, field

from policies.isolation.model import Problem

MOST_BREACHES = 10_000


@dataclass(frozen=True)
class Breach:
    """A way from one tenant to another's.

    Attributes:
        tenant, principal, address: who: the tenant, its principal's ARN, and the Terraform address of it.
        action, resource: the request that would succeed; the resource is an ARN.
        owner, owner_address: whose it is; `platform`'s opens every tenant.
        chain: how, from the principal to the resource.
    """

    tenant: str
    principal: str
    address: str
    action: str
    resource: str
    owner: str
    owner_address: str
    chain: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.tenant} reaches {self.owner}: {self.principal} may {self.action} {self.resource}"


@dataclass
class Proof:
    """What was found.

    Attributes:
        undecided: why there is no verdict; a proof with any is none.
        principals: tenants' roles, and people.
        resources: things that must not be reached.
        statements: of all policies.
        questions: pairs of a principal, or a role it can become, and a thing of another's; each is settled.
        is_complete: False when the search ended at MOST_BREACHES.
    """

    environment: str
    tenants: tuple[str, ...]
    breaches: list[Breach] = field(default_factory=list)
    undecided: list[Problem] = field(default_factory=list)
    principals: int = 0
    resources: int = 0
    statements: int = 0
    questions: int = 0
    is_complete: bool = True

    @property
    def holds(self) -> bool:
        return not self.breaches and not self.undecided
