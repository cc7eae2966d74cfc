"""What runs on a cluster: its configuration classifications, and the S3 addresses from which code comes.

Classifications stand as blocks in a RunJobFlow request and as JSON text in Terraform; here both are one list.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policies.artefacts import spark_submit
from policies.errors import Undecided
from policies.values import Block, Unknown, decode

CODE_PROPERTIES = frozenset(
    {
        "spark.archives",
        "spark.files",
        "spark.jars",
        "spark.submit.pyFiles",
        "spark.yarn.archive",
        "spark.yarn.dist.archives",
    }
    | {
        "spark.yarn.dist.files",
        "spark.yarn.dist.jars",
        "spark.yarn.dist.pyFiles",
        "spark.yarn.jars",
        "spark.sql.hive.metastore.jars.path",
    }
)
"""Properties that name code by address."""

FETCHING_PROPERTIES = frozenset(
    {
        "spark.jars.packages",
        "spark.jars.repositories",
        "spark.jars.ivySettings",
        "spark.jars.ivy",
        "spark.sql.hive.metastore.jars",
    }
)
"""Properties that fetch code from a repository of someone else when the job starts."""

APPROVED: Mapping[str, tuple[str, ...]] = {
    "hdfs-site": ("dfs.blocksize", "dfs.replication"),
    "yarn-site": (
        "yarn.log-aggregation.retain-seconds",
        "yarn.node-labels.am.default-node-label-expression",
        "yarn.node-labels.enabled",
        "yarn.nodemanager.vmem-check-enabled",
        "yarn.resourcemanager.nodemanager-graceful-decommission-timeout-secs",
    ),
}
"""{classification: properties} besides Spark's. What names scripts, classes, environment, credentials is left out."""

APPLICATIONS = frozenset({"Hadoop", "Spark"})
NOTEBOOKS = frozenset({"JupyterEnterpriseGateway", "Livy"})
"""What a shared cluster of engineers runs besides: it takes on the role of whoever opens a notebook."""

RELEASE = re.compile(r"emr-(?P<major>\d+)\.(?P<minor>\d+)\.\d+")
DIGEST = re.compile(r"[0-9a-f]{16,64}")


@dataclass(frozen=True)
class Classification:
    name: str
    properties: Mapping[str, str]


def classifications(value: Any, where: str) -> list[Classification]:
    """Return the classifications of a cluster, nested ones behind their parent and named `parent/nested`.

    Args:
        value: list of objects, or the JSON text of one; None is an empty list.
        where: for messages.

    Raises:
        Undecided: it is unknown, not JSON, or not of EMR's form.
    """
    if isinstance(value, str):
        value = decode(value, where) if value else []
    items = Block({"configurations": value}, where).blocks("configurations")
    return [found for item in items for found in _classification(item)]


def _classification(item: Block, parent: str = "") -> Iterator[Classification]:
    keys = {key.lower().replace("configurationproperties", "properties"): key for key in item}
    extra = keys.keys() - {"classification", "properties", "configurations"}
    if extra:
        raise Undecided(f"{item.path} has a key {sorted(extra)[0]!r} that EMR does not know")
    properties = item.get(keys["properties"]) if "properties" in keys else {}
    name = item.get(keys["classification"]) if "classification" in keys else None
    if not isinstance(properties, Mapping) or not isinstance(name, str):
        raise Undecided(f"{item.path} is no classification with properties")
    if any(isinstance(held, Unknown) for held in properties.values()):
        raise Undecided(f"{item.path}: a property is known only after the apply")
    name = f"{parent}{name}"
    yield Classification(name, {str(key): str(held) for key, held in properties.items()})
    for nested in item.blocks(keys["configurations"]) if "configurations" in keys else []:
        yield from _classification(nested, f"{name}/")


def property_of(found: list[Classification], classification: str, name: str) -> str | None:
    """Return a property; the last one where a classification stands twice, as EMR merges them."""
    values = [item.properties[name] for item in found if item.name == classification and name in item.properties]
    return values[-1] if values else None


def address_problem(address: str, bucket: str) -> str | None:
    """Return why code at an S3 address is not the code that was reviewed; None when it is.

    Args:
        bucket: the platform's artifact bucket, into which only the deployment writes.
    """
    if not address.startswith(f"s3://{bucket}/"):
        return f"{address!r} is not in the artifact bucket {bucket}"
    if any(part in ("..", ".", "") for part in address.removeprefix("s3://").rstrip("/").split("/")):
        return f"{address!r} is not a plain path"
    if not any(DIGEST.fullmatch(part) for part in address.split("/")):
        return f"{address!r} does not carry the digest of its content in its path"
    return None


def code_problems(found: list[Classification], bucket: str) -> Iterator[str]:
    """Yield what properties would load code from elsewhere than the artifact bucket."""
    for item in found:
        for name, value in item.properties.items():
            yield from property_problems(name, value, bucket)


def property_problems(name: str, value: str, bucket: str) -> Iterator[str]:
    """Yield what one Spark property would load from elsewhere than the artifact bucket."""
    if name in FETCHING_PROPERTIES:
        yield f"{name} fetches code at run time"
    elif name in CODE_PROPERTIES:
        for address in value.split(","):
            problem = address_problem(address.strip().split("#")[0], bucket)
            if problem:
                yield f"{name}: {problem}"


def step_code_problems(command: Sequence[str], bucket: str) -> Iterator[str]:
    """Yield what a spark-submit command would load from elsewhere than the artifact bucket."""
    submit = spark_submit.read(command)
    for address in submit.code:
        problem = address_problem(address, bucket)
        if problem:
            yield problem
    for name, value in submit.properties.items():
        yield from property_problems(name, value, bucket)


LABEL = "yarn.node-labels.am.default-node-label-expression"


def driver_problems(found: list[Classification], release: Any) -> Iterator[str]:
    """Yield why application masters may stand on Spot nodes."""
    version = RELEASE.fullmatch(str(release))
    if version is None or (int(version["major"]), int(version["minor"])) < (7, 2):
        yield f"release {release!r} is not known to label nodes by how they are bought (from 7.2 on)"
    enabled = property_of(found, "yarn-site", "yarn.node-labels.enabled")
    if str(enabled).lower() != "true":
        yield f"yarn.node-labels.enabled is {enabled!r}"
    if property_of(found, "yarn-site", LABEL) != "ON_DEMAND":
        yield f"{LABEL} is {property_of(found, 'yarn-site', LABEL)!r}, not 'ON_DEMAND'"


def setting_problems(found: list[Classification]) -> Iterator[str]:
    """Yield the classifications and properties that nobody approved."""
    for name, times in Counter(item.name for item in found).items():
        if times > 1:
            yield f"the classification {name!r} stands {times} times"
    for item in found:
        if item.name == "spark-defaults":
            problems = spark_submit.property_problems(item.properties)
            yield from (f"{item.name}: {problem}" for problem in problems)
        elif item.name not in APPROVED:
            yield f"the classification {item.name!r} is not approved"
        else:
            strange = [name for name in item.properties if name not in APPROVED[item.name]]
            yield from (f"{item.name}: the property {name!r} is not approved" for name in strange)
