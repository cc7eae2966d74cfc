"""What AWS would have told IAM about a call: the values of condition keys, as far as they are known here.

A key that nothing is said about can be anything, and then what depends on it stays undecided.
"""

from __future__ import annotations

from collections.abc import Mapping

from policies.isolation.facts import ABSENT, Domain, Facts, Like, tag_domains
from sluice.access.model import Call, Resource, Role

REQUEST_TAG = "aws:requesttag/"
OF_SERVICES: Mapping[str, Domain] = {
    "aws:calledvia": (ABSENT,),
    "aws:principalisawsservice": ("false",),
    "aws:principaltype": ("AssumedRole",),
    "aws:securetransport": ("true",),
    "aws:sourceaccount": (ABSENT,),
    "aws:sourcearn": (ABSENT,),
    "aws:viaawsservice": ("false",),
}
"""A role calls AWS itself, and as every SDK does: over TLS."""
TAGS_OF_SERVICE = ("elasticmapreduce",)
"""Services whose own condition key, beside aws:ResourceTag, tells of tags."""


def facts(call: Call, role: Role, resource: Resource | None, organisation_id: str) -> Facts:
    """Return what is known about a call.

    Args:
        resource: None where it does not stand any more, or cannot be told.
    """
    known: dict[str, Domain] = {
        **OF_SERVICES,
        "aws:principalarn": (role.arn,),
        "aws:principalaccount": (role.account,),
        "aws:principalorgid": (organisation_id,),
        "aws:userid": (Like(f"{role.id}:*"),),
        **tag_domains("aws:PrincipalTag/", role.tags),
        **{key: (ABSENT,) if value is None else (value,) for key, value in call.context.items()},
    }
    tagged = {"aws:principaltag/", REQUEST_TAG}
    keys = {key.removeprefix(REQUEST_TAG) for key in call.context if key.startswith(REQUEST_TAG)}
    known["aws:tagkeys"] = (frozenset(keys),) if keys else (ABSENT,)
    if resource is not None:
        known["aws:resourceaccount"] = (resource.account,)
        if resource.aliases:
            known["kms:resourcealiases"] = (frozenset(resource.aliases),)
        if resource.tags is not None:
            prefixes = ["aws:ResourceTag/", *(f"{service}:ResourceTag/" for service in TAGS_OF_SERVICE)]
            for prefix in prefixes:
                known |= tag_domains(prefix, resource.tags)
                tagged.add(prefix.lower())
    return Facts(known, frozenset(tagged))
