"""Point Glue at the current versions: one partition per business date, whose location is the published prefix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.providers.amazon.aws.hooks.glue_catalog import GlueCatalogHook
from airflow.sdk import Context

from dags.authority import still_current
from dags.compat import AirflowSkipException
from dags.release import ReleasedOperator


class PointCatalogOperator(ReleasedOperator):
    """Create or move the partition `as_of` of each published dataset; returns {dataset: location}.

    Args:
        database: Glue database that holds one table per dataset.
        publish_task: task that published.
    """

    def __init__(
        self,
        *,
        database: str,
        publish_task: str,
        aws_conn_id: str = "aws_default",
        authority_conn_id: str = "authority",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.database, self.publish_task = database, publish_task
        self.aws_conn_id, self.authority_conn_id = aws_conn_id, authority_conn_id

    template_fields: Sequence[str] = ("database",)

    def execute(self, context: Context) -> dict[str, str]:
        published = context["ti"].xcom_pull(task_ids=self.publish_task)
        versions = still_current(self.authority_conn_id, published, self.log)
        if not versions:
            raise AirflowSkipException("every version of this run was superseded; the catalogue stays as it is")
        client = GlueCatalogHook(aws_conn_id=self.aws_conn_id).conn  # type: ignore[no-untyped-call]
        for version in versions:
            self._point(client, version)
        return {version["dataset"]: version["location"] for version in versions}

    def _point(self, client: Any, version: dict[str, Any]) -> None:
        table = client.get_table(DatabaseName=self.database, Name=version["dataset"])["Table"]
        partition = {
            "Values": [version["as_of"]],
            "StorageDescriptor": table["StorageDescriptor"] | {"Location": version["location"]},
            "Parameters": {"sluice.version_id": version["version_id"], "sluice.sequence": str(version["sequence"])},
        }
        place = {"DatabaseName": self.database, "TableName": version["dataset"], "PartitionInput": partition}
        try:
            client.create_partition(**place)
        except client.exceptions.AlreadyExistsException:
            client.update_partition(PartitionValueList=partition["Values"], **place)
        self.log.info("%s.%s as of %s -> %s", self.database, version["dataset"], version["as_of"], version["location"])
