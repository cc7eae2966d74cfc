"""How a dataset reaches the curated zone: Parquet files, then what describes them, the manifest last.

A prefix with a manifest is complete and never touched again. Decides when a complete output may be adopted; it must not
know what is in the data.
"""

from __future__ import annotations

import json
from typing import Any

from pyspark.sql import functions as f

from spark_jobs.runtime.arguments import Arguments
from spark_jobs.runtime.contract import Contract
from spark_jobs.runtime.errors import OutputConflict, SchemaMismatch
from spark_jobs.runtime.files import File, Files
from spark_jobs.runtime.fingerprint import fingerprint, lane_sums, row_text
from spark_jobs.runtime.inputs import MANIFEST, Input
from spark_jobs.runtime.quality import aggregates, checks, judge

REDSHIFT_MANIFEST = "_redshift.manifest"


def is_complete(files: Files, contract: Contract, location: str, arguments: Arguments, inputs: list[Input]) -> bool:
    """Whether the output stands complete and was made by the same code from the same inputs.

    Raises:
        OutputConflict: it is complete, but of other inputs or other code.
    """
    if not files.exists(location + MANIFEST):
        return False
    found = json.loads(files.read(location + MANIFEST))
    before = {entry["name"]: entry["fingerprint"] for entry in found["inputs"]}
    now = {given.name: given.fingerprint for given in inputs}
    differences = [
        f"{name} was {before.get(name, 'not read')[:12]} and is {now.get(name, 'not read')[:12]}"
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    ]
    if found["code_version"] != arguments.code_version:
        differences.append(f"code was {found['code_version']} and is {arguments.code_version}")
    if differences:
        raise OutputConflict(
            f"{contract.name} at {location} belongs to other inputs: {'; '.join(differences)}: clear from open_run"
        )
    return True


def write_dataset(
    spark: Any, files: Files, frame: Any, contract: Contract, location: str, arguments: Arguments, inputs: list[Input]
) -> int:
    """Write one dataset, judge what was written, then complete it. Returns the rows.

    Raises:
        SchemaMismatch: the frame has other columns or types than the contract.
        QualityFailed: the written rows break the contract; the prefix stays incomplete.
    """
    _require_schema(frame, contract)
    # A rebalanced last stage gives files of the advisory size: one for a small dataset, many for a large one.
    writer = frame.hint("rebalance").write.mode("overwrite")
    writer.option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false").parquet(location)
    made = checks(contract)
    decimals = [column for column in contract.columns if column.base == "decimal"]
    written = spark.read.schema(contract.struct_type).parquet(location)
    counted = written.agg(
        f.count(f.lit(1)).alias("rows"),
        *[
            f.coalesce(f.sum(column.name), f.lit(0).cast(column.spark_type)).cast("string").alias(column.name)
            for column in decimals
        ],
        *lane_sums(row_text(contract.column_names)),
        *aggregates(made),
    ).first()
    findings = judge(made, counted, f"{contract.name} as_of {arguments.as_of}")
    parts = [file for file in files.list(location) if file.name.endswith(".parquet")]
    manifest = {
        "dataset": contract.name,
        "as_of": arguments.as_of.isoformat(),
        "attempt": arguments.attempt,
        "location": location,
        "rows": counted["rows"],
        "content_sha256": fingerprint(counted, counted["rows"], contract.schema_sha256),
        "schema_sha256": contract.schema_sha256,
        "contract_version": contract.version,
        "job": arguments.job,
        "code_version": arguments.code_version,
        "inputs": [given.identity() for given in inputs],
        "files": [{"uri": file.uri, "bytes": file.bytes} for file in parts],
        "quality": findings,
        "measures": {column.name: counted[column.name] for column in decimals},
    }
    files.write(location + REDSHIFT_MANIFEST, _redshift_manifest(parts), overwrite=True)
    files.write(location + MANIFEST, json.dumps(manifest, indent=1), overwrite=False)
    return int(counted["rows"])


def _require_schema(frame: Any, contract: Contract) -> None:
    found = {field.name: field.dataType.simpleString() for field in frame.schema.fields}
    expected = {field.name: field.dataType.simpleString() for field in contract.struct_type.fields}
    if list(found.items()) != list(expected.items()):
        wrong = [
            f"{name}: {found.get(name, 'absent')} (contract: {kind})"
            for name, kind in expected.items()
            if found.get(name) != kind
        ]
        wrong += [f"{name}: not in the contract" for name in found if name not in expected]
        raise SchemaMismatch(f"{contract.name}: {'; '.join(wrong) or 'the columns stand in another order'}")


def _redshift_manifest(parts: list[File]) -> str:
    """The COPY manifest. Parquet needs each file's content_length ("Using a manifest to specify data files")."""
    entries = [{"url": file.uri, "mandatory": True, "meta": {"content_length": file.bytes}} for file in parts]
    return json.dumps({"entries": entries}, indent=1)
