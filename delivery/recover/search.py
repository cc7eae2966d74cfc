"""What of a stack exists in the cloud, whatever any state says: by the tags it carries, or by the name it would have.

Only reads. It must not know what Terraform's state holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from delivery.recover.kinds import LEFT_ALONE, NAMED, SERVICES_TAG, TAGGED, Read
from delivery.tagged import tagged
from generator.names import Names

Cloud = Callable[[str], Any]
"""Gives the boto3 client of a service, in the account and region of the environment."""


def identity(names: Names) -> dict[str, str]:
    """Return the tags that only Terraform's resources of one stack carry together; other tags change with the specs."""
    return {"env": names.environment.environment, "tenant": names.tenant, "managed-by": "terraform"}


@dataclass(frozen=True)
class Existing:
    """One resource as the cloud shows it.

    Attributes:
        type: Terraform's; empty where no type is known for the ARN.
        facts: `{attribute of the type: value}` of what is known, `arn` among them.
        tags: as the search returns them.
    """

    type: str
    facts: Mapping[str, Any]
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return str(self.facts["arn"])

    @property
    def is_named(self) -> bool:
        """Whether its ARN alone says which one it is."""
        return TAGGED[self.type].read is None

    @property
    def import_id(self) -> str:
        return TAGGED[self.type].import_id.format_map(self.facts)


def by_tags(cloud: Cloud, names: Names) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield ARN and tags of everything that Terraform made for the stack and that stays."""
    own = identity(names).items()
    for item in tagged(cloud, names):
        is_services = LEFT_ALONE.fullmatch(item.arn) or any(key.startswith(SERVICES_TAG) for key in item.tags)
        if own <= item.tags.items() and not item.ends_at and not is_services:
            yield item.arn, item.tags


def describe(cloud: Cloud, arn: str, tags: Mapping[str, str]) -> Existing:
    """Return what is known of the resource with this ARN; its type is empty where no row of the table fits."""
    for name, kind in TAGGED.items():
        facts = kind.facts(arn)
        if facts is None:
            continue
        if kind.read is None:
            return Existing(name, facts, tags)
        found = _answer(cloud, kind.read, facts)
        if all(found.get(key) == value for key, value in kind.read.where.items()):
            read = {attribute: found.get(key) for attribute, key in kind.read.facts.items()}
            return Existing(name, {**facts, **read}, tags)
    return Existing("", {"arn": arn}, tags)


def by_name(cloud: Cloud, type_: str, planned: Mapping[str, Any]) -> str | None:
    """Return the import id of what exists under the name that the plan gives it; None when nothing does.

    Args:
        planned: attributes in the plan, and `account_id`.

    Raises:
        KeyError: the plan does not know the name yet.
    """
    kind = NAMED[type_]
    try:
        _answer(cloud, kind.read, planned)
    except ClientError as error:
        if error.response["Error"]["Code"] in kind.missing:
            return None
        raise
    return kind.import_id.format_map(planned)


def _answer(cloud: Cloud, read: Read, facts: Mapping[str, Any]) -> Any:
    """Return the part of the call's answer that describes the resource."""
    parameters = {name: _filled(value, facts) for name, value in read.parameters.items()}
    answer = getattr(cloud(read.service), read.operation)(**parameters)
    for step in read.path:
        answer = answer[step]
    return answer


def _filled(value: str | list[str], facts: Mapping[str, Any]) -> str | list[str]:
    if isinstance(value, str):
        return value.format_map(facts)
    return [text.format_map(facts) for text in value]
