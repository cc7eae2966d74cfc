"""What AWS would have told IAM about a call: the values of condition keys, as far as they are known here.

A key that nothing is said about can be anything, and then what depends on it stays undecided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

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


IN_THE_VPC = (
    "role/*-platform-airflow",
    "role/*-platform-emr-node",
    "role/*-platform-streamsets",
    "role/tenant/*-job-*",
)
"""Roles of machines that reach AWS from the environment's network, and a service by its endpoint where it has one."""


@dataclass(frozen=True)
class Around:
    """What is known of an account, whoever calls.

    Attributes:
        endpoints: `{service: id of its VPC endpoint}`.
    """

    organisation_id: str
    endpoints: Mapping[str, str] = field(default_factory=dict)


def facts(call: Call, role: Role, resource: Resource | None, around: Around) -> Facts:
    """Return what is known about a call.

    Args:
        resource: None where it does not stand any more, or cannot be told.
    """
    known: dict[str, Domain] = {
        **OF_SERVICES,
        "aws:principalarn": (role.arn,),
        "aws:principalaccount": (role.account,),
        "aws:principalorgid": (around.organisation_id,),
        "kms:calleraccount": (role.account,),
        "aws:userid": (Like(f"{role.id}:*"),),
        **tag_domains("aws:PrincipalTag/", role.tags),
        **{key: (ABSENT,) if value is None else (value,) for key, value in call.context.items()},
    }
    endpoint = around.endpoints.get(call.action.partition(":")[0])
    if endpoint and any(fnmatchcase(role.arn.split(":", 5)[5], pattern) for pattern in IN_THE_VPC):
        known["aws:sourcevpce"] = (endpoint,)
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
