"""Statements as the Data API tells of them: identifiers, states, times, results.

Holds what happened; it must not know how SQL is run.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.redshift.columns import Column

FINAL = frozenset({"FINISHED", "ABORTED", "FAILED"})
NO_ROWS = -1


@dataclass
class Part:
    """One SQL text of a request: the whole of ExecuteStatement, or a SubStatement of BatchExecuteStatement.

    Attributes:
        status: SUBMITTED, STARTED, FINISHED, ABORTED or FAILED.
        columns: of the result; None where the statement returns none.
        result_rows: rows returned or affected; -1 where there is no such number.
        created_at, updated_at: seconds since 1970.
    """

    id: str
    sql: str
    status: str = "SUBMITTED"
    error: str | None = None
    columns: list[Column] | None = None
    rows: Sequence[Sequence[object]] = ()
    result_rows: int = NO_ROWS
    created_at: float = field(default_factory=time.time)
    updated_at: float = field(default_factory=time.time)

    def move(self, status: str, error: str | None = None) -> None:
        self.status, self.error, self.updated_at = status, error, time.time()

    def describe(self) -> dict[str, Any]:
        """Return the part as `SubStatementData`; `DescribeStatement` tells the same of a whole statement."""
        described = {
            "Id": self.id,
            "Status": self.status,
            "QueryString": self.sql,
            "HasResultSet": self.columns is not None,
            "ResultRows": self.result_rows,
            "ResultSize": sum(len(str(value)) for row in self.rows for value in row),
            "RedshiftQueryId": 0,
            "CreatedAt": self.created_at,
            "UpdatedAt": self.updated_at,
            "Duration": int((self.updated_at - self.created_at) * 1e9),
        }
        return described | ({"Error": self.error} if self.error else {})


@dataclass
class Statement:
    """One ExecuteStatement or BatchExecuteStatement.

    Attributes:
        parts: exactly one for ExecuteStatement; each text of a batch in order.
        is_cancelled: someone asked for an end; whoever runs the statement heeds it.
    """

    cluster_identifier: str
    database: str
    sqls: Sequence[str]
    is_batch: bool = False
    db_user: str | None = None
    secret_arn: str | None = None
    name: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    parts: list[Part] = field(init=False)
    whole: Part = field(init=False)
    backend_pid: int = 0
    is_cancelled: bool = False

    def __post_init__(self) -> None:
        self.whole = Part(self.id, self.sqls[0])
        if self.is_batch:
            self.parts = [Part(f"{self.id}:{number}", sql) for number, sql in enumerate(self.sqls, 1)]
        else:
            self.parts = [self.whole]

    @property
    def status(self) -> str:
        return self.whole.status

    def fail(self, part: Part | None, error: str) -> None:
        """End a statement that did not succeed: its transaction is gone, so no part counts as finished later on."""
        final = "ABORTED" if self.is_cancelled else "FAILED"
        for each in self.parts:
            if each is not part and each.status not in FINAL:
                each.move("ABORTED")
        if part is not None and part is not self.whole:
            part.move(final, error)
        self.whole.move(final, error)

    def created(self) -> dict[str, Any]:
        """Return what ExecuteStatement and BatchExecuteStatement answer."""
        return _without_nothing(
            {
                "Id": self.id,
                "CreatedAt": self.whole.created_at,
                "ClusterIdentifier": self.cluster_identifier,
                "Database": self.database,
                "DbUser": self.db_user,
                "SecretArn": self.secret_arn,
            }
        )

    def describe(self) -> dict[str, Any]:
        """Return what DescribeStatement answers."""
        described = self.whole.describe() | self.created() | {"RedshiftPid": self.backend_pid}
        if self.is_batch:
            described.pop("QueryString")
            described["HasResultSet"] = any(part.columns is not None for part in self.parts)
            described["SubStatements"] = [part.describe() for part in self.parts]
        if self.parameters:
            described["QueryParameters"] = [{"name": name, "value": self.parameters[name]} for name in self.parameters]
        return described

    def summarise(self) -> dict[str, Any]:
        """Return the statement as `StatementData` of ListStatements."""
        summary: dict[str, Any] = {
            "Id": self.id,
            "Status": self.status,
            "StatementName": self.name,
            "SecretArn": self.secret_arn,
            "IsBatchStatement": self.is_batch,
            "CreatedAt": self.whole.created_at,
            "UpdatedAt": self.whole.updated_at,
        }
        summary |= {"QueryStrings": list(self.sqls)} if self.is_batch else {"QueryString": self.sqls[0]}
        return _without_nothing(summary)


def _without_nothing(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if value is not None}
