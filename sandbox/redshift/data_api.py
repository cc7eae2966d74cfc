"""The Redshift Data API on PostgreSQL: requests in, statements run in the background, results out.

Decides which requests are valid, per account and cluster; how SQL is run and what is supported is decided elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
from moto.redshift.models import redshift_backends
from moto.redshiftdata import models as moto_models
from moto.redshiftdata import responses as moto_responses
from moto.redshiftdata.exceptions import ResourceNotFoundException, ValidationException

from sandbox.context import Context
from sandbox.postgres import PostgresServer, database_name
from sandbox.redshift.columns import cell
from sandbox.redshift.refusals import UnsupportedSqlError
from sandbox.redshift.session import prepare_database, run_statement
from sandbox.redshift.sql import SqlSyntaxError, split, translate
from sandbox.redshift.statements import FINAL, Part, Statement

Request = Mapping[str, Any]
PAGE_ROWS = 1000
PAGE_STATEMENTS = 100
BATCH_LIMIT = 40
# Request members that would change what a statement does, and that this warehouse does not do.
REFUSED_MEMBERS = ("WorkgroupName", "SessionId", "SessionKeepAliveSeconds", "WithEvent")


class RedshiftData(moto_models.RedshiftDataAPIServiceBackend):  # type: ignore[misc]
    """The Data API of one account and region. Methods take a request and return the answer, as JSON objects."""

    # moto finds a backend's web addresses by the module of its class.
    __module__ = "moto.redshiftdata.models"
    postgres: PostgresServer

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.statements: dict[str, Statement] = {}
        self._tokens: dict[str, Statement] = {}
        self._prepared: dict[str, Any] = {}
        self._lock = threading.Lock()

    def execute(self, request: Request) -> dict[str, Any]:
        """ExecuteStatement."""
        parameters = {each["name"]: each["value"] for each in request.get("Parameters") or []}
        _check_parameters(request["Sql"], parameters)
        return self._submit(request, [request["Sql"]], parameters=parameters)

    def batch_execute(self, request: Request) -> dict[str, Any]:
        """BatchExecuteStatement: all of it in one transaction, or none."""
        sqls = request.get("Sqls") or []
        if not 1 <= len(sqls) <= BATCH_LIMIT:
            raise ValidationException(f"Sqls has {len(sqls)} statements; from 1 to {BATCH_LIMIT} are allowed")
        return self._submit(request, sqls, is_batch=True)

    def describe(self, request: Request) -> dict[str, Any]:
        """DescribeStatement, of a whole statement or one of a batch."""
        statement, part = self._find(request["Id"])
        if part is statement.whole:
            return statement.describe()
        return part.describe() | {"ClusterIdentifier": statement.cluster_identifier, "Database": statement.database}

    def result(self, request: Request) -> dict[str, Any]:
        """GetStatementResult, a page at a time."""
        statement, part = self._find(request["Id"])
        if part is statement.whole and statement.is_batch:
            part = statement.parts[-1]
        if part.status != "FINISHED" or part.columns is None:
            raise ValidationException("Query does not have result. Please check query status with DescribeStatement.")
        start = _position(request.get("NextToken"))
        end = start + PAGE_ROWS
        answer = {
            "ColumnMetadata": [column.metadata() for column in part.columns],
            "Records": [[cell(value) for value in row] for row in part.rows[start:end]],
            "TotalNumRows": len(part.rows),
        }
        return answer | ({"NextToken": _token(end)} if end < len(part.rows) else {})

    def list_all(self, request: Request) -> dict[str, Any]:
        """ListStatements, newest first."""
        wanted, prefix = request.get("Status") or "ALL", request.get("StatementName") or ""
        found = [
            statement
            for statement in reversed(self.statements.values())
            if wanted in ("ALL", statement.status) and (statement.name or "").startswith(prefix)
        ]
        start = _position(request.get("NextToken"))
        end = start + min(request.get("MaxResults") or PAGE_STATEMENTS, PAGE_STATEMENTS)
        answer = {"Statements": [statement.summarise() for statement in found[start:end]]}
        return answer | ({"NextToken": _token(end)} if end < len(found) else {})

    def cancel(self, request: Request) -> dict[str, Any]:
        """CancelStatement: interrupts the session that runs it."""
        statement, _ = self._find(request["Id"])
        if statement.status in FINAL:
            raise ValidationException(
                f"Could not cancel a query that is already in {statement.status} state with ID: {statement.id}"
            )
        statement.is_cancelled = True
        with psycopg.connect(self.postgres.dsn("postgres"), autocommit=True) as connection:
            connection.execute("SELECT pg_cancel_backend(%s)", (statement.backend_pid,))
        return {"Status": True}

    def _submit(
        self, request: Request, sqls: list[str], parameters: Mapping[str, str] | None = None, is_batch: bool = False
    ) -> dict[str, Any]:
        for member in REFUSED_MEMBERS:
            if request.get(member):
                raise ValidationException(f"{member} is not supported by the local cloud's Redshift")
        if request.get("ResultFormat", "JSON") != "JSON":
            raise ValidationException(f"ResultFormat {request['ResultFormat']} is not supported by the local cloud")
        cluster = self._cluster(request.get("ClusterIdentifier") or "")
        with self._lock:
            token = request.get("ClientToken")
            if token is not None and token in self._tokens:
                return self._tokens[token].created()
            statement = Statement(
                cluster.cluster_identifier, request.get("Database") or "", sqls, is_batch, request.get("DbUser"),
                request.get("SecretArn"), request.get("StatementName"), parameters or {},
            )  # fmt: skip
            self.statements[statement.id] = statement
            if token is not None:
                self._tokens[token] = statement
        threading.Thread(target=self._run, args=(statement, cluster), name=statement.id, daemon=True).start()
        return statement.created()

    def _run(self, statement: Statement, cluster: Any) -> None:
        try:
            if statement.database != cluster.db_name:
                statement.fail(None, f'FATAL: database "{statement.database}" does not exist')
            else:
                run_statement(statement, cluster, lambda: self._dsn(statement.database, cluster))
        finally:
            if statement.status not in FINAL:  # a bug of ours: its traceback goes to the log, nobody waits for ever
                statement.fail(None, "ERROR: the local cloud's Redshift broke; its log says where")

    def _dsn(self, database: str, cluster: Any) -> str:
        """Return where a cluster's database is. A cluster made anew under an old name begins empty."""
        name = database_name("warehouse", self.account_id, cluster.cluster_identifier, database)
        dsn = self.postgres.dsn(name)
        with self._lock:
            if self._prepared.get(name) is not cluster:
                self.postgres.new_database(name)
                prepare_database(dsn)
                self._prepared[name] = cluster
        return dsn

    def _cluster(self, identifier: str) -> Any:
        clusters = redshift_backends[self.account_id][self.region_name].clusters
        if identifier not in clusters:
            raise ValidationException("Redshift endpoint doesn't exist in this region.")
        return clusters[identifier]

    def _find(self, identifier: str) -> tuple[Statement, Part]:
        moto_models._validate_uuid(identifier)
        whole, _, number = identifier.partition(":")
        statement = self.statements.get(whole)
        if statement is None or (number and not (statement.is_batch and 1 <= int(number) <= len(statement.parts))):
            raise ResourceNotFoundException()
        return statement, statement.parts[int(number) - 1] if number else statement.whole


ACTIONS: dict[str, Callable[[RedshiftData, Request], dict[str, Any]]] = {
    "execute_statement": RedshiftData.execute,
    "batch_execute_statement": RedshiftData.batch_execute,
    "describe_statement": RedshiftData.describe,
    "get_statement_result": RedshiftData.result,
    "list_statements": RedshiftData.list_all,
    "cancel_statement": RedshiftData.cancel,
}


def install(context: Context) -> None:
    """Put this Data API in the place of moto's, which runs nothing and invents rows.

    Raises:
        ValueError: the context has no PostgreSQL server.
    """
    if context.postgres is None:
        raise ValueError("Redshift needs context.postgres")
    RedshiftData.postgres = context.postgres
    moto_models.redshiftdata_backends.backend = RedshiftData
    moto_models.redshiftdata_backends.reset()
    for name, action in ACTIONS.items():
        setattr(moto_responses.RedshiftDataAPIServiceResponse, name, _handler(action))


def _handler(action: Callable[[RedshiftData, Request], dict[str, Any]]) -> Callable[[Any], tuple[int, Any, str]]:
    def handle(response: Any) -> tuple[int, dict[str, str], str]:
        return 200, {}, json.dumps(action(response.redshiftdata_backend, json.loads(response.body or "{}")))

    return handle


def _check_parameters(sql: str, parameters: Mapping[str, str]) -> None:
    """Refuse parameters that the SQL does not name, and names without one. SQL that fails to parse fails when run."""
    try:
        texts = split(sql)
        named = translate(texts[0]).parameters if len(texts) == 1 else frozenset(parameters)
    except (SqlSyntaxError, UnsupportedSqlError):
        return
    if unused := sorted(set(parameters) - named):
        raise ValidationException(f"Parameters list contains unused parameters. Unused parameters: {unused}")
    if missing := sorted(named - set(parameters)):
        raise ValidationException(f"Parameters list lacks parameters that the SQL names: {missing}")


def _token(position: int) -> str:
    return base64.urlsafe_b64encode(str(position).encode()).decode()


def _position(token: str | None) -> int:
    try:
        return int(base64.urlsafe_b64decode(token)) if token else 0
    except (ValueError, binascii.Error) as error:
        raise ValidationException(f"Invalid NextToken {token!r}") from error
