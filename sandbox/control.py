"""What the local cloud says of itself under `/_sandbox/`: health, injected faults, calls nobody answers, databases;
and what it is told there has happened: a restore test.

People and tests talk to it; production code never does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import BadRequest, HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sandbox.aws.calls import standing
from sandbox.aws.services.restore_jobs import NoSuchTestError, has_run
from sandbox.faults import Fault, InvalidFaultError

if TYPE_CHECKING:
    from sandbox.aws.gateway import Gateway
    from sandbox.context import Context

PREFIX = "/_sandbox"
ROUTES = Map(
    [
        Rule(f"{PREFIX}/health", methods=["GET"], endpoint="health"),
        Rule(f"{PREFIX}/unimplemented", methods=["GET"], endpoint="unimplemented"),
        Rule(f"{PREFIX}/calls", methods=["GET"], endpoint="calls"),
        Rule(f"{PREFIX}/policies", methods=["GET"], endpoint="policies"),
        Rule(f"{PREFIX}/faults", methods=["GET"], endpoint="list_faults"),
        Rule(f"{PREFIX}/faults", methods=["POST"], endpoint="add_fault"),
        Rule(f"{PREFIX}/faults", methods=["DELETE"], endpoint="clear_faults"),
        Rule(f"{PREFIX}/databases/<name>", methods=["PUT"], endpoint="ensure_database"),
        Rule(f"{PREFIX}/restore_tests", methods=["POST"], endpoint="add_restore_test"),
    ]
)


class Control:
    """WSGI application of everything below `/_sandbox/`."""

    def __init__(self, context: Context, gateway: Gateway) -> None:
        self._context = context
        self._gateway = gateway

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        try:
            endpoint, arguments = ROUTES.bind_to_environ(environ).match()
            handler: Callable[..., object] = getattr(self, f"_{endpoint}")
            response = Response(json.dumps(handler(request, **arguments)), mimetype="application/json")
        except (InvalidFaultError, NoSuchTestError) as error:
            response = Response(json.dumps({"error": str(error)}), 400, mimetype="application/json")
        except HTTPException as error:
            response = Response(json.dumps({"error": error.description}), error.code, mimetype="application/json")
        return response(environ, start_response)

    def _health(self, _: Request) -> object:
        return {"pid": os.getpid(), "endpoint": self._context.endpoint, "state": str(self._context.state)}

    def _unimplemented(self, _: Request) -> object:
        """{operation: how often it was asked for}"""
        return self._gateway.unimplemented

    def _calls(self, _: Request) -> object:
        """What every role was answered, as permissions."""
        return self._gateway.calls.to_json()

    def _policies(self, _: Request) -> object:
        return standing.to_json()

    def _list_faults(self, _: Request) -> object:
        return [fault.to_json() for fault in self._context.faults.list()]

    def _add_fault(self, request: Request) -> object:
        fault = Fault.from_json(request.get_data())
        self._context.faults.add(fault)
        return fault.to_json()

    def _clear_faults(self, _: Request) -> object:
        self._context.faults.clear()
        return []

    def _ensure_database(self, _: Request, name: str) -> object:
        """Create a PostgreSQL database unless it exists, and say where it is."""
        postgres = self._context.postgres
        if postgres is None:
            raise NotFound("this local cloud was started without PostgreSQL")
        if not name.isidentifier():
            raise BadRequest(f"{name!r} is not a database name; expected letters, digits and _")
        postgres.ensure_database(name)
        return {"url": postgres.url(name), "socket_dir": str(postgres.socket_dir), "user": "postgres", "name": name}

    def _add_restore_test(self, request: Request) -> object:
        """Take {"account", "database": ARN, "days_ago", "status"} for a restore test of AWS Backup that has run."""
        try:
            said = json.loads(request.get_data())
            account, database, days = str(said["account"]), str(said["database"]), float(said["days_ago"])
        except (KeyError, TypeError, ValueError) as error:
            raise BadRequest(f"{error!r}; expected account, database and days_ago") from None
        return has_run(account, database, days_ago=days, status=str(said.get("status", "COMPLETED")))
