"""What the platform calls the things that every cluster of an environment stands on, by convention.

Job flows name them before they have identifiers; `ssm:` values are looked up when the request is sent.
"""

from __future__ import annotations

from policies.context import PLATFORM, Context
from policies.errors import Undecided


def platform(context: Context) -> str:
    """Return `<organisation>-<environment>-platform`, the prefix of the platform's names.

    Raises:
        Undecided: the environment's platform does not say its organisation.
    """
    if not context.organisation or not context.environment:
        raise Undecided("the organisation of the environment is not known here")
    return context.platform_name


def security_configuration(context: Context) -> str:
    """Return how a stack's security configuration is called: the platform's, or that of a tenant's own clusters."""
    platform(context)
    return f"{context.name}-emr"


def platforms_security_configuration(context: Context) -> str:
    """Return how the one is called that shared clusters and developers' short-lived ones use."""
    return f"{platform(context)}-emr"


def parameter(context: Context, name: str) -> str:
    """Return how a job flow says "the value of the platform's parameter `name`"."""
    platform(context)
    return f"ssm:/{context.organisation}/{context.environment}/{PLATFORM}/{name}"


def account(context: Context) -> str:
    """Return the environment's account.

    Raises:
        Undecided: it is not known.
    """
    if not context.account_id or not context.region:
        raise Undecided("the account and the region of the environment are not known here")
    return context.account_id
