"""Tell the data authority that a run begins and what it made. The rules of publishing are the authority's own.

Decides only whether the offered data is complete and passed its checks. It must not know what the data is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.providers.common.sql.hooks.handlers import fetch_all_handler
from airflow.providers.postgres.hooks.postgres import PostgresHook
from airflow.sdk import Context

from dags.compat import AirflowFailException, DownstreamTasksSkipped
from dags.documents import read_document
from dags.release import ReleasedOperator, files_to_prove
from dags.sources import fingerprint, read_manifests

OPEN_RUN = "SELECT * FROM authority.open_run(%s, %s, %s, %s::date, %s, %s, %s::text[], %s)"
PUBLISH = "SELECT * FROM authority.publish(%s::uuid, %s::jsonb, %s)"
SUPERSEDED = "SELECT * FROM authority.superseded(%s::uuid[])"
RETURN_VALUE = "return_value"


def ask(conn_id: str, query: str, *values: object) -> list[Any]:
    """Call one function of the authority in a transaction of its own; returns its rows.

    Raises:
        AirflowFailException: the authority refuses; asking again would not help.
    """
    try:
        rows = PostgresHook(postgres_conn_id=conn_id).run(query, parameters=values, handler=fetch_all_handler)
    except Exception as error:
        diagnosis = getattr(error, "diag", None)
        if diagnosis is None or not str(diagnosis.sqlstate or "").startswith("SL"):
            raise
        hint = f"\n  fix:      {diagnosis.message_hint}" if diagnosis.message_hint else ""
        detail = f"\n  expected: {diagnosis.message_detail}" if diagnosis.message_detail else ""
        raise AirflowFailException(f"the data authority refuses: {diagnosis.message_primary}{detail}{hint}") from error
    return list(rows or [])


def still_current(conn_id: str, versions: Iterable[dict[str, Any]], log: Any) -> list[dict[str, Any]]:
    """Return those published versions that are current now, so that no late task points others at old data."""
    kept = list(versions)
    if not kept:
        return []
    rows = ask(conn_id, SUPERSEDED, [version["version_id"] for version in kept])
    superseded = {str(version_id): (current, reason) for _, _, version_id, current, reason in rows}
    for version in kept:
        if version["version_id"] in superseded:
            current, reason = superseded[version["version_id"]]
            log.warning(
                "%s %s is no longer current: %s is (%s)", version["dataset"], version["version_id"], current, reason
            )
    return [version for version in kept if version["version_id"] not in superseded]


class OpenRunOperator(ReleasedOperator):
    """Open an attempt and return {"attempt", "inputs_sha256"}; skip everything after it when its work is done already.

    A run that proves a release does all of it again: tasks that are skipped prove nothing. Publishing then confirms
    what is there, and refuses other content.

    Args:
        tenant: whose datasets.
        as_of: business date, ISO.
        source_manifests: {source: S3 URI of its landing manifest}; their content is the run's inputs.
        code_version: version of the job code.
        publishes: names of the datasets that the run will publish.
        restate: why a published date is made again, or empty.
    """

    template_fields: Sequence[str] = ("as_of", "source_manifests", "restate")

    def __init__(
        self,
        *,
        tenant: str,
        as_of: str,
        source_manifests: dict[str, str],
        code_version: str,
        publishes: list[str],
        restate: str,
        authority_conn_id: str = "authority",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.tenant, self.as_of, self.source_manifests = tenant, as_of, source_manifests
        self.code_version, self.publishes, self.restate = code_version, publishes, restate
        self.authority_conn_id = authority_conn_id

    def execute(self, context: Context) -> dict[str, str]:
        inputs = fingerprint(read_manifests(S3Hook(), self.source_manifests, self.as_of))
        files = files_to_prove(context)
        reason = self.restate or (f"proves the release's files {files}" if files else "")
        dag_id, run_id = context["dag"].dag_id, context["run_id"]
        [(attempt, already_published)] = ask(
            self.authority_conn_id, OPEN_RUN, self.tenant, dag_id, run_id, self.as_of, inputs, self.code_version,
            self.publishes, reason,
        )  # fmt: skip
        opened = {"attempt": str(attempt), "inputs_sha256": inputs}
        if already_published:
            self._skip_the_rest(context, opened)
        self.log.info("opened attempt %s for %s as of %s", attempt, self.tenant, self.as_of)
        return opened

    def _skip_the_rest(self, context: Context, opened: dict[str, str]) -> None:
        """Skip every task after this one, joins and teardown included: there is nothing to tear down."""
        self.log.info(
            "already published: %s as of %s, same inputs, same code, attempt %s. Nothing is run again; "
            "to make it anew, trigger with restate set to the reason.",
            self.tenant, self.as_of, opened["attempt"],
        )  # fmt: skip
        context["ti"].xcom_push(key=RETURN_VALUE, value=opened)
        rest = sorted(task.task_id for task in self.get_flat_relatives(upstream=False))
        raise DownstreamTasksSkipped(tasks=rest)  # type: ignore[no-untyped-call]


class PublishOperator(ReleasedOperator):
    """Publish the whole set that the run made, in one transaction.

    Returns a list of {"dataset", "version_id", "sequence", "is_new", "location", "rows", "as_of"}.

    Args:
        attempt: from open_run.
        manifests: {dataset: S3 URI of its `_manifest.json`}.
        restate: why a published date is made again, or empty.
    """

    template_fields: Sequence[str] = ("attempt", "manifests", "restate")

    def __init__(
        self,
        *,
        attempt: str,
        manifests: dict[str, str],
        restate: str,
        authority_conn_id: str = "authority",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.attempt, self.manifests, self.restate = attempt, manifests, restate
        self.authority_conn_id = authority_conn_id

    def execute(self, context: Context) -> list[dict[str, Any]]:
        hook = S3Hook()
        made = {name: read_document(hook, uri) for name, uri in self.manifests.items()}
        problems = [problem for name in made for problem in self._problems(name, made[name])]
        dates = {manifest.get("as_of") for manifest in made.values()}
        if len(dates) > 1:
            problems.append(f"the set mixes dates: {sorted(map(str, dates))}")
        if problems:
            raise AirflowFailException("\n  ".join(["nothing was published:", *problems]))
        offers = [_offer(name, self.manifests[name], manifest) for name, manifest in sorted(made.items())]
        rows = ask(self.authority_conn_id, PUBLISH, self.attempt, json.dumps(offers), self.restate)
        published = [
            {"dataset": dataset, "version_id": str(version_id), "sequence": sequence, "is_new": is_new,
             "location": location, "rows": count, "as_of": made[dataset]["as_of"]}
            for dataset, version_id, sequence, is_new, location, count in rows
        ]  # fmt: skip
        for version in published:
            self.log.info("%s", version)
        return published

    def _problems(self, name: str, manifest: dict[str, Any]) -> list[str]:
        uri = self.manifests[name]
        said = {"dataset": name, "attempt": self.attempt, "location": uri.removesuffix("_manifest.json")}
        problems = [
            f"{uri}: {key} is {manifest.get(key)!r}, expected {wanted!r}"
            for key, wanted in said.items()
            if manifest.get(key) != wanted
        ]
        failed = [check for check in manifest.get("quality", []) if check.get("passed") is not True]
        problems += [
            f"{name}: {check.get('metric')} of {check.get('column') or 'the dataset'} is {check.get('observed')}, "
            f"allowed {check.get('minimum')} to {check.get('maximum')}"
            for check in failed
        ]
        return problems


def _offer(name: str, uri: str, manifest: dict[str, Any]) -> dict[str, Any]:
    kept = {key: manifest.get(key) for key in ("location", "rows", "content_sha256", "schema_sha256")}
    return {"dataset": name, "manifest_uri": uri, **kept}
