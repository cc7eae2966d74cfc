"""What one Allow of an identity policy gives away: too many actions, too many resources, too many keys.

A permissions boundary is judged as a limit, not as a grant: it may name a whole service, never everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policies import statements
from policies.data.iam_facts import facts
from policies.documents import PolicyDocument, Statement, service_of
from policies.errors import Undecided
from policies.globs import matches

if TYPE_CHECKING:  # policies.check hands this module's functions on to the checks
    from policies.check import Resource
    from policies.context import Context
    from policies.plan import Plan

WILDCARDS = frozenset("*?")
PLACES = {"aws_ssoadmin_permission_set_inline_policy": "inline_policy", "aws_organizations_policy": "content"}
DEPLOY_ROLE = "sluice-deploy"
OPENS_DATA = ("kms:Decrypt", "kms:ReEncryptFrom", "kms:CreateGrant")
"""Actions that open what a key protects, by themselves or by a grant to somebody else."""


def identity_policy(resource: Resource) -> PolicyDocument:
    """Return the policy of an aws_iam_role_policy, an aws_iam_policy, a permission set or the organisation.

    Raises:
        Undecided: it is absent, unknown, or no policy.
    """
    return _written(resource, PLACES.get(resource.type, "policy"))


def trust_policy(role: Resource) -> PolicyDocument:
    """Return whom an aws_iam_role lets assume it.

    Raises:
        Undecided: it is absent, unknown, or no policy.
    """
    return _written(role, "assume_role_policy")


def _written(resource: Resource, attribute: str) -> PolicyDocument:
    if resource.get(attribute) is None or resource.document(attribute).get("Statement") is None:
        raise Undecided(f"{attribute} is not there, or says nothing, so what it allows cannot be told")
    return resource.policy(attribute)


def is_wild(text: str) -> bool:
    """Tell whether a pattern holds a wildcard. A policy variable, `${aws:PrincipalTag/tenant}`, is none."""
    return bool(WILDCARDS & set(text))


def covers_all(text: str) -> bool:
    """Tell whether nothing but wildcards and separators stands in a pattern: `*`, `*/*`, `?*`."""
    return is_wild(text) and not set(text) - WILDCARDS - set("/:")


def too_wide(statement: Statement, is_limit: bool = False) -> Iterator[str]:
    """Yield what an Allow gives away beyond need.

    Args:
        is_limit: the statement stands in a permissions boundary: a whole service is accepted as an action, and every
            resource of a service through which no data is reached.
    """
    here = statement.label
    if statement.not_actions:
        yield f"{here}: allows every action but NotAction {statement.not_actions[0]!r}"
    if statement.not_resources:
        yield f"{here}: reaches every resource but NotResource {statement.not_resources[0]!r}"
    for action in statement.actions:
        if is_wild(service_of(action)) or (not is_limit and is_wild(action.partition(":")[2][:1])):
            yield f"{here}: allows {action!r}"
        elif service_of(action) == "iam" and not _leaves_roles_alone(action):
            yield f"{here}: allows {action!r}, by which roles are given more"
    if not statement.resources and not statement.not_resources:
        yield f"{here}: names no resource"
    for resource in statement.resources:
        yield from _too_wide_on(statement, resource, is_limit)


def elsewhere(statement: Statement, context: Context) -> Iterator[str]:
    """Yield what a statement reaches, or may reach, of other accounts: by an ARN's account, or by a bucket's name.

    MWAA keeps the queue of its workers in an account of AWS.
    """
    home = f"{context.organisation}-{context.environment}-"
    for resource in statement.resources:
        parts = resource.split(":", 5)
        if len(parts) < 6 or resource == f"arn:aws:sqs:{context.region}:*:airflow-celery-*":
            continue
        if parts[4] not in ("", "aws", context.account_id):
            yield f"{statement.label}: reaches another account: {resource!r}"
        elif parts[2] == "s3" and not parts[5].startswith(home) and not parts[4]:
            yield f"{statement.label}: reaches a bucket that is none of the environment's: {resource!r}"


def _too_wide_on(statement: Statement, resource: str, is_limit: bool) -> Iterator[str]:
    known = facts()
    if opens_any_key(statement, resource):
        yield f"{statement.label}: opens what any key protects: kms:Decrypt or the like on {resource!r}"
        return
    if covers_all(resource) or covers_all(resource.removeprefix("arn:")):
        needless = [action for action in statement.actions if action not in known.without_resource]
        if is_limit:
            needless = [action for action in needless if service_of(action) in known.data_services]
        needless = [action for action in needless if service_of(action) != "kms"]  # what matters was judged above
        if needless:
            yield f"{statement.label}: allows {needless[0]!r} on {resource!r}"
    elif covers_service(resource):
        yield f"{statement.label}: reaches everything of a service: {resource!r}"


def _leaves_roles_alone(action: str) -> bool:
    return action == "iam:passrole" or action.partition(":")[2].startswith(("get", "list"))


def covers_service(resource: str) -> bool:
    """Tell whether an ARN pattern means all that a data service holds: `arn:aws:s3:::*`, `…:secret:*`, `…:role/*`."""
    parts = resource.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        return is_wild(resource[:4])
    service, rest = parts[2], parts[5]
    if is_wild(service):
        return True
    if service == "s3" and parts[3:5] == ["", ""]:  # a bucket
        return is_wild(rest[:1])
    separator = min((found for found in (rest.find("/"), rest.find(":")) if found >= 0), default=-1)
    return service in facts().data_services and service != "kms" and covers_all(rest[separator + 1 :])


def opens_any_key(statement: Statement, resource: str) -> bool:
    """Tell whether a statement decrypts with keys that `resource` does not name and no alias narrows.

    ViaService alone is no narrowing: every tenant's bucket is read through the same service.
    """
    service = resource.split(":")[2] if resource.count(":") >= 5 else resource
    any_key = is_wild(service) or (service == "kms" and is_wild(resource.rpartition("/")[2]))
    if not any_key or not any(statement.covers_action(action) for action in OPENS_DATA):
        return False
    return not any(
        operator in ("foranyvalue:stringequals", "foranyvalue:stringlike")
        and key == "kms:resourcealiases"
        and values
        and not any(covers_all(value.removeprefix("alias/")) for value in values)
        for operator, key, values in statements.tests(statement)
    )


def writing_actions(statement: Statement) -> Iterator[str]:
    """Yield the actions of an Allow that may change something, or hand out credentials, lower-cased.

    A lock of Terraform's state, an object `*.tflock`, may be written, and what Glue's catalogue tells of tables opened
    through Glue alone: no plan is made without them.
    """
    known = facts()
    opens_catalog = statements.services_via(statement) == frozenset({"glue"})
    if statement.not_actions:
        yield f"not {statement.not_actions[0]}"
    is_lock = bool(statement.resources) and all(resource.endswith(".tflock") for resource in statement.resources)
    for action in statement.actions:
        name = action.partition(":")[2]
        if (is_lock and action in ("s3:putobject", "s3:deleteobject")) or (opens_catalog and action == "kms:decrypt"):
            continue
        hands_out = any(matches(action, secret) for secret in known.hands_out_credentials)
        if hands_out or not name.startswith(known.reading) or is_wild(service_of(action)):
            yield action


def policy_arn(policy: Resource) -> str:
    """Return the ARN of an aws_iam_policy, made of its name while AWS has not given it."""
    if not policy.is_unknown("arn") and isinstance(policy.get("arn"), str):
        return str(policy.get("arn"))
    name = policy.get("name")
    if not isinstance(name, str) or not policy.context.account_id:
        raise Undecided(f"{policy.address}: its name, or its account, is not known, so neither is its ARN")
    return f"arn:aws:iam::{policy.context.account_id}:policy{policy.get('path') or '/'}{name}"


def own_policies(plan: Plan) -> dict[str, Resource]:
    """Return the plan's aws_iam_policy by ARN, and by address; ask for it by `plan.once`."""
    found: dict[str, Resource] = {}
    for policy in plan.of_type("aws_iam_policy"):
        found[policy.address] = found[policy_arn(policy)] = policy
    return found


def policy_named(resource: Resource, attribute: str, plan: Plan) -> Resource | None:
    """Return the policy of the plan that `attribute` of a resource names, by ARN or by reference; None when it is none.

    Raises:
        Undecided: it is unknown, and not made of one policy of the plan alone.
    """
    own = plan.once(own_policies)
    addresses = {source.rpartition(".")[0] for source in resource.sources(attribute)}
    if len(addresses) == 1 and addresses & own.keys():
        return own[addresses.pop()]
    return own.get(resource.get(attribute))


def boundaries(plan: Plan) -> frozenset[str]:
    """Return the addresses of the policies that serve as a permissions boundary and are attached to nothing.

    Raises:
        Undecided: what some role has attached, or is limited by, is unknown.
    """
    types = ("aws_iam_role_policy_attachment", "aws_iam_policy_attachment")
    attached = [policy_named(attachment, "policy_arn", plan) for attachment in plan.of_type(*types)]
    limits = [policy_named(role, "permissions_boundary", plan) for role in plan.of_type("aws_iam_role")]
    return frozenset(
        {policy.address for policy in limits if policy} - {policy.address for policy in attached if policy}
    )


def deploys_only(policy: Resource, plan: Plan) -> bool:
    """Tell whether a policy of an account's bootstrap is attached to the role that deploys alone, or to none.

    What fences that role in is CSO_IAM_06_FENCE's; no list of actions and resources is short of everything.
    """
    if not plan.context.is_bootstrap:
        return False
    attachments = plan.of_type("aws_iam_role_policy_attachment")
    holders = {item.get("role") for item in attachments if policy_named(item, "policy_arn", plan) is policy}
    return holders <= {DEPLOY_ROLE}


def tenant_patterns(context: Context) -> list[str]:
    """Return patterns of what is a tenant's, by the platform's names: ARNs, and aliases of keys."""
    organisation, environment, tenant = context.organisation, context.environment, context.stack
    here, name = f"{context.region}:{context.account_id}", context.name
    platform, database = f"{organisation}-{environment}-platform", name.replace("-", "_")
    return [
        *(f"arn:aws:s3:::{pattern}" for pattern in (f"{name}-*", f"{platform}-artifacts/jobs/{tenant}/*")),
        *(f"arn:aws:glue:{here}:{thing}" for thing in ("catalog", f"database/{database}", f"table/{database}/*")),
        f"arn:aws:secretsmanager:{here}:secret:{name}/*",
        f"arn:aws:ssm:{here}:parameter/{organisation}/{environment}/{tenant}/*",
        f"arn:aws:iam::{context.account_id}:role/tenant/{tenant}/*",
        *(f"alias/{key}" for key in (name, platform)),
    ]
