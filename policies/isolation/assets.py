"""What belongs to a tenant: what its stack makes, and by convention its prefixes in the platform's places.

Names are composed from what the plan knows before the apply, not from computed ARNs, so a first plan counts too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from policies.check import Resource
from policies.context import PLATFORM
from policies.errors import Undecided
from policies.isolation import actions
from policies.isolation.facts import ABSENT, Domain, Like
from policies.isolation.model import Asset, Problem, Rules
from policies.isolation.reading import allows_only, is_computed, problem, rules_in, rules_of, tags_of, text
from policies.plan import Plan

POLICIES_APART = (
    "aws_s3_bucket_policy",
    "aws_kms_key_policy",
    "aws_secretsmanager_secret_policy",
    "aws_sqs_queue_policy",
    "aws_sns_topic_policy",
)
LISTING = actions.at_level("bucket", "List")
CONTROL = actions.at_level("bucket", "Write", "Permissions management", "Tagging")


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
            "aws_secretsmanager_secret": self._secret,
            "aws_ssm_parameter": self._parameter,
            "aws_sqs_queue": self._queue,
            "aws_sns_topic": self._topic,
            "aws_iam_policy": self._iam_policy,
            "aws_iam_instance_profile": self._profile,
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
        return [asset for asset in found if asset.stack != PLATFORM or asset.kind == "secret"]

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

    def of_convention(self, plan: Plan, platform: str) -> Iterator[Asset]:
        """Yield what is a tenant's by its name: parameters, secrets, and prefixes in the platform's buckets."""
        context = plan.context
        where = f"convention for {context.stack}"
        parameters = f"parameter/{context.organisation}/{context.environment}/{context.stack}/*"
        yield Asset(context.stack, where, "parameter", self._arn("ssm", parameters))
        for path in paths_above(parameters.removesuffix("*")):
            yield Asset(context.stack, where, "parameter", self._arn("ssm", path), only=("ssm:GetParametersByPath",))
        yield Asset(context.stack, where, "secret", self._arn("secretsmanager", f"secret:{context.name}/*"))
        for bucket, prefix in self._places(plan, platform):
            rules = self.policies_of_buckets.get(bucket, ())
            yield Asset(context.stack, where, "object", f"arn:aws:s3:::{bucket}/{prefix}*", rules)
            seen = {"s3:prefix": prefixes_that_show(prefix)}
            yield Asset(context.stack, where, "bucket", f"arn:aws:s3:::{bucket}", rules, seen, only=LISTING)

    def _places(self, plan: Plan, platform: str) -> Iterator[tuple[str, str]]:
        """Yield (bucket, prefix) of a tenant's code, its DAGs, its clusters' logs and its buckets' access logs."""
        tenant = plan.context.stack
        yield f"{platform}-artifacts", f"jobs/{tenant}/"
        yield f"{platform}-airflow", f"dags/{tenant}/"
        yield f"{platform}-logs", f"emr/{tenant}/"
        for logging in plan.of_type("aws_s3_bucket_logging"):
            bucket, prefix = text(logging, "target_bucket"), text(logging, "target_prefix")
            if prefix:
                yield bucket, prefix

    def of_platform(self, plan: Plan) -> Iterator[Asset]:
        """Yield what opens every tenant, so none may have it: shared buckets' control, passwords, certificates."""
        name = plan.context.name
        for place in ("artifacts", "airflow", "logs"):
            bucket = f"{name}-{place}"
            rules = self.policies_of_buckets.get(bucket, ())
            arn = f"arn:aws:s3:::{bucket}"
            yield Asset(PLATFORM, f"bucket {bucket}", "bucket", arn, rules, only=CONTROL)
        for bucket, below, what in (
            (f"{name}-artifacts", "emr/", "certificates of the clusters"),
            (f"{name}-logs", "cloudtrail/", "trail of everybody's requests"),
        ):
            rules = self.policies_of_buckets.get(bucket, ())
            yield Asset(PLATFORM, what, "object", f"arn:aws:s3:::{bucket}/{below}*", rules)
        for airflow in plan.of_type("aws_mwaa_environment"):
            logs = self._arn("logs", f"log-group:airflow-{text(airflow, 'name')}-*")
            yield Asset(PLATFORM, airflow.address, "log-group", logs)
        for group in plan.of_type("aws_cloudwatch_log_group"):
            logs = self._arn("logs", f"log-group:{text(group, 'name')}*")
            yield Asset(PLATFORM, group.address, "log-group", logs)
        for owner in ("rds", "redshift"):
            pattern = self._arn("secretsmanager", f"secret:{owner}!*")
            yield Asset(PLATFORM, f"administrator's password in {owner}", "secret", pattern)


def paths_above(path: str) -> Iterator[str]:
    """Yield the paths of which ssm:GetParametersByPath gives everything below `path` too, with and without a slash."""
    parts = path.rstrip("/").split("/")
    for length in range(1, len(parts) + 1):
        yield "/".join(parts[:length])
        yield "/".join(parts[:length]) + "/"


def prefixes_that_show(prefix: str) -> Domain:
    """Return the values of s3:prefix with which a listing shows names below `prefix`."""
    return (ABSENT, *(prefix[:length] for length in range(len(prefix))), Like(f"{prefix}*"))


def trespasses(plan: Plan) -> Iterator[tuple[Resource, str, str, str]]:
    """Yield (resource, kind, action, ARN) of what a stack puts into places that can be another's."""
    context = plan.context
    for item in plan.of_type("aws_s3_object", "aws_s3_bucket_object"):
        yield item, "object", "s3:PutObject", f"arn:aws:s3:::{text(item, 'bucket')}/{text(item, 'key')}"
    for item in plan.of_type("aws_ssm_parameter"):
        name = text(item, "name").removeprefix("/")
        arn = f"arn:aws:ssm:{context.region}:{context.account_id}:parameter/{name}"
        yield item, "parameter", "ssm:PutParameter", arn
    for item in plan.of_type("aws_glue_catalog_table"):
        table = f"table/{text(item, 'database_name')}/{text(item, 'name')}"
        yield item, "table", "glue:CreateTable", f"arn:aws:glue:{context.region}:{context.account_id}:{table}"
    for item in plan.of_type("aws_emr_security_configuration"):
        for key in _keys_of_clusters(item):
            arn = key if key.startswith("arn:") else f"arn:aws:kms:{context.region}:{context.account_id}:key/{key}"
            yield item, "key-alias" if ":alias/" in arn else "key", "kms:CreateGrant", arn


def _keys_of_clusters(configuration: Resource) -> Iterator[str]:
    """Yield the keys under which EMR puts the disks and objects of the clusters that use a security configuration."""
    at_rest = configuration.document("configuration").block("EncryptionConfiguration.AtRestEncryptionConfiguration")
    s3 = at_rest.block("S3EncryptionConfiguration")
    for part in (s3, *s3.blocks("Overrides"), at_rest.block("LocalDiskEncryptionConfiguration")):
        if part.get("AwsKmsKey"):
            yield str(part.get("AwsKmsKey"))
