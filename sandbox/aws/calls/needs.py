"""The permissions that one request needs on AWS, by the tables of calls.yaml. It must not know any single service."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from sandbox.aws.calls import things
from sandbox.aws.calls.data import known
from sandbox.aws.calls.request import Request

Context = Mapping[str, str | None]
"""{condition key in lower case: value}; None says that the request does not carry the key."""
PLACE = re.compile(r"\{([\w.-]+)(\*?)(?:!(\w+))?\}")
TAG_KEY = re.compile(r"(?:.*\.)?tag(?:s|list)?(?:\.(?:tag|items))?\.(\d+)\.(?:tag)?key", re.IGNORECASE)
TAG_IN_MAPPING = re.compile(r"(?:Tags|tags)\.([^.\d][^.]*)")
UNTOLD = ""
OF_CATALOG = ("Database", "Databases", "Table", "Tables", "Partition", "Partitions")


@dataclass(frozen=True)
class Need:
    """One permission.

    Attributes:
        action: for example `s3:GetObject`.
        resource: an ARN; `*` where AWS judges the action on no resource; UNTOLD where it cannot be told.
        context: what AWS would tell IAM about the request.
    """

    action: str
    resource: str
    context: tuple[tuple[str, str | None], ...] = ()

    @classmethod
    def of(cls, action: str, resource: str, context: Context) -> Need:
        return cls(action, resource, tuple(sorted(context.items())))


def needs(request: Request, account: str) -> Iterator[Need]:
    """Yield what a request needs that is not S3's.

    Args:
        account: twelve digits, of whoever signed it.
    """
    service = known().prefixes.get(request.service, request.service)
    if request.operation in known().free.get(service, ()):
        return
    places = {**request.parameters, "region": request.region, "account": account}
    name = known().actions.get(service, {}).get(request.operation, request.operation)
    told = {**_tags(request.parameters), **_special(service, request, account)}
    tags = known().tagging.get(f"{service}:{request.operation}")
    for arn in _resources(service, name, request.operation, places):
        yield Need.of(f"{service}:{name}", arn, told)
        if tags and any(key.startswith("aws:requesttag/") for key in told):
            yield Need.of(tags, arn, told)
    yield from _passed(f"{service}:{request.operation}", places)
    for also in known().also.get(f"{service}:{request.operation}", ()):
        if places.get(also["where"], "false").lower() != "false":
            yield from (Need.of(also["action"], arn, told) for arn in _filled(also["arns"], places) or [UNTOLD])
    yield from _of_keys(service, request.operation, places)


def _resources(service: str, action: str, operation: str, places: Mapping[str, str]) -> list[str]:
    if action in known().off.get(service, ()):
        return ["*"]
    for entry in known().resources.get(service, ()):
        if any(fnmatchcase(operation, pattern) for pattern in entry.get("operations", ["*"])):
            found = _filled(entry["arns"], places)
            if found:
                return found
    return [UNTOLD]


def _filled(templates: list[str], places: Mapping[str, str]) -> list[str]:
    """Return the ARNs that templates give; empty where a parameter of one of them is absent."""
    found: list[str] = []
    for template in templates:
        arns = [template]
        for place in PLACE.finditer(template):
            texts = _texts(place, places)
            arns = [arn.replace(place[0], text) for arn in arns for text in texts]
        if not arns:
            return []
        found += arns
    return found


def _texts(place: re.Match[str], places: Mapping[str, str]) -> list[str]:
    name, is_list, kind = place[1], place[2], place[3]
    if is_list:
        return [text for path, text in places.items() if re.fullmatch(rf"{re.escape(name)}\.\d+", path)]
    if name not in places:
        return []
    return [things.arn(kind, places[name], places)] if kind else [places[name]]


def _passed(operation: str, places: Mapping[str, str]) -> Iterator[Need]:
    for parameter, service in known().passes.get(operation, {}).items():
        for path, text in places.items():
            if fnmatchcase(path, parameter) and text:
                yield Need.of("iam:PassRole", things.passed_role(text, places), {"iam:passedtoservice": service})


def _of_keys(service: str, operation: str, places: Mapping[str, str]) -> Iterator[Need]:
    """Yield what a request needs of the keys that the service uses in the caller's name."""
    for parameter, through, actions in known().keys.get(f"{service}:{operation}", ()):
        for path, text in places.items():
            if fnmatchcase(path, parameter) and text:
                yield from _key_used(text, through, actions, places)
    if service == "secretsmanager" and "SecretId" in places:
        key = things.secret_key(places["SecretId"], places)
        if key:
            yield from _key_used(key, service, known().secrets.get(operation, []), places)
    if service == "glue" and operation.endswith(OF_CATALOG):
        key = things.catalog_key(places)
        how = "read" if operation.startswith(("Get", "BatchGet")) else "write"
        if key:
            yield from _key_used(key, service, known().catalog[how], places)


def _key_used(text: str, service: str, actions: list[str], places: Mapping[str, str]) -> Iterator[Need]:
    told = {"kms:viaservice": f"{service}.{places['region']}.amazonaws.com", "kms:grantisforawsresource": "true"}
    for action in actions:
        yield Need.of(f"kms:{action}", things.arn("key", text, places), told)


def _tags(parameters: Mapping[str, str]) -> dict[str, str | None]:
    """Return the tags that a request gives, as conditions see them."""
    found: dict[str, str | None] = {}
    for path, text in parameters.items():
        if match := TAG_IN_MAPPING.fullmatch(path):
            found[f"aws:requesttag/{match[1].lower()}"] = text
        elif TAG_KEY.fullmatch(path):
            value = next((path[:-3] + word for word in ("Value", "value") if path[:-3] + word in parameters), "")
            found[f"aws:requesttag/{text.lower()}"] = parameters.get(value, "")
    return found


def _special(service: str, request: Request, account: str) -> dict[str, str | None]:
    """Return what single services tell IAM besides; by their own condition keys."""
    parameters: Mapping[str, Any] = request.parameters
    if service == "iam":
        return {
            "iam:permissionsboundary": parameters.get("PermissionsBoundary") or things.boundary(parameters, account)
        }
    if service == "elasticmapreduce":
        return {"elasticmapreduce:executionrolearn": parameters.get("ExecutionRoleArn")}
    if service == "kms":
        prefix = "EncryptionContext."
        pairs = {path.removeprefix(prefix): text for path, text in parameters.items() if path.startswith(prefix)}
        return {f"kms:encryptioncontext:{name.lower()}": text for name, text in pairs.items()} | {
            "kms:viaservice": None
        }
    return {}
