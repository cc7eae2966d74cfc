"""COPY, UNLOAD, and the load of one published version exactly as the rendered SQL does it."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.sandbox.aws_in_process import ACCOUNT, client, policy
from tests.sandbox.warehouse_in_process import CLUSTER, Warehouse, running_warehouse

BUCKET = "meridian-dev-annuity-curated"
PLATFORM_ROLE = f"arn:aws:iam::{ACCOUNT}:role/meridian-dev-platform-warehouse"
TENANT_ROLE = f"arn:aws:iam::{ACCOUNT}:role/tenant/annuity/meridian-dev-annuity-warehouse-load"
STRANGER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/stranger"
CHAIN = f"{PLATFORM_ROLE},{TENANT_ROLE}"
AS_OF = "2026-10-31"
SCHEMA = pa.schema(
    [
        ("policy_id", pa.string()),
        ("premium", pa.decimal128(18, 2)),
        ("issued", pa.date32()),
        ("valued_at", pa.timestamp("us", tz="UTC")),
        ("months", pa.int32()),
    ]
)
COLUMNS = "policy_id VARCHAR(20) NOT NULL, premium DECIMAL(18,2), issued DATE, valued_at TIMESTAMP, months INTEGER"
ROWS: list[tuple[Any, ...]] = [
    ("P-0001", Decimal("9999999999999999.99"), date(2026, 2, 28), datetime(2026, 10, 31, 4, 0, 0, 123456), 12),
    ('P-"0002"', Decimal("-0.01"), date(1900, 1, 1), None, None),
    ("", None, None, None, 0),
]
DDL = (
    "CREATE TABLE IF NOT EXISTS @.load_ledger (version_id VARCHAR(36) NOT NULL, dataset VARCHAR(30) NOT NULL,"
    ' as_of DATE NOT NULL, "rows" BIGINT NOT NULL, loaded_at TIMESTAMP NOT NULL, PRIMARY KEY (version_id))',
    f"CREATE TABLE IF NOT EXISTS @.policy ({COLUMNS}, as_of DATE NOT NULL, version_id VARCHAR(36) NOT NULL,"
    " PRIMARY KEY (as_of, policy_id))",
)
NAMES = "policy_id, premium, issued, valued_at, months"


def load_statements(location: str, version_id: str, rows: int) -> list[str]:
    """What `dag/warehouse/load/policy.sql` renders to, for one version."""
    unknown = f"NOT EXISTS (SELECT 1 FROM @.load_ledger WHERE version_id = '{version_id}')"  # noqa: S608
    return [
        'LOCK "@".load_ledger',
        f"-- Rendered by sluice.\nCREATE TEMP TABLE stage_policy ({COLUMNS})",
        f"COPY stage_policy FROM '{location}_redshift.manifest' IAM_ROLE '{CHAIN}' FORMAT AS PARQUET MANIFEST",
        f"SELECT CASE WHEN COUNT(*) = {rows} THEN 0 ELSE CAST('staged rows of policy: ' ||"  # noqa: S608
        f" CAST(COUNT(*) AS VARCHAR(20)) || ', version {version_id} has {rows}' AS INTEGER) END FROM stage_policy",
        f"DELETE FROM @.policy WHERE as_of = '{AS_OF}' AND {unknown}",  # noqa: S608
        f"INSERT INTO @.policy ({NAMES}, as_of, version_id) SELECT {NAMES}, CAST('{AS_OF}' AS DATE), '{version_id}'"  # noqa: S608
        f" FROM stage_policy WHERE {unknown}",
        'INSERT INTO @.load_ledger (version_id, dataset, as_of, "rows", loaded_at)'
        f" SELECT '{version_id}', 'policy', CAST('{AS_OF}' AS DATE), {rows}, GETDATE() WHERE {unknown}",
    ]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with running_warehouse(tmp_path_factory.mktemp("state"), PLATFORM_ROLE) as running:
        client("s3", running.endpoint).create_bucket(Bucket=BUCKET)
        make_roles(running.endpoint)
        yield running


def make_roles(endpoint: str) -> None:
    """The platform's role, which the cluster has; the tenant's, which trusts it; a stranger's, which does not."""
    iam = client("iam", endpoint)

    def make(path: str, name: str, principal: dict[str, str]) -> None:
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
        iam.create_role(Path=path, RoleName=name, AssumeRolePolicyDocument=policy(statement))
        if path != "/":
            allowed = {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": f"arn:aws:s3:::{BUCKET}/*",
            }
            denied = {"Effect": "Deny", "Action": "s3:*", "Resource": f"arn:aws:s3:::{BUCKET}/secret/*"}
            document = policy(allowed, denied)
            iam.put_role_policy(RoleName=name, PolicyName="data", PolicyDocument=document)

    make("/", "meridian-dev-platform-warehouse", {"Service": "redshift.amazonaws.com"})
    make("/tenant/annuity/", "meridian-dev-annuity-warehouse-load", {"AWS": PLATFORM_ROLE})
    make("/", "stranger", {"Service": "ec2.amazonaws.com"})


@pytest.fixture
def warehouse(shared: Warehouse) -> Warehouse:
    scratch = shared.with_schema()
    scratch.ok(*DDL)
    return scratch


def parquet(rows: list[tuple[Any, ...]], schema: pa.Schema = SCHEMA) -> bytes:
    arrays = [pa.array([row[position] for row in rows], field.type) for position, field in enumerate(schema)]
    target = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), target)
    return target.getvalue()


def put(warehouse: Warehouse, *files: bytes, **entry: Any) -> str:
    """Write Parquet files and their COPY manifest, as a Spark job does; returns the location."""
    s3 = client("s3", warehouse.endpoint)
    prefix = f"policy/as_of={AS_OF}/attempt={uuid.uuid4()}/"
    entries = []
    for number, content in enumerate(files):
        key = f"{prefix}part-{number:05}.parquet"
        s3.put_object(Bucket=BUCKET, Key=key, Body=content)
        described = {"url": f"s3://{BUCKET}/{key}", "mandatory": True, "meta": {"content_length": len(content)}}
        entries.append(described | entry)
    s3.put_object(Bucket=BUCKET, Key=f"{prefix}_redshift.manifest", Body=json.dumps({"entries": entries}))
    return f"s3://{BUCKET}/{prefix}"


def error_of(warehouse: Warehouse, location: str, copy: str = "") -> str:
    command = copy or f"COPY @.policy FROM '{location}_redshift.manifest' IAM_ROLE '{CHAIN}' FORMAT PARQUET MANIFEST"
    described = warehouse.run(command)
    assert described["Status"] == "FAILED", described
    return str(described["Error"])


def test_a_version_is_loaded_exactly_and_only_once(warehouse: Warehouse) -> None:
    location = put(warehouse, parquet(ROWS[:2]), parquet(ROWS[2:]))
    version_id = str(uuid.uuid4())
    for _ in range(2):
        warehouse.ok(*load_statements(location, version_id, 3))
    loaded = warehouse.data.get_statement_result(
        Id=warehouse.run(f"SELECT {NAMES}, as_of, version_id FROM @.policy ORDER BY policy_id DESC")["Id"]  # noqa: S608
    )["Records"]
    common = [{"stringValue": AS_OF}, {"stringValue": version_id}]
    assert loaded == [
        [
            {"stringValue": "P-0001"}, {"stringValue": "9999999999999999.99"}, {"stringValue": "2026-02-28"},
            {"stringValue": "2026-10-31 04:00:00.123456"}, {"longValue": 12}, *common,
        ],
        [
            {"stringValue": 'P-"0002"'}, {"stringValue": "-0.01"}, {"stringValue": "1900-01-01"}, {"isNull": True},
            {"isNull": True}, *common,
        ],
        [{"stringValue": ""}, {"isNull": True}, {"isNull": True}, {"isNull": True}, {"longValue": 0}, *common],
    ]  # fmt: skip
    assert warehouse.rows('SELECT version_id, "rows" FROM @.load_ledger') == [(version_id, 3)]


def test_a_newer_version_replaces_the_date_and_keeps_the_ledger(warehouse: Warehouse) -> None:
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    warehouse.ok(*load_statements(put(warehouse, parquet(ROWS)), first, 3))
    warehouse.ok(*load_statements(put(warehouse, parquet(ROWS[:1])), second, 1))
    assert warehouse.rows("SELECT policy_id, version_id FROM @.policy") == [("P-0001", second)]
    assert warehouse.rows("SELECT COUNT(*) FROM @.load_ledger") == [(2,)]


def test_another_number_of_rows_than_published_changes_nothing(warehouse: Warehouse) -> None:
    version_id = str(uuid.uuid4())
    described = warehouse.batch(*load_statements(put(warehouse, parquet(ROWS)), version_id, 4))
    assert described["Error"] == (
        f'ERROR: invalid input syntax for type integer: "staged rows of policy: 3, version {version_id} has 4"'
    )
    assert [part["Status"] for part in described["SubStatements"]] == ["FINISHED"] * 3 + ["FAILED"] + ["ABORTED"] * 3
    assert warehouse.rows("SELECT COUNT(*) FROM @.policy") == [(0,)]


def test_loads_at_the_same_time_wait_for_each_other(warehouse: Warehouse) -> None:
    version_id = str(uuid.uuid4())
    statements = load_statements(put(warehouse, parquet(ROWS)), version_id, 3)
    started = [warehouse.start(*statements) for _ in range(4)]
    ended = [warehouse.wait(identifier) for identifier in started]
    assert [each["Status"] for each in ended] == ["FINISHED"] * 4, [each.get("Error") for each in ended]
    assert warehouse.rows("SELECT COUNT(*) FROM @.policy") == [(3,)]
    assert warehouse.rows("SELECT COUNT(*) FROM @.load_ledger") == [(1,)]


def test_ddl_at_the_same_time_is_no_conflict(shared: Warehouse) -> None:
    name = f"s_{uuid.uuid4().hex[:8]}"
    ddl = [each.replace("@", name) for each in (*("CREATE SCHEMA IF NOT EXISTS @",), *DDL)]
    started = [shared.start(*ddl) for _ in range(4)]
    ended = [shared.wait(identifier) for identifier in started]
    assert [each["Status"] for each in ended] == ["FINISHED"] * 4, [each.get("Error") for each in ended]


@pytest.mark.parametrize(
    ("position", "kind", "said"),
    [
        (1, pa.decimal128(12, 2), "column 'premium'. Column type: DECIMAL(18, 2), Parquet schema: premium decimal128"),
        (1, pa.decimal128(18, 3), "column 'premium'. Column type: DECIMAL(18, 2)"),
        (1, pa.float64(), "column 'premium'"),
        (2, pa.string(), "column 'issued'. Column type: DATE, Parquet schema: issued string"),
        (4, pa.int64(), "column 'months'. Column type: INT4, Parquet schema: months int64"),
    ],
)
def test_a_type_that_does_not_fit_is_refused(warehouse: Warehouse, position: int, kind: pa.DataType, said: str) -> None:
    field = SCHEMA.field(position).with_type(kind)
    empty: list[tuple[Any, ...]] = [("x", None, None, None, None)]
    warehouse.ok("CREATE TABLE @.plain (" + COLUMNS + ")")
    location = put(warehouse, parquet(empty, SCHEMA.set(position, field)))
    copy = f"COPY @.plain FROM '{location}_redshift.manifest' IAM_ROLE '{CHAIN}' FORMAT PARQUET MANIFEST"
    assert said in error_of(warehouse, location, copy)


def test_the_number_of_columns_must_match(warehouse: Warehouse) -> None:
    assert "is 5, and the table expects 7" in error_of(warehouse, put(warehouse, parquet(ROWS)))


def test_a_text_is_measured_in_bytes(warehouse: Warehouse) -> None:
    warehouse.ok("CREATE TABLE @.plain (" + COLUMNS + ")")
    location = put(warehouse, parquet([("ä" * 11, None, None, None, None)]))
    copy = f"COPY @.plain FROM '{location}_redshift.manifest' IAM_ROLE '{CHAIN}' FORMAT PARQUET MANIFEST"
    assert "Table: 20, Data: 22" in error_of(warehouse, location, copy)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"meta": {"content_length": 1}}, "meta.content_length says 1"),
        ({"meta": {}}, "has no meta.content_length"),
        ({"url": f"s3://{BUCKET}/gone.parquet"}, "The specified key does not exist.,Status 404"),
        ({"url": "s3://no-such-bucket/x.parquet"}, "The specified bucket does not exist"),
    ],
)
def test_a_manifest_must_tell_the_truth(warehouse: Warehouse, entry: dict[str, Any], said: str) -> None:
    assert said in error_of(warehouse, put(warehouse, parquet(ROWS), **entry))


def test_an_optional_object_may_be_missing(warehouse: Warehouse) -> None:
    location = put(warehouse, parquet(ROWS), url=f"s3://{BUCKET}/gone.parquet", mandatory=False)
    described = warehouse.run(f"COPY @.policy FROM '{location}_redshift.manifest' IAM_ROLE '{CHAIN}' PARQUET MANIFEST")
    assert (described["Status"], described["ResultRows"]) == ("FINISHED", 0)


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        (TENANT_ROLE, f"The requested role {TENANT_ROLE} is not associated to cluster {CLUSTER}"),
        (f"{PLATFORM_ROLE},{STRANGER_ROLE}", "which does not trust it"),
        (f"{PLATFORM_ROLE},{PLATFORM_ROLE}-gone", "it does not exist"),
    ],
)
def test_roles_must_be_attached_and_trust_each_other(warehouse: Warehouse, roles: str, said: str) -> None:
    location = put(warehouse, parquet(ROWS))
    copy = f"COPY @.policy FROM '{location}_redshift.manifest' IAM_ROLE '{roles}' FORMAT AS PARQUET MANIFEST"
    assert said in error_of(warehouse, location, copy)


def test_the_role_must_be_allowed_to_read_each_object(warehouse: Warehouse) -> None:
    s3 = client("s3", warehouse.endpoint)
    s3.put_object(Bucket=BUCKET, Key="secret/x.parquet", Body=parquet(ROWS))
    copy = f"COPY @.policy FROM 's3://{BUCKET}/secret/' IAM_ROLE '{CHAIN}' FORMAT AS PARQUET"
    assert f"Key secret/x.parquet; {TENANT_ROLE} may not s3:GetObject" in error_of(warehouse, "", copy)
    platform_alone = copy.replace(CHAIN, PLATFORM_ROLE).replace("/secret/", "/")
    assert f"{PLATFORM_ROLE} may not s3:GetObject" in error_of(warehouse, "", platform_alone)


@pytest.mark.parametrize(
    ("clauses", "said"),
    [
        ("FORMAT AS PARQUET", "no authorization clause"),
        (f"IAM_ROLE '{CHAIN}' FORMAT AS CSV", "COPY in the format CSV"),
        (f"IAM_ROLE '{CHAIN}'", "COPY in the format TEXT"),
        (f"IAM_ROLE '{CHAIN}' FORMAT AS PARQUET MAXERROR 3", "COPY … MAXERROR 3"),
        ("IAM_ROLE DEFAULT FORMAT AS PARQUET", "IAM_ROLE DEFAULT"),
        (f"IAM_ROLE '{CHAIN}' FORMAT AS PARQUET", "The specified S3 prefix 'nothing/' does not exist"),
    ],
)
def test_clauses_are_understood_or_refused(warehouse: Warehouse, clauses: str, said: str) -> None:
    assert said in error_of(warehouse, "", f"COPY @.policy FROM 's3://{BUCKET}/nothing/' {clauses}")


def test_unload_and_copy_of_a_prefix_are_inverse(warehouse: Warehouse) -> None:
    warehouse.ok(*load_statements(put(warehouse, parquet(ROWS)), str(uuid.uuid4()), 3))
    prefix = f"s3://{BUCKET}/unload/{uuid.uuid4()}/"
    unload = (
        f"UNLOAD ('SELECT {NAMES} FROM @.policy WHERE policy_id <> ''x''') TO '{prefix}' IAM_ROLE '{CHAIN}' PARQUET"  # noqa: S608
    )
    assert warehouse.run(unload)["ResultRows"] == 3
    warehouse.ok(
        "CREATE TABLE @.copy (" + COLUMNS + ")", f"COPY @.copy FROM '{prefix}' IAM_ROLE '{CHAIN}' FORMAT AS PARQUET"
    )
    difference = f"SELECT COUNT(*) FROM (SELECT {NAMES} FROM @.copy EXCEPT SELECT {NAMES} FROM @.policy) d"  # noqa: S608
    assert warehouse.rows(difference) == [(0,)]
    assert "is not empty" in str(warehouse.run(unload)["Error"])
    assert warehouse.run(unload + " ALLOWOVERWRITE")["Status"] == "FINISHED"
