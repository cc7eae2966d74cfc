"""What exists of a tenant in its account: found by its tags, and by name where AWS's tag search does not look.

Decides what is found and whether it is on its way out already; it must not know what should become of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import ClientError

from generator.names import Names

Clients = Callable[[str], Any]
"""Returns a boto3 client by the service's name."""

TENANT_TAG, ENVIRONMENT_TAG = "tenant", "env"
LIVE_CLUSTERS = ("STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING")
SEARCHED_BY_NAME = ("elasticmapreduce:cluster",)
"""Types of which the tag search also returns what has ended; their own service is asked instead."""
ABSENT = frozenset({"404", "EntityNotFoundException", "NoSuchBucket", "NotFoundException"})
"""Codes with which S3, Glue and KMS say that something does not exist."""


@dataclass(frozen=True, order=True)
class Found:
    """One resource of a tenant.

    Attributes:
        arn: its ARN; of code in a bucket of the platform, the ARN of its prefix.
        type: `<service>:<kind>` as in the ARN, for example `s3:bucket`, `iam:role`, `sns` where ARNs name no kind.
        tags: as far as the search that found it knows them.
        ends_at: date at which AWS deletes it, ISO 8601; empty unless that was ordered.
    """

    arn: str
    type: str
    tags: Mapping[str, str] = field(default_factory=dict, compare=False)
    ends_at: str = ""


def tagged(clients: Clients, names: Names) -> list[Found]:
    """Return everything of one stack that its account holds, by ARN.

    Args:
        names: the tenant, or the platform, in its environment; one account is one environment.

    Raises:
        ClientError: a search was refused; an answer would be incomplete.
    """
    searches = (_by_tag, _roles, _policies, clusters, _aliases, _secrets, _parameters, _code)
    found: dict[str, Found] = {}
    for search in searches:
        for item in search(clients, names):
            known = found.get(item.arn, item)
            found[item.arn] = replace(known, ends_at=item.ends_at or known.ends_at)
    existing = (_as_it_is(clients, item) for item in found.values())
    return sorted(item for item in existing if item is not None)


def type_of(arn: str) -> str:
    """Return `<service>:<kind>` of an ARN."""
    _, _, service, _, _, resource = arn.split(":", 5)
    if service == "s3":
        return "s3:object" if "/" in resource else "s3:bucket"
    kind, separator, _ = re.sub("[/:]", "\0", resource, count=1).partition("\0")
    return f"{service}:{kind}" if separator else service


def _by_tag(clients: Clients, names: Names) -> Iterator[Found]:
    wanted = {TENANT_TAG: names.tenant, ENVIRONMENT_TAG: names.environment.environment}
    filters = [{"Key": key, "Values": [value]} for key, value in wanted.items()]
    for page in clients("resourcegroupstaggingapi").get_paginator("get_resources").paginate(TagFilters=filters):
        for item in page["ResourceTagMappingList"]:
            if type_of(item["ResourceARN"]) not in SEARCHED_BY_NAME:
                yield Found(item["ResourceARN"], type_of(item["ResourceARN"]), _tags(item["Tags"]))


def _roles(clients: Clients, names: Names) -> Iterator[Found]:
    """Yield roles: the tag search does not know IAM's."""
    iam = clients("iam")
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            is_below = role["Path"] == f"/tenant/{names.tenant}/"
            is_another_s = role["Path"].startswith("/tenant/") and not is_below
            if is_below or (role["RoleName"].startswith(f"{names.prefix}-") and not is_another_s):
                tags = _tags(iam.list_role_tags(RoleName=role["RoleName"])["Tags"])
                if is_below or _is_own(names, tags):
                    yield Found(role["Arn"], "iam:role", tags)


def _policies(clients: Clients, names: Names) -> Iterator[Found]:
    """Yield policies of the account's own."""
    iam = clients("iam")
    for page in iam.get_paginator("list_policies").paginate(Scope="Local"):
        for policy in page["Policies"]:
            if policy["PolicyName"].startswith(f"{names.prefix}-"):
                tags = _tags(iam.list_policy_tags(PolicyArn=policy["Arn"])["Tags"])
                if _is_own(names, tags):
                    yield Found(policy["Arn"], "iam:policy", tags)


def _is_own(names: Names, tags: Mapping[str, str]) -> bool:
    """Tell whether what is named as the tenant's is its own: `annuity-` begins the names of `annuity-claims`, too."""
    return tags.get(TENANT_TAG, names.tenant) == names.tenant


def clusters(clients: Clients, names: Names) -> Iterator[Found]:
    """Yield clusters that run or will; Airflow makes them, and Terraform does not know them."""
    emr = clients("emr")
    for page in emr.get_paginator("list_clusters").paginate(ClusterStates=list(LIVE_CLUSTERS)):
        for item in page["Clusters"]:
            cluster = emr.describe_cluster(ClusterId=item["Id"])["Cluster"]
            tags = _tags(cluster.get("Tags", []))
            if tags.get(TENANT_TAG) == names.tenant:
                yield Found(cluster["ClusterArn"], "elasticmapreduce:cluster", tags)


def _aliases(clients: Clients, names: Names) -> Iterator[Found]:
    """Yield the key's alias, which takes no tags."""
    for page in clients("kms").get_paginator("list_aliases").paginate():
        for alias in page["Aliases"]:
            if alias["AliasName"] == names.kms_alias:
                yield Found(alias["AliasArn"], "kms:alias")


def _secrets(clients: Clients, names: Names) -> Iterator[Found]:
    """Yield secrets, those that wait for their deletion too."""
    pages = clients("secretsmanager").get_paginator("list_secrets")
    for page in pages.paginate(IncludePlannedDeletion=True, Filters=[{"Key": "name", "Values": [f"{names.prefix}/"]}]):
        for secret in page["SecretList"]:
            ends_at = secret["DeletedDate"].date().isoformat() if secret.get("DeletedDate") else ""
            yield Found(secret["ARN"], "secretsmanager:secret", _tags(secret.get("Tags", [])), ends_at)


def _parameters(clients: Clients, names: Names) -> Iterator[Found]:
    path = names.parameter("").rstrip("/")
    for page in clients("ssm").get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True):
        for parameter in page["Parameters"]:
            yield Found(parameter["ARN"], "ssm:parameter")


def _code(clients: Clients, names: Names) -> Iterator[Found]:
    """Yield the prefixes of the platform's buckets that hold a tenant's code and DAG; objects there have no tags."""
    s3 = clients("s3")
    for bucket, prefix in (("artifacts", f"jobs/{names.tenant}/"), ("airflow", f"dags/{names.tenant}/")):
        name = names.platform.bucket(bucket)
        try:
            listed = s3.list_objects_v2(Bucket=name, Prefix=prefix, MaxKeys=1)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchBucket":
                raise
            continue  # an account whose platform is gone, or is not made yet
        if listed.get("Contents"):
            yield Found(f"arn:aws:s3:::{name}/{prefix}", "s3:object")


def _as_it_is(clients: Clients, item: Found) -> Found | None:
    """Return `item` with the date of its ordered deletion; None where it is gone and the tag search lags behind."""
    ask = ASKED.get(item.type)
    try:
        return replace(item, ends_at=ask(clients, item.arn) or item.ends_at) if ask else item
    except ClientError as error:
        if error.response["Error"]["Code"] not in ABSENT:
            raise
        return None


def _bucket(clients: Clients, arn: str) -> str:
    clients("s3").head_bucket(Bucket=arn.rpartition(":")[2])
    return ""


def _key(clients: Clients, arn: str) -> str:
    key = clients("kms").describe_key(KeyId=arn)["KeyMetadata"]
    return key["DeletionDate"].date().isoformat() if key.get("DeletionDate") else ""


def _database(clients: Clients, arn: str) -> str:
    clients("glue").get_database(Name=arn.rpartition("/")[2])
    return ""


ASKED: Mapping[str, Callable[[Clients, str], str]] = {"glue:database": _database, "kms:key": _key, "s3:bucket": _bucket}
"""{type: asks its own service for the date of its deletion}; the tag search still shows for a while what is gone."""


def _tags(listed: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in listed}
