"""The REST API of a StreamSets Data Collector, one for each account, below `/_sdc/<account id>/rest/v1/`.

Decides paths, headers and the shape of answers. Pipelines are run elsewhere.

Source: datacollector-oss, `ManagerResource`, `PipelineStoreResource`, `ExceptionToHttpErrorProvider`.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from sandbox.context import Context
from sandbox.streamsets.engine import Engine, EngineError
from sandbox.streamsets.plan import InvalidPipelineError
from sandbox.streamsets.states import Pipeline

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "/_sdc"
USER, PASSWORD = "admin", "admin"  # Data Collector's own default; the local cloud holds nothing secret
VERSION = "3.22.3"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
BASE = f"{PREFIX}/<account_id>/rest/v1"
ROUTES = Map(
    [
        Rule(f"{BASE}/system/info", methods=["GET"], endpoint="system_info"),
        Rule(f"{BASE}/system/info/currentUser", methods=["GET"], endpoint="current_user"),
        Rule(f"{BASE}/pipelines", methods=["GET"], endpoint="pipelines"),
        Rule(f"{BASE}/pipelines/status", methods=["GET"], endpoint="all_status"),
        Rule(f"{BASE}/pipeline/<pipeline>", methods=["GET"], endpoint="definition"),
        Rule(f"{BASE}/pipeline/<pipeline>", methods=["PUT"], endpoint="create"),
        Rule(f"{BASE}/pipeline/<pipeline>", methods=["DELETE"], endpoint="delete"),
        Rule(f"{BASE}/pipeline/<pipeline>/import", methods=["POST"], endpoint="import_"),
        Rule(f"{BASE}/pipeline/<pipeline>/export", methods=["GET"], endpoint="export"),
        Rule(f"{BASE}/pipeline/<pipeline>/status", methods=["GET"], endpoint="status"),
        Rule(f"{BASE}/pipeline/<pipeline>/history", methods=["GET"], endpoint="history"),
        Rule(f"{BASE}/pipeline/<pipeline>/metrics", methods=["GET"], endpoint="metrics"),
        Rule(f"{BASE}/pipeline/<pipeline>/committedOffsets", methods=["GET"], endpoint="offsets"),
        Rule(f"{BASE}/pipeline/<pipeline>/start", methods=["POST"], endpoint="start"),
        Rule(f"{BASE}/pipeline/<pipeline>/stop", methods=["POST"], endpoint="stop"),
        Rule(f"{BASE}/pipeline/<pipeline>/forceStop", methods=["POST"], endpoint="force_stop"),
        Rule(f"{BASE}/pipeline/<pipeline>/resetOffset", methods=["POST"], endpoint="reset_offset"),
    ]
)


def wsgi(context: Context) -> WSGIApplication:
    """Return the application that answers every path below `/_sdc/`."""
    return StreamSets(context)


class StreamSets:
    """The Data Collectors of all accounts."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._engines: dict[str, Engine] = {}
        self._lock = threading.Lock()
        self._down_until = 0.0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        try:
            endpoint, arguments = ROUTES.bind_to_environ(request.environ).match()
            operations = Operations(self._engine(arguments["account_id"]), request)
            operation: Callable[..., Response] = getattr(operations, endpoint)
            return operation(**{name: value for name, value in arguments.items() if name != "account_id"})
        except EngineError as error:
            return _remote_exception(error)
        except InvalidPipelineError as error:
            return _json(_issues(error), 400)
        except HTTPException as error:
            return Response(error.description or "", error.code)

    def _refusal(self, request: Request) -> Response | None:
        """What is answered before anyone looks at the path."""
        if self._is_down(request.path):
            return Response("Service Unavailable", 503)
        authorization = request.authorization
        if authorization is None or (authorization.username, authorization.password) != (USER, PASSWORD):
            return Response("Unauthorized", 401, {"WWW-Authenticate": 'Basic realm="basic-realm"'})
        if request.method not in SAFE_METHODS and "X-Requested-By" not in request.headers:
            return Response("", 400)  # Jersey's CsrfProtectionFilter gives no reason either
        return None

    def _engine(self, account_id: str) -> Engine:
        with self._lock:
            return self._engines.setdefault(account_id, Engine(account_id, self._context))

    def _is_down(self, path: str) -> bool:
        """Whether an outage was asked for: of so many requests, or from a request on for some seconds."""
        fault = self._context.faults.take("streamsets_outage", path)
        if fault is not None:
            self._down_until = time.monotonic() + fault.seconds("seconds", 0)
            return True
        return time.monotonic() < self._down_until


class Operations:
    """The operations of the API on one engine; each is named by `ROUTES`."""

    def __init__(self, engine: Engine, request: Request) -> None:
        self._engine, self._request = engine, request

    def system_info(self) -> Response:
        return _json({"version": VERSION, "builtBy": "sluice", "buildDate": "", "repoSha": "", "sourceMd5Checksum": ""})

    def current_user(self) -> Response:
        return _json({"user": USER, "roles": ["admin"], "groups": ["all"]})

    def pipelines(self) -> Response:
        return _json([pipeline.definition["info"] for pipeline in self._engine.pipelines()])

    def all_status(self) -> Response:
        return _json({f"{pipeline.id}::0": pipeline.state for pipeline in self._engine.pipelines()})

    def definition(self, pipeline: str) -> Response:
        return _json(self._engine.get(pipeline).definition)

    def create(self, pipeline: str) -> Response:
        created = self._engine.create(pipeline, self._query("description"), self._flag("autoGeneratePipelineId"))
        return _json(created.definition, 201)

    def delete(self, pipeline: str) -> Response:
        self._engine.delete(pipeline)
        return Response("")

    def import_(self, pipeline: str) -> Response:
        document = self._body()
        if "pipelineConfig" not in document:
            return Response("", 400)
        imported = self._engine.import_pipeline(
            pipeline, document, self._flag("overwrite"), self._flag("autoGeneratePipelineId")
        )
        return _json(_exported(imported))

    def export(self, pipeline: str) -> Response:
        return _json(_exported(self._engine.get(pipeline)))

    def status(self, pipeline: str) -> Response:
        if self._flag("onlyIfExists") and pipeline not in {each.id for each in self._engine.pipelines()}:
            return _json(None)
        return _json(self._engine.get(pipeline).state)

    def history(self, pipeline: str) -> Response:
        return _json(self._engine.get(pipeline).history)

    def metrics(self, pipeline: str) -> Response:
        """The counters of an active run; nothing once it has ended, when the state carries them."""
        found = self._engine.get(pipeline)
        return _json(found.counts.as_metrics()) if found.is_active else Response(status=204)

    def offsets(self, pipeline: str) -> Response:
        offsets = self._engine.get(pipeline).offsets
        return _json({"version": 2, "offsets": offsets} if offsets else None)

    def start(self, pipeline: str) -> Response:
        return _json(self._engine.start(pipeline, self._body()))

    def stop(self, pipeline: str) -> Response:
        return _json(self._engine.stop(pipeline))

    def force_stop(self, pipeline: str) -> Response:
        return _json(self._engine.stop(pipeline, at_once=True))

    def reset_offset(self, pipeline: str) -> Response:
        self._engine.reset_offset(pipeline)
        return Response("")

    def _query(self, name: str) -> str:
        return self._request.args.get(name, "")

    def _flag(self, name: str) -> bool:
        return self._query(name).lower() == "true"

    def _body(self) -> dict[str, Any]:
        """The JSON object of the request, {} where there is none; HTTP 400 for anything else."""
        found = self._request.get_json(force=True) if self._request.get_data() else None
        return found if isinstance(found, dict) else {}


def _exported(pipeline: Pipeline) -> dict[str, Any]:
    return {"pipelineConfig": pipeline.definition, "pipelineRules": pipeline.rules, "libraryDefinitions": None}


def _issues(error: InvalidPipelineError) -> dict[str, Any]:
    """Return CONTAINER_0165's body: the issues, those of stages by stage."""
    of_stages: dict[str, list[dict[str, Any]]] = {}
    of_pipeline = []
    for issue in error.issues:
        if issue.instance == "pipeline":
            of_pipeline.append(issue.as_json())
        else:
            of_stages.setdefault(issue.instance, []).append(issue.as_json())
    return {"pipelineIssues": of_pipeline, "stageIssues": of_stages, "issueCount": len(error.issues)}


def _remote_exception(error: EngineError) -> Response:
    text = f"{error.code} - {error}"
    return _json(
        {
            "RemoteException": {
                "message": f"{error.java_class}: {text}",
                "errorCode": error.code,
                "localizedMessage": text,
                "exception": error.java_class.rpartition(".")[2],
                "javaClassName": error.java_class,
                "antennaDoctorMessages": [],
                "stackTrace": "",
            }
        },
        500,
    )


def _json(answer: Any, status: int = 200) -> Response:
    return Response(json.dumps(answer), status, mimetype="application/json")
