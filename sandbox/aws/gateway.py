"""The WSGI application that answers for AWS: moto, what completes it, injected S3 errors, and honest refusals.

A call that nothing answers gets 501 and its operation's name, which no SDK retries; moto alone would answer 500, which
SDKs repeat for minutes. It must not know what any operation does.
"""

from __future__ import annotations

import io
import json
import logging
import re
import threading
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from sandbox.aws import moto_patches
from sandbox.aws.calls.record import Calls
from sandbox.aws.services import backup, cloudformation, costs, ec2, emr, emr_studio, mwaa, redshift, restore_jobs
from sandbox.faults import Fault, Faults

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SCOPE = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/([^/]+)/")
FORM = "application/x-www-form-urlencoded"
OWN_SERVICES: Mapping[str, WSGIApplication] = {"airflow": mwaa.application, "backup": backup.application}
"""{signing name: application} of services that moto does not have, or routes in part."""
SERVICES = (
    backup.backup,
    cloudformation.cloudformation,
    costs.budgets,
    costs.cost_explorer,
    ec2.ec2,
    emr.emr,
    emr_studio.studio,
    mwaa.mwaa,
    redshift.redshift,
    restore_jobs.restore_jobs,
)
"""Services that the gateway completes."""
XML_SERVICES = ("cloudfront:", "route53:", "s3:")
"""Services that speak XML without forms."""
NOT_IMPLEMENTED = "SandboxNotImplemented"

log = logging.getLogger(__name__)


class _Moto(DomainDispatcherApplication):  # type: ignore[misc]  # moto is not typed here
    """moto's own dispatcher, which fails in the dark where a service is unknown to it."""

    def get_backend_for_host(self, host: str | None) -> Any:
        backend = super().get_backend_for_host(host)
        if host is not None and backend is None:
            raise NotImplementedError(host)
        return backend


class Gateway:
    """Answers every AWS request.

    Args:
        faults: where `s3_error` faults wait.
    """

    def __init__(self, faults: Faults) -> None:
        moto_patches.apply()
        redshift.describe_clusters()
        for each in SERVICES:
            each.install()
        self._moto = _Moto(create_backend_app)
        self._faults = faults
        self._lock = threading.Lock()
        self._unimplemented: Counter[str] = Counter()
        self.calls = Calls()

    @property
    def unimplemented(self) -> dict[str, int]:
        """Return {operation: how often it was asked for} of calls that nothing answers."""
        with self._lock:
            return dict(sorted(self._unimplemented.items()))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        service, operation = _identify(environ)
        if service == "s3" and (fault := self._s3_fault(environ)):
            return _s3_error(fault, environ)(environ, start_response)
        call = self.calls.open(environ)
        try:
            body, status, headers = run_wsgi_app(OWN_SERVICES.get(service, self._moto), environ)
        except NotImplementedError as error:
            log.warning("%s: %s", operation, error)
            return self._refuse(operation, environ)(environ, start_response)
        if service != "s3" and status.startswith("404") and headers.get("Content-Type", "").startswith("text/html"):
            return self._refuse(operation, environ)(environ, start_response)  # no route: not an answer of the service
        if call is not None:
            call.answered(status, dict(headers))
        start_response(status, list(headers))
        return body

    def _refuse(self, operation: str, environ: WSGIEnvironment) -> Response:
        with self._lock:
            self._unimplemented[operation] += 1
        log.warning("not implemented: %s", operation)
        message = f"{operation} is not implemented in the local cloud; it is listed at /_sandbox/unimplemented"
        if not (environ.get("CONTENT_TYPE", "").startswith(FORM) or operation.startswith(XML_SERVICES)):
            document = json.dumps({"__type": NOT_IMPLEMENTED, "message": message, "Message": message})
            return Response(document, 501, {"X-Amzn-ErrorType": NOT_IMPLEMENTED}, mimetype="application/json")
        error = f"<Error><Type>Sender</Type><Code>{NOT_IMPLEMENTED}</Code><Message>{escape(message)}</Message></Error>"
        request_id = uuid.uuid4()
        if operation.startswith("ec2:"):
            document = f"<Response><Errors>{error}</Errors><RequestID>{request_id}</RequestID></Response>"
        else:
            document = f"<ErrorResponse>{error}<RequestId>{request_id}</RequestId></ErrorResponse>"
        return Response(document, 501, mimetype="text/xml")

    def _s3_fault(self, environ: WSGIEnvironment) -> Fault | None:
        subject = environ.get("PATH_INFO", "").lstrip("/")
        return self._faults.take("s3_error", subject, method=environ["REQUEST_METHOD"])


def _identify(environ: WSGIEnvironment) -> tuple[str, str]:
    """Return the service's signing name (s3 where nothing is signed) and `service:Operation` as people would call it.

    A form is read and put back, since its `Action` is the only place that names the operation.
    """
    scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    service = scope[1].lower() if scope else "s3"
    action = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    if not action and service != "s3" and environ.get("CONTENT_TYPE", "").startswith(FORM):
        form = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(form)
        action = parse_qs(form.decode()).get("Action", [""])[0]
    return service, f"{service}:{action or environ['REQUEST_METHOD'] + ' ' + environ.get('PATH_INFO', '')}"


def _s3_error(fault: Fault, environ: Mapping[str, Any]) -> Response:
    """Answer as S3 does when it is asked too often, or with the status and code that the fault names."""
    code = str(fault.options.get("code", "SlowDown"))
    document = f"<Error><Code>{escape(code)}</Code><Message>Please reduce your request rate.</Message></Error>"
    log.info("s3_error: %s %s answered %s", environ["REQUEST_METHOD"], environ.get("PATH_INFO"), code)
    return Response(document, int(fault.options.get("status", 503)), mimetype="application/xml")
