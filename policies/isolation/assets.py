"""What belongs to a tenant because its stack makes it.

Names are composed from what the plan knows before the apply, not from computed ARNs, so a first plan counts too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from policies.check import Resource
from policies.errors import Undecided
from policies.isolation.facts import Domain
from policies.isolation.model import Asset, Problem, Rules
from policies.isolation.reading import allows_only, is_computed, problem, rules_in, rules_of, tags_of, text
from policies.key_use import ADMINISTER
from policies.plan import Plan

POLICIES_APART = (
    "aws_s3_bucket_policy",
    "aws_kms_key_policy",
    "aws_secretsmanager_secret_policy",
    "aws_sqs_queue_policy",
    "aws_sns_topic_policy",
)


class AssetReader:
    """Reads one plan's things that somebody might reach for.

    Args:
        region, account: of the environment.
        policies_of_buckets: `{bucket: its policy's rules}`, filled by `read`; shared places need the platform's.
    """

    def __init__(self, account: str, region: str) -> None:
        self.account, self.region = account, region
        self.problems: list[Problem] = []
        self.policies_of_buckets: dict[str, Rules] = {}
        self.account_policies: Rules = ()
        self._matched: set[str] = set()

    def read(self, plan: Plan) -> list[Asset]:
        """Return what the stack makes; of the platform's only what no tenant may have."""
        readers: dict[str, Callable[[Plan, Resource], Iterator[Asset]]] = {
            "aws_s3_bucket": self._bucket,
            "aws_kms_key": self._key,
            "aws_kms_alias": self._alias,
            "aws_glue_catalog_database": self._database,
            "aws_glue_connection": self._connection,
            "aws_secretsmanager_secret": self._secret,
            "aws_ssm_parameter": self._parameter,
            "aws_sqs_queue": self._queue,
            "aws_sns_topic": self._topic,
            "aws_iam_policy": self._iam_policy,
            "aws_iam_instance_profile": self._profile,
            "aws_cloudwatch_log_group": self._log_group,
            "aws_glue_resource_policy": self._account_policy,
        }
        found: list[Asset] = []
        self._matched.clear()
        for type, reader in readers.items():
            for resource in plan.of_type(type):
                try:
                    found.extend(reader(plan, resource))
                except Undecided as reason:
                    self.problems.append(problem(plan.context.stack, resource, reason))
        for item in plan.of_type(*POLICIES_APART):
            if item.address not in self._matched:
                why = "the policy is for something that this stack does not make, or that cannot be told"
                self.problems.append(problem(plan.context.stack, item, why))
        return found if not plan.context.is_platform else list(_guarded(found))

    def _arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"

    def _policies(self, plan: Plan, resource: Resource, apart: str, attribute: str, name: str) -> Rules:
        """Return the rules of a thing's policy resource, or what the thing itself shows as its policy.

        What it shows may be as old as the last refresh: then only what it allows counts.

        Args:
            name: what `attribute` of the policy resource says when it is the thing's, as far as the plan knows it.
        """
        companions = self._companions(plan, resource, apart, attribute, name)
        if companions:
            return tuple(rule for item in companions for rule in rules_of(item, "policy", plan.context.stack))
        if is_computed(resource, "policy"):
            return ()
        return allows_only(rules_of(resource, "policy", plan.context.stack))

    def _companions(self, plan: Plan, resource: Resource, apart: str, attribute: str, name: str) -> list[Resource]:
        found = [item for item in plan.of_type(apart) if item.values.get(attribute) == name]
        found = found or plan.referring(resource, apart, attribute)
        self._matched.update(item.address for item in found)
        return found

    def _bucket(self, plan: Plan, resource: Resource) -> Iterator[Asset]:
        name = text(resource, "bucket")
        if not name:
            raise Undecided("the bucket's name is chosen at the apply: write `bucket`")
        rules = self._policies(plan, resource, "aws_s3_bucket_policy", "bucket", name)
        self.policies_of_buckets[name] = rules
        _refuse_acl(resource)
        stack, address, tags = plan.context.stack, resource.address, tags_of(resource)
        yield Asset(stack, address, "bucket", f"arn:aws:s3:::{name}", rules, tags=tags)
        yield Asset(stack, address, "object", f"arn:aws:s3:::{name}/*", rules)

    def _key(self, plan: Plan, resource: Resource) -> Iterator[Asset]:
        arn = text(resource, "arn")
        companions = self._companions(plan, resource, "aws_kms_key_policy", "key_id", arn)
        where = f"{plan.context.stack}: {resource.address}"
        if companions:
            rules = tuple(rule for item in companions for rule in rules_of(item, "policy", plan.context.stack))
        elif is_computed(resource, "policy") or not resource.get("policy"):
            rules = rules_in(self._default_key_policy(), where, "default policy")
        else:
            rules = rules_of(resource, "policy", plan.context.stack)
        domain = self._aliases(plan, resource)
        yield Asset(
            plan.context.stack, resource.address, "key", arn, rules, {"kms:resourcealiases": domain}, tags_of(resource)
        )

    def _default_key_policy(self) -> dict[str, object]:
        everyone = {"AWS": f"arn:aws:iam::{self.account}:root"}
        return {"Statement": {"Effect": "Allow", "Principal": everyone, "Action": "kms:*", "Resource": "*"}}

    def _aliases(self, plan: Plan, key: Resource) -> Domain:
        return (frozenset(text(alias, "name") for alias in plan.referring(key, "aws_kms_alias", "target_key_id")),)

    def _alias(self, plan: Plan, resource: Resource) -> Iterator[Asset]:
        yield self._plain(plan, resource, "key-alias", self._arn("kms", text(resource, "name")))

    def _database(self, plan: Plan, resource: Resource) -> Iterator[Asset]:
        name = text(resource, "name")
        yield self._plain(plan, resource, "database", self._arn("glue", f"database/{name}"))
        for kind, below in (("table", "table"), ("table", "tableVersion"), ("function", "userDefinedFunction")):
            yield Asset(plan.context.stack, resource.address, kind, self._arn("glue", f"{below}/{name}/*"))

    def _connection(self, plan: Plan, resource: Resource) -> Iterator[Asset]:
        yield self._plain(plan, resource, "connection", self._arn("glue", f"connection/{self._name(resource)}"))

    def _secret(self, plan: Plan, resource: Resource) -> Iterator[Asset]:
        name = text(resource, "name")
        if not name:
            raise Undecided("the secret's name is chosen at the apply: write `name`")
        rules = self._policies(plan, resource, "aws_secretsmanager_secret_policy", "secret_arn", name)
        pattern = self._arn("secretsmanager", f"secret:{name}-??????")
        yield Asset(plan.context.stack, resource.address, "secret", pattern, rules, tags=tags_of(resource))

    def _parameter(self, plan: Plan, resource: Resource) -> Iterator[Asset]:
        name = text(resource, "name").removeprefix("/")
        yield self._plain(plan, resource, "parameter", self._arn("ssm", f"parameter/{name}"))

    def _queue(self, plan: Plan, resource: Resource) -> Iterator[Asset]:
        name = self._name(resource)
        url = f"https://sqs.{self.region}.amazonaws.com/{self.account}/{name}"
        rules = self._policies(plan, resource, "aws_sqs_queue_policy", "queue_url", url)
        pattern = self._arn("sqs", name)
        yield Asset(plan.context.stack, resource.address, "queue", pattern, rules, tags=tags_of(resource))

    def _topic(self, plan: Plan, resource: Resource) -> Iterator[Asset]:
        pattern = self._arn("sns", self._name(resource))
        rules = self._policies(plan, resource, "aws_sns_topic_policy", "arn", pattern)
        yield Asset(plan.context.stack, resource.address, "topic", pattern, rules, tags=tags_of(resource))

    def _iam_policy(self, plan: Plan, resource: Resource) -> Iterator[Asset]:
        yield self._iam(plan, resource, "policy")

    def _profile(self, plan: Plan, resource: Resource) -> Iterator[Asset]:
        yield self._iam(plan, resource, "instance-profile")

    def _iam(self, plan: Plan, resource: Resource, kind: str) -> Asset:
        path = text(resource, "path") or "/"
        return self._plain(plan, resource, kind, f"arn:aws:iam::{self.account}:{kind}{path}{self._name(resource)}")

    def _log_group(self, plan: Plan, resource: Resource) -> Iterator[Asset]:
        """The group, and below it its streams."""
        name = self._name(resource)
        for pattern in (f"log-group:{name}", f"log-group:{name}:*"):
            yield self._plain(plan, resource, "log-group", self._arn("logs", pattern))

    def _account_policy(self, plan: Plan, resource: Resource) -> Iterator[Asset]:
        self.account_policies += rules_of(resource, "policy", plan.context.stack)
        yield from ()

    def _name(self, resource: Resource) -> str:
        name = text(resource, "name")
        if not name:
            raise Undecided("its name is chosen at the apply: write `name`")
        return name

    def _plain(self, plan: Plan, resource: Resource, kind: str, pattern: str) -> Asset:
        return Asset(plan.context.stack, resource.address, kind, pattern, tags=tags_of(resource))


def _guarded(made: Iterable[Asset]) -> Iterator[Asset]:
    """Yield of what the platform makes all that no tenant may have: its secrets, and power over its keys."""
    for asset in made:
        if asset.kind == "secret":
            yield asset
        elif asset.kind == "key":
            yield replace(asset, only=ADMINISTER)


def _refuse_acl(bucket: Resource) -> None:
    """Refuse a bucket that an access control list opens: IAM reads those beside every policy.

    Raises:
        Undecided: it names an ACL that is not private, or grants to a group.
    """
    acl = "" if is_computed(bucket, "acl") else text(bucket, "acl")
    grants = [] if is_computed(bucket, "grant") else bucket.blocks("grant")
    if acl not in ("", "private") or any(grant.get("uri") for grant in grants):
        raise Undecided("an access control list lets others in: close it, and write a policy")
