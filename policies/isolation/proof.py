"""The proof that no principal of one tenant can do anything to what is another's, over all plans of an environment.

For each tenant: every role that one of its principals can become, and the way to it; for each of these roles every
statement that could let it reach another tenant's things. What is taken for granted stands in docs/isolation.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from policies.isolation.findings import Breach, Proof
from policies.isolation.model import Problem
from policies.isolation.search import Search
from policies.isolation.sideways import into_others_places, through_lake_formation, through_others_roles
from policies.isolation.world import world_of
from policies.plan import Plan


def prove(plans: Sequence[Plan], problems: Sequence[Problem] = ()) -> Proof:
    """Prove isolation over the plans of an environment: the platform's and every tenant's.

    Args:
        problems: what could not be read of the stacks beside their plans; with any there is no proof.

    Raises:
        ArtefactUnreadable: they are not the plans of one environment.
    """
    world = world_of(plans)
    context = plans[0].context
    tenants = tuple(sorted(plan.context.stack for plan in plans if not plan.context.is_platform))
    proof = Proof(context.environment, tenants, undecided=[*world.problems, *problems])
    proof.resources, proof.statements = len(world.assets), world.statements
    search = Search(world, proof)
    for tenant in tenants:
        search.tenant(tenant)
    beside = (
        into_others_places(plans, search.index),
        through_others_roles(plans, search.roles),
        through_lake_formation(plans, search.roles),
    )
    for found in chain.from_iterable(beside):
        if isinstance(found, Breach):
            proof.breaches.append(found)
        else:
            proof.undecided.append(found)
    proof.undecided = list(dict.fromkeys(proof.undecided))
    return proof
