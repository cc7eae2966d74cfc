"""Run statements in Redshift through its Data API, and say in the warehouse's own words what failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from airflow.providers.amazon.aws.hooks.redshift_data import (
    RedshiftDataHook,
    RedshiftDataQueryAbortedError,
    RedshiftDataQueryFailedError,
)

from dags import settings
from dags.compat import AirflowException, AirflowFailException

BATCH_LIMIT = 40
"""Statements that one BatchExecuteStatement takes, hence one transaction. Source: Redshift Data API quotas."""

SHORT_POLL_SECONDS = 2.0


@dataclass(frozen=True)
class Warehouse:
    """A database on a provisioned cluster, as one user.

    Attributes:
        aws_conn_id: Airflow connection.
    """

    cluster_identifier: str
    database: str
    db_user: str
    aws_conn_id: str

    @property
    def hook(self) -> RedshiftDataHook:
        return RedshiftDataHook(aws_conn_id=self.aws_conn_id)

    def submit(self, statements: list[str], name: str) -> str:
        """Start statements as one transaction and return its id without waiting.

        Raises:
            AirflowFailException: they are more than one transaction takes.
        """
        if len(statements) > BATCH_LIMIT:
            raise AirflowFailException(
                f"{name}: {len(statements)} statements do not fit one Redshift transaction of {BATCH_LIMIT}\n"
                f"  fix:      load fewer tables in one pipeline"
            )
        return self._execute(statements, name, wait=False)

    def run(self, statements: list[str], name: str) -> None:
        """Run short statements and wait; more than a transaction takes are run in several.

        Raises:
            AirflowException: one failed.
        """
        for start in range(0, len(statements), BATCH_LIMIT):
            self._execute(statements[start : start + BATCH_LIMIT], name, wait=True)

    def rows(self, query: str, name: str) -> list[list[Any]]:
        """Return the rows of a query that answers with a few."""
        statement_id = self._execute(query, name, wait=True)
        pages = self.hook.conn.get_paginator("get_statement_result").paginate(Id=statement_id)
        return [[_plain(field) for field in record] for page in pages for record in page["Records"]]

    def failure(self, statement_id: str) -> AirflowException:
        """Return what Redshift says about a failed transaction: its error and the statement it stopped at."""
        answer: Any = self.hook.conn.describe_statement(Id=statement_id)
        stopped = next(
            (sub for sub in answer.get("SubStatements", []) if sub["Status"] in ("FAILED", "ABORTED")), answer
        )
        error = stopped.get("Error") or answer.get("Error") or "no reason given"
        return AirflowException(
            f"Redshift {answer['Status']}: {error}\n"
            f"  where:    {stopped.get('QueryString', '').strip()[:500]}\n"
            f"  why:      statement {statement_id} on {self.cluster_identifier}/{self.database}; "
            f"the whole transaction was rolled back"
        )

    def _execute(self, sql: str | list[str], name: str, *, wait: bool) -> str:
        statement_id = self.hook.execute_query(
            sql=sql,
            database=self.database,
            cluster_identifier=self.cluster_identifier,
            db_user=self.db_user,
            statement_name=name,
            wait_for_completion=False,
        ).statement_id
        if wait:
            poll: Any = min(settings.poll_seconds(), SHORT_POLL_SECONDS)
            try:
                self.hook.wait_for_results(statement_id, poll_interval=poll)
            except (RedshiftDataQueryFailedError, RedshiftDataQueryAbortedError):
                raise self.failure(statement_id) from None
        return statement_id


def _plain(field: dict[str, Any]) -> Any:
    """Return a Data API field, {"longValue": 3} or {"isNull": True}, as a plain value."""
    [(kind, value)] = field.items()
    return None if kind == "isNull" else value
