"""Tell Redshift to load published versions and to renew report views.

Decides which versions are loaded, once each, all tables in one transaction. It must not know the tables' columns: the
rendered SQL does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from airflow.providers.amazon.aws.triggers.redshift_data import RedshiftDataTrigger
from airflow.sdk import Context

from dags import settings
from dags import warehouse_columns as columns
from dags.authority import still_current
from dags.compat import AirflowFailException, AirflowSkipException
from dags.release import ReleasedOperator
from dags.statements import checked, read_statements
from dags.warehouse_client import Warehouse

LEDGER = re.compile(r"\b([a-z_][a-z0-9_]*)\"?\.load_ledger\b")
REPLACE_VIEW = re.compile(r'CREATE OR REPLACE VIEW (?P<view>"\w+"\."\w+") AS\b')


class WarehouseOperator(ReleasedOperator):
    """What the operators here share: where the SQL is and where it runs.

    Args:
        cluster_identifier: Redshift cluster.
        database: its database.
        db_user: user of the Data API's temporary credentials.
        sql_folder: folder of rendered SQL.
    """

    template_fields: Sequence[str] = ("sql_folder",)

    def __init__(
        self,
        *,
        cluster_identifier: str,
        database: str,
        db_user: str,
        sql_folder: str,
        aws_conn_id: str = "aws_default",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.cluster_identifier, self.database, self.db_user = cluster_identifier, database, db_user
        self.sql_folder, self.aws_conn_id = sql_folder, aws_conn_id

    @cached_property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.cluster_identifier, self.database, self.db_user, self.aws_conn_id)

    def wait(self, statement_id: str, method: str) -> Any:
        """Give the worker back until the transaction has ended."""
        poll: Any = settings.poll_seconds()
        trigger = RedshiftDataTrigger(
            statement_id=statement_id, task_id=self.task_id, poll_interval=poll, aws_conn_id=self.aws_conn_id
        )
        self.defer(trigger=trigger, method_name=method)


class LoadWarehouseOperator(WarehouseOperator):
    """Load the published versions of some tables and return {table: rows} as the load ledger has them.

    A version that the ledger names as the latest of its table and date is not loaded again.

    Args:
        tables: datasets to load; each has `load/<table>.sql`.
        publish_task: task that published.
        authority_conn_id: connection that knows whether a version is still current.
    """

    def __init__(
        self, *, tables: list[str], publish_task: str, authority_conn_id: str = "authority", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.tables, self.publish_task, self.authority_conn_id = tables, publish_task, authority_conn_id

    def execute(self, context: Context) -> dict[str, int]:
        versions = self._current(context)
        if not versions:
            raise AirflowSkipException("every version of this run was superseded; the warehouse stays as it is")
        scripts = self._scripts(versions)
        self._make_tables(self._schema(scripts))
        statements = self._load(versions, scripts)
        if not statements:
            return self._rows(versions)
        statement_id = self.warehouse.submit(statements, f"{self.dag_id}/load")
        return self.wait(statement_id, "loaded")  # type: ignore[no-any-return]

    def loaded(self, context: Context, event: dict[str, Any]) -> dict[str, int]:
        """Continue after the transaction ended."""
        if event["status"] != "success":
            raise self.warehouse.failure(event["statement_id"])
        return self._rows(self._current(context))

    def _make_tables(self, schema: str) -> None:
        """Make tables that are not there and add columns to those that are.

        Raises:
            AirflowFailException: a table differs otherwise from its contract; nothing was made or added.
        """
        ddl = read_statements(Path(self.sql_folder) / "ddl.sql")
        there = self.warehouse.rows(columns.QUERY.format(schema=schema), f"{self.dag_id}/columns")
        added = columns.additions(schema, columns.wanted(ddl), columns.present(there))
        for statement in added:
            self.log.info("%s", statement)
        self.warehouse.run([*ddl, *added], f"{self.dag_id}/ddl")

    def _current(self, context: Context) -> list[dict[str, Any]]:
        """Return what was published for our tables and is still current."""
        published = {version["dataset"]: version for version in context["ti"].xcom_pull(task_ids=self.publish_task)}
        missing = sorted(set(self.tables) - set(published))
        if missing:
            raise AirflowFailException(f"{self.publish_task} published no {', '.join(missing)}, which should be loaded")
        return still_current(self.authority_conn_id, (published[table] for table in self.tables), self.log)

    def _scripts(self, versions: list[dict[str, Any]]) -> dict[str, list[str]]:
        folder = Path(self.sql_folder) / "load"
        return {
            version["dataset"]: read_statements(folder / f"{version['dataset']}.sql", version) for version in versions
        }

    def _load(self, versions: list[dict[str, Any]], scripts: dict[str, list[str]]) -> list[str]:
        """Return the statements of one transaction that loads what the ledger does not have; [] if it has all."""
        schema = self._schema(scripts)
        ledger = self._ledger(schema, versions)
        statements: list[str] = []
        for version in versions:
            table, version_id = version["dataset"], checked("version_id", version["version_id"])
            loaded = [entry["version_id"] for entry in ledger if entry["dataset"] == table]
            if loaded and loaded[-1] == version_id:
                self.log.info("%s: version %s is already loaded", table, version_id)
                continue
            if version_id in loaded:  # an earlier version became current again: it has to be loaded a second time
                statements.append(f"DELETE FROM \"{schema}\".load_ledger WHERE version_id = '{version_id}'")  # noqa: S608
            statements += [statement for statement in scripts[table] if not statement.upper().startswith("LOCK ")]
        return [f'LOCK "{schema}".load_ledger', *statements] if statements else []

    def _schema(self, scripts: dict[str, list[str]]) -> str:
        found = {name for script in scripts.values() for sql in script for name in LEDGER.findall(sql)}
        if len(found) != 1:
            raise AirflowFailException(
                f"{self.sql_folder}/load: expected one schema's load_ledger, found {sorted(found)}"
            )
        return str(found.pop())

    def _ledger(self, schema: str, versions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the ledger's entries for these dates, oldest first."""
        dates = ", ".join(sorted({f"'{checked('as_of', version['as_of'])}'" for version in versions}))
        query = (
            f'SELECT dataset, version_id, "rows" FROM "{schema}".load_ledger '  # noqa: S608
            f"WHERE as_of IN ({dates}) ORDER BY loaded_at, version_id"
        )
        names = ("dataset", "version_id", "rows")
        return [dict(zip(names, row, strict=True)) for row in self.warehouse.rows(query, f"{self.dag_id}/ledger")]

    def _rows(self, versions: list[dict[str, Any]]) -> dict[str, int]:
        schema = self._schema(self._scripts(versions))
        counted = {entry["version_id"]: int(entry["rows"]) for entry in self._ledger(schema, versions)}
        rows = {v["dataset"]: counted[v["version_id"]] for v in versions if v["version_id"] in counted}
        unloaded = [version["dataset"] for version in versions if version["dataset"] not in rows]
        if unloaded:
            raise AirflowFailException(f"the load ended, but the ledger has no entry for {', '.join(unloaded)}")
        self.log.info("loaded %s", rows)
        return rows


class RefreshReportsOperator(WarehouseOperator):
    """Create or replace the report views, all in one transaction; returns their names.

    Redshift replaces a view by one of the same columns only. Where that fails, all views are dropped and made anew,
    in one transaction too; what their readers may do is granted after it.

    Args:
        reports: each has `<report>.sql` in `sql_folder`.
    """

    def __init__(self, *, reports: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.reports = reports

    def execute(self, context: Context) -> list[str]:
        statement_id = self.warehouse.submit(self._statements(), f"{self.dag_id}/reports")
        return self.wait(statement_id, "refreshed")  # type: ignore[no-any-return]

    def refreshed(self, context: Context, event: dict[str, Any]) -> list[str]:
        """Continue after the transaction ended."""
        if event["status"] == "success":
            return self.reports
        self.log.warning("views are made anew: %s", self.warehouse.failure(event["statement_id"]))
        anew = [part for statement in self._statements() for part in _made_anew(statement)]
        statement_id = self.warehouse.submit(anew, f"{self.dag_id}/reports")
        return self.wait(statement_id, "made_anew")  # type: ignore[no-any-return]

    def made_anew(self, context: Context, event: dict[str, Any]) -> list[str]:
        """Continue after the views were dropped and made."""
        if event["status"] != "success":
            raise self.warehouse.failure(event["statement_id"])
        return self.reports

    def _statements(self) -> list[str]:
        scripts = (read_statements(Path(self.sql_folder) / f"{report}.sql") for report in self.reports)
        return [statement for script in scripts for statement in script]


def _made_anew(statement: str) -> list[str]:
    found = REPLACE_VIEW.match(statement)
    return [f"DROP VIEW IF EXISTS {found['view']}", statement] if found else [statement]
