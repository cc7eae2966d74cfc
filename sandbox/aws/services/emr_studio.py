"""EMR Studio: workspaces that engineers open notebooks in. Kept as records; no notebook runs behind them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from moto.emr.responses import ElasticMapReduceResponse

from sandbox.aws.operations import Call, CallRefused, Service
from sandbox.aws.services.emr import new_id

studio = Service(ElasticMapReduceResponse)

_studios: dict[tuple[str, str], dict[str, Any]] = {}
"""{(account, studio id): the members of `Studio` in the API reference}."""
_mappings: dict[tuple[str, ...], dict[str, Any]] = {}
"""{(account, studio id, identity type, identity): the members of `SessionMappingDetail`}."""


@studio.answer("CreateStudio")
def _create(call: Call) -> Mapping[str, Any]:
    studio_id = new_id("es-")
    url = f"https://{studio_id.lower()}.emrstudio-prod.{call.region}.amazonaws.com"
    _studios[call.account, studio_id] = {
        **call.parameters,
        "StudioId": studio_id,
        "StudioArn": call.arn("elasticmapreduce", f"studio/{studio_id}"),
        "CreationTime": time.time(),
        "Url": url,
    }
    return {"StudioId": studio_id, "Url": url}


@studio.answer("DescribeStudio")
def _describe(call: Call) -> Mapping[str, Any]:
    return {"Studio": _studio(call)}


@studio.answer("UpdateStudio")
def _update(call: Call) -> None:
    _studio(call).update(call.parameters)


@studio.answer("DeleteStudio")
def _delete(call: Call) -> None:
    _studio(call)
    del _studios[call.account, call["StudioId"]]


@studio.answer("ListStudios")
def _list(call: Call) -> Mapping[str, Any]:
    return {"Studios": [each for (account, _), each in _studios.items() if account == call.account]}


@studio.answer("CreateStudioSessionMapping")
def _map(call: Call) -> None:
    now = time.time()
    _mappings[_mapping_key(call)] = {
        "IdentityId": "",
        "IdentityName": "",
        **call.parameters,
        "CreationTime": now,
        "LastModifiedTime": now,
    }


@studio.answer("GetStudioSessionMapping")
def _get_mapping(call: Call) -> Mapping[str, Any]:
    return {"SessionMapping": _mapping(call)}


@studio.answer("UpdateStudioSessionMapping")
def _update_mapping(call: Call) -> None:
    _mapping(call).update(call.parameters, LastModifiedTime=time.time())


@studio.answer("DeleteStudioSessionMapping")
def _unmap(call: Call) -> None:
    _mapping(call)
    del _mappings[_mapping_key(call)]


def _studio(call: Call) -> dict[str, Any]:
    try:
        return _studios[call.account, call["StudioId"]]
    except KeyError:
        raise CallRefused("InvalidRequestException", "Studio does not exist.") from None


def _mapping_key(call: Call) -> tuple[str, ...]:
    identity = call.get("IdentityId") or call.get("IdentityName", "")
    return call.account, call["StudioId"], call["IdentityType"], identity


def _mapping(call: Call) -> dict[str, Any]:
    try:
        return _mappings[_mapping_key(call)]
    except KeyError:
        raise CallRefused("InvalidRequestException", "Studio session mapping does not exist.") from None
