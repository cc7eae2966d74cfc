"""AWS clients in memory; what they are asked is checked against the service model, so that AWS would take it too."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import botocore.session  # type: ignore[import-untyped]
from botocore.exceptions import ClientError  # type: ignore[import-untyped]
from botocore.validate import validate_parameters  # type: ignore[import-untyped]


def refusal(operation: str, code: str, message: str = "refused", status: int = 400) -> ClientError:
    """Return what botocore raises for an error of the service."""
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)


class FakeClient:
    """Calls `_<operation>` of a subclass with parameters that the service model allows.

    Attributes:
        calls: (operation, parameters) of every call, in order.
    """

    service = ""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._model = botocore.session.get_session().get_service_model(self.service)

    def __getattr__(self, operation: str) -> Any:
        def call(**parameters: Any) -> Any:
            name = "".join(word.capitalize() for word in operation.split("_"))
            validate_parameters(parameters, self._model.operation_model(name).input_shape)
            self.calls.append((operation, copy.deepcopy(parameters)))
            return getattr(self, f"_{operation}")(**parameters)

        if not hasattr(type(self), f"_{operation}"):
            raise AttributeError(operation)
        return call

    def get_paginator(self, operation: str) -> Any:
        """Return a paginator of one page."""
        client = self

        class Pages:
            def paginate(self, **parameters: Any) -> Iterator[Any]:
                yield getattr(client, operation)(**parameters)

        return Pages()

    def made(self, operation: str) -> list[dict[str, Any]]:
        """Return the parameters of every call of one operation."""
        return [parameters for name, parameters in self.calls if name == operation]

    async def __aenter__(self) -> Awaiting:
        return Awaiting(self)

    async def __aexit__(self, *error: object) -> None:
        """Close nothing."""


class Awaiting:
    """The same client for asynchronous callers."""

    def __init__(self, client: FakeClient) -> None:
        self._client = client

    def __getattr__(self, operation: str) -> Any:
        async def call(**parameters: Any) -> Any:
            return getattr(self._client, operation)(**parameters)

        return call


class FakeEmr(FakeClient):
    """Clusters whose steps move on when they are described.

    Attributes:
        clusters: {id: {"Name", "Tags", "Status"}}.
        steps: newest first, as EMR lists them.
        script: states that a new step passes through.
        failure: FailureDetails of a step that fails.
    """

    service = "emr"

    def __init__(self) -> None:
        super().__init__()
        self.clusters: dict[str, dict[str, Any]] = {}
        self.steps: list[dict[str, Any]] = []
        self.script = ["RUNNING", "COMPLETED"]
        self.failure: dict[str, str] = {}
        self.hiccups = 0

    def add_cluster(self, name: str, state: str = "WAITING", **tags: str) -> str:
        cluster_id = f"j-{len(self.clusters) + 1}"
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        status = {"State": state, "StateChangeReason": {"Message": f"why {state}"}}
        self.clusters[cluster_id] = {"Id": cluster_id, "Name": name, "Tags": listed, "Status": status}
        return cluster_id

    def add_step(self, name: str, state: str, script: list[str] | None = None) -> str:
        step_id = f"s-{len(self.steps) + 1}"
        self.steps.insert(0, {"Id": step_id, "Name": name, "Status": {"State": state}, "script": script or []})
        return step_id

    def end(self, cluster_id: str) -> None:
        self.clusters[cluster_id]["Status"]["State"] = "TERMINATED"

    def _list_clusters(self, ClusterStates: list[str]) -> Any:  # noqa: N803
        return {"Clusters": [c for c in self.clusters.values() if c["Status"]["State"] in ClusterStates]}

    def _describe_cluster(self, ClusterId: str) -> Any:  # noqa: N803
        return {"Cluster": self.clusters[ClusterId]}

    def _run_job_flow(self, **flow: Any) -> Any:
        cluster_id = self.add_cluster(flow["Name"], "STARTING")
        self.clusters[cluster_id]["Tags"] = flow["Tags"]
        return {"JobFlowId": cluster_id}

    def _terminate_job_flows(self, JobFlowIds: list[str]) -> None:  # noqa: N803
        for cluster_id in JobFlowIds:
            self.end(cluster_id)

    def _list_steps(self, ClusterId: str) -> Any:  # noqa: N803
        return {"Steps": self.steps}

    def _add_job_flow_steps(self, JobFlowId: str, Steps: list[Any], ExecutionRoleArn: str) -> Any:  # noqa: N803
        ids = [self.add_step(step["Name"], "PENDING", list(self.script)) for step in Steps]
        return {"StepIds": ids, "ResponseMetadata": {"HTTPStatusCode": 200}}

    def _describe_step(self, ClusterId: str, StepId: str) -> Any:  # noqa: N803
        if self.hiccups > 0:
            self.hiccups -= 1
            raise refusal("DescribeStep", "ThrottlingException", "Rate exceeded")
        step = next(step for step in self.steps if step["Id"] == StepId)
        if step["script"]:
            step["Status"] = {"State": step["script"].pop(0)}
            if step["Status"]["State"] == "FAILED":
                step["Status"]["FailureDetails"] = self.failure
        return {"Step": step}

    def _cancel_steps(self, ClusterId: str, StepIds: list[str], StepCancellationOption: str) -> Any:  # noqa: N803
        return {"CancelStepsInfoList": []}


class FakeS3(FakeClient):
    """Objects by URI: {"body", "sha256" (base64 or None)}."""

    service = "s3"

    def __init__(self) -> None:
        super().__init__()
        self.objects: dict[str, dict[str, Any]] = {}
        self.hiccups = 0

    def _find(self, operation: str, bucket: str, key: str) -> dict[str, Any]:
        if self.hiccups > 0:
            self.hiccups -= 1
            raise refusal(operation, "SlowDown", status=503)
        found = self.objects.get(f"s3://{bucket}/{key}")
        if found is None:
            raise refusal(operation, "NoSuchKey" if operation == "GetObject" else "404", status=404)
        return found

    def _get_object(self, Bucket: str, Key: str) -> Any:  # noqa: N803
        body = self._find("GetObject", Bucket, Key)["body"]

        class Body:
            def read(self) -> bytes:
                return bytes(body)

        return {"Body": Body()}

    def _head_object(self, Bucket: str, Key: str, ChecksumMode: str = "") -> Any:  # noqa: N803
        found = self._find("HeadObject", Bucket, Key)
        checksum = {"ChecksumSHA256": found["sha256"]} if ChecksumMode and found["sha256"] else {}
        return {"ContentLength": len(found["body"]), **checksum}


class FakeGlue(FakeClient):
    """Tables and partitions of one database."""

    service = "glue"

    class exceptions:  # noqa: N801 - as botocore calls it
        class AlreadyExistsException(Exception):
            """There is such a partition."""

    def __init__(self) -> None:
        super().__init__()
        self.partitions: dict[tuple[str, str], dict[str, Any]] = {}

    def _get_table(self, DatabaseName: str, Name: str) -> Any:  # noqa: N803
        return {"Table": {"Name": Name, "StorageDescriptor": {"Columns": [{"Name": "x"}], "Location": "s3://base/"}}}

    def _create_partition(self, DatabaseName: str, TableName: str, PartitionInput: dict[str, Any]) -> Any:  # noqa: N803
        key = (TableName, PartitionInput["Values"][0])
        if key in self.partitions:
            raise self.exceptions.AlreadyExistsException
        self.partitions[key] = PartitionInput

    def _update_partition(
        self, DatabaseName: str, TableName: str, PartitionValueList: list[str], PartitionInput: dict[str, Any]  # noqa: N803
    ) -> Any:  # fmt: skip
        self.partitions[TableName, PartitionValueList[0]] = PartitionInput


class FakeRedshift(FakeClient):
    """A Data API whose ledger is a list; a batch that inserts into the ledger adds to it, or fails whole.

    Attributes:
        ledger: (dataset, version_id, rows), oldest first.
        catalogue: {system view: its rows}.
        error: what a batch fails with, or None.
        is_other_view: whether the view that is there has other columns, so that it cannot be replaced.
    """

    service = "redshift-data"

    def __init__(self) -> None:
        super().__init__()
        self.ledger: list[tuple[str, str, int]] = []
        self.catalogue: dict[str, list[tuple[Any, ...]]] = {}
        self.error: str | None = None
        self.is_other_view = False
        self._answers: dict[str, Any] = {}

    @property
    def batches(self) -> list[list[str]]:
        return [call["Sqls"] for call in self.made("batch_execute_statement")]

    def _batch_execute_statement(self, Sqls: list[str], **where: Any) -> Any:  # noqa: N803
        statement_id = f"id-{len(self._answers)}"
        self._answers[statement_id] = {"Id": statement_id, "Status": "FINISHED"}
        loads = any("INSERT INTO" in sql for sql in Sqls)
        renews = any("CREATE OR REPLACE VIEW" in sql for sql in Sqls)
        if renews and (self.error or (self.is_other_view and not any("DROP VIEW" in sql for sql in Sqls))):
            words = self.error or 'cannot change name of view column "n"'
            self._answers[statement_id] |= {"Status": "FAILED", "Error": words, "QueryString": Sqls[-1]}
        elif loads and self.error:
            stopped = {"Status": "FAILED", "Error": self.error, "QueryString": Sqls[-1]}
            answer = {
                "Status": "FAILED",
                "Error": "Query #2 failed",
                "SubStatements": [{"Status": "FINISHED"}, stopped],
            }
            self._answers[statement_id] |= answer
        elif loads:
            self._load(Sqls)
        return {"Id": statement_id}

    def _load(self, statements: list[str]) -> None:
        for sql in statements:
            if gone := re.match(r'DELETE FROM "annuity".load_ledger WHERE version_id = \'(.*)\'', sql):
                self.ledger = [entry for entry in self.ledger if entry[1] != gone[1]]
            if new := re.match(r"INSERT INTO annuity.load_ledger SELECT '(.*)', '(.*)', '.*', (\d+)", sql):
                self.ledger.append((new[2], new[1], int(new[3])))

    def _execute_statement(self, Sql: str, **where: Any) -> Any:  # noqa: N803
        statement_id = f"id-{len(self._answers)}"
        view = re.search(r"FROM (svv_\w+)", Sql)
        rows: list[Any] = self.catalogue.get(view[1], []) if view else self.ledger
        records = [[self._field(value) for value in row] for row in rows]
        self._answers[statement_id] = {"Id": statement_id, "Status": "FINISHED", "Records": records}
        return {"Id": statement_id}

    @staticmethod
    def _field(value: object) -> dict[str, Any]:
        if value is None:
            return {"isNull": True}
        return {"longValue": value} if isinstance(value, int) else {"stringValue": value}

    def _describe_statement(self, Id: str) -> Any:  # noqa: N803
        return self._answers[Id]

    def _get_statement_result(self, Id: str) -> Any:  # noqa: N803
        return self._answers[Id]
