"""Redshift's SQL is split, translated or refused by name."""

from __future__ import annotations

import pytest

from sandbox.redshift.refusals import UnsupportedSqlError
from sandbox.redshift.sql import Kind, SqlSyntaxError, Statement, split, translate


def test_split_respects_quotes_comments_and_empty_statements() -> None:
    assert split("SELECT ';' AS a; -- not; here\nSELECT 2;\n;") == ["SELECT ';' AS a", "SELECT 2"]


@pytest.mark.parametrize(
    ("redshift", "postgres"),
    [
        (
            "CREATE TABLE IF NOT EXISTS a.p (id VARCHAR(20) NOT NULL ENCODE zstd, d DECIMAL(18,2) ENCODE az64, t TEXT,"
            " PRIMARY KEY (id), UNIQUE (t)) DISTSTYLE KEY DISTKEY (id) COMPOUND SORTKEY (d)",
            "CREATE TABLE IF NOT EXISTS a.p (id VARCHAR(20) NOT NULL, d DECIMAL(18, 2), t VARCHAR(256))",
        ),
        (
            "CREATE TABLE t (a VARCHAR, b CHAR, c DECIMAL, d VARCHAR(MAX), e INT PRIMARY KEY, f INT REFERENCES x(y))",
            "CREATE TABLE t (a VARCHAR(256), b CHAR(1), c DECIMAL(18, 0), d VARCHAR(65535), e INT, f INT)",
        ),
        (
            "SELECT CAST(a AS DECIMAL), b::VARCHAR FROM t",
            "SELECT CAST(a AS DECIMAL(18, 0)), CAST(b AS VARCHAR(256)) FROM t",
        ),
        ("SELECT CAST(a AS FLOAT), b::REAL FROM t", "SELECT CAST(a AS DOUBLE PRECISION), CAST(b AS REAL) FROM t"),
        ("SELECT CONCAT(a, b) FROM t", "SELECT (a || b) FROM t"),
        ("CREATE TEMP TABLE s (LIKE a.p)", "CREATE TEMPORARY TABLE s (LIKE a.p)"),
        ("LOCK a.load_ledger", "LOCK TABLE a.load_ledger IN ACCESS EXCLUSIVE MODE"),
        ('LOCK "a".load_ledger', 'LOCK TABLE "a".load_ledger IN ACCESS EXCLUSIVE MODE'),
        ('SELECT "Amount" FROM "T"', 'SELECT "amount" FROM "t"'),
        ("SELECT NVL(a, 0), GETDATE() FROM t", "SELECT COALESCE(a, 0), LOCALTIMESTAMP FROM t"),
        (
            "SELECT LISTAGG(id, ',') WITHIN GROUP (ORDER BY id) FROM t",
            "SELECT STRING_AGG(CAST(id AS TEXT), ',' ORDER BY id) FROM t",
        ),
        ("SET search_path TO Annuity", "SET search_path TO annuity"),
    ],
)
def test_translation(redshift: str, postgres: str) -> None:
    assert translate(redshift).text == postgres


@pytest.mark.parametrize(
    ("redshift", "named"),
    [
        ("TRUNCATE a.b", "TRUNCATE"),
        ("BEGIN", "BEGIN"),
        ("COMMIT", "COMMIT"),
        ("CREATE TABLE t (a SUPER)", "SUPER"),
        ("CREATE TABLE t (a UUID)", "UUID"),
        ("CREATE EXTERNAL SCHEMA x FROM DATA CATALOG DATABASE 'y' IAM_ROLE 'z'", "CREATE EXTERNAL SCHEMA"),
        ("CREATE VIEW v AS SELECT 1 WITH NO SCHEMA BINDING", "WITH NO SCHEMA BINDING"),
        ("CREATE MATERIALIZED VIEW v AS SELECT 1", "MATERIALIZED VIEW"),
        ("SELECT * FROM svv_table_info", "svv_table_info"),
        ("SELECT * FROM stl_load_errors", "stl_load_errors"),
        ("SELECT APPROXIMATE COUNT(DISTINCT a) FROM t", "APPROXIMATE COUNT"),
        ("SELECT STRTOL('ff', 16)", "STRTOL"),
        ("SELECT gen_random_uuid()", "UUID functions"),
        ("SELECT jsonb_agg(a) FROM t", "jsonb_agg"),
        ("INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING", "ON CONFLICT"),
        ("SELECT DISTINCT ON (a) a FROM t", "DISTINCT ON"),
        ("SELECT ADD_MONTHS(d, 1) FROM t", "ADD_MONTHS"),
        ("SELECT JSON_PARSE(a) FROM t", "JSON functions"),
        ("VACUUM", "VACUUM"),
        ("CALL p()", "CALL"),
        ("ALTER TABLE a APPEND FROM b", "ALTER TABLE a"),
        ("CREATE PROCEDURE p() AS $$ BEGIN END $$ LANGUAGE plpgsql", "CREATE PROCEDURE"),
        ("SELECT DATEDIFF(week, a, b) FROM t", "DATEDIFF in units of WEEK"),
        ("set query_group to 'x'", "set query_group"),
    ],
)
def test_what_cannot_be_done_as_redshift_does_it_is_refused_by_name(redshift: str, named: str) -> None:
    with pytest.raises(UnsupportedSqlError) as refusal:
        translate(redshift)
    assert named in refusal.value.what


def test_parameters_are_bound_and_percent_signs_survive() -> None:
    statement = translate("SELECT a FROM t WHERE b = :name AND c LIKE '100%'")
    assert statement == Statement(
        Kind.QUERY, "SELECT a FROM t WHERE b = %(name)s AND c LIKE '100%%'", frozenset({"name"})
    )


@pytest.mark.parametrize("text", ["SELEC 1 FROM", "SELECT FROM WHERE ((", "INSERT INTO"])
def test_what_is_not_sql_is_a_syntax_error(text: str) -> None:
    with pytest.raises((SqlSyntaxError, UnsupportedSqlError)):
        translate(text)


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("SELECT 1", Kind.QUERY),
        ("CREATE TABLE t (a INT)", Kind.CATALOG),
        ("CREATE TEMP TABLE t (a INT)", Kind.QUERY),
        ("DROP VIEW v", Kind.CATALOG),
        ("copy t from 's3://b/k' iam_role 'x' parquet", Kind.COPY),
    ],
)
def test_statements_are_sorted_by_how_they_are_run(sql: str, kind: Kind) -> None:
    assert translate(sql).kind is kind
