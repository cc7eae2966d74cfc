"""How the gateway completes a service of moto: operations that it lacks, and answers that it leaves incomplete.

Requests are parsed and answers written by moto's own protocol code from botocore's service model, so a handler sees
and returns plain values under the names of the AWS API reference. It must not know any single service.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores, get_service_model


class CallRefused(ServiceException):  # type: ignore[misc]  # moto is not typed here
    """An answer with an AWS error code, as in the service's API reference: `CallRefused(code, message)`."""


@dataclass(frozen=True)
class Call:
    """One request to an AWS service.

    Attributes:
        account: twelve digits: whose credentials signed the request, by moto's own rule.
        region: for example `us-east-1`.
        parameters: the request's members under the names of the API reference.
    """

    account: str
    region: str
    parameters: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.parameters[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self.parameters.get(name, default)

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


Answer = Callable[[Call], Mapping[str, Any] | None]
"""Returns the members of the whole answer; None means an empty one."""
Amendment = Callable[[Call, Any], None]
"""Changes moto's answer in place: a dict, whose values may be moto's model objects."""


class Service:
    """One service of moto and what the gateway adds to it.

    Args:
        response_class: moto's `BaseResponse` subclass that answers for the service.
    """

    def __init__(self, response_class: type[Any]) -> None:
        self.response_class = response_class
        self.answers: dict[str, Answer] = {}
        self.amendments: dict[str, Amendment] = {}
        self._installed = False

    def answer(self, *operations: str) -> Callable[[Answer], Answer]:
        """Register a function that answers operations, instead of moto where moto knows them."""

        def register(function: Answer) -> Answer:
            self.answers.update(dict.fromkeys(operations, function))
            return function

        return register

    def amend(self, *operations: str) -> Callable[[Amendment], Amendment]:
        """Register a function that completes moto's answer to operations."""

        def register(function: Amendment) -> Amendment:
            self.amendments.update(dict.fromkeys(operations, function))
            return function

        return register

    def install(self) -> None:
        """Add everything registered to moto's response class, once."""
        if self._installed:
            return
        self._installed = True
        for operation, answer in self.answers.items():
            setattr(self.response_class, camelcase_to_underscores(operation), _answering(answer))
        for operation, amendment in self.amendments.items():
            name = camelcase_to_underscores(operation)
            setattr(self.response_class, name, _amending(getattr(self.response_class, name), amendment))


def _answering(answer: Answer) -> Callable[[Any], Any]:
    def method(response: Any) -> Any:
        return ActionResult(answer(_call(response)))

    return method


def _amending(original: Callable[[Any], Any], amendment: Amendment) -> Callable[[Any], Any]:
    def method(response: Any) -> Any:
        answered = original(response)
        if isinstance(answered, str):  # services that moto has not moved to ActionResult yet write JSON themselves
            result = json.loads(answered)
            amendment(_call(response), result)
            return json.dumps(result)
        amendment(_call(response), answered.result)
        return answered

    return method


def _call(response: Any) -> Call:
    """Parse the request that a response object of moto is answering."""
    model = get_service_model(response.boto3_service_name)
    operation = model.operation_model(response._get_action())
    request = response.normalized_request
    parser = PROTOCOL_PARSERS[determine_request_protocol(model, request.content_type)](operation, map_type=dict)
    parameters = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": response.uri_match,
        }
    )
    return Call(response.current_account, response.region, parameters)
