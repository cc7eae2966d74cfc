"""A report is one plain query."""

from __future__ import annotations

import pytest

from generator.spec.report_sql import ReportError, single_query


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "  select a from b  ",
        "WITH x AS (SELECT 1 AS a) SELECT a FROM x",
        "-- why\nSELECT 1 /* ; drop */",
        "SELECT ';' AS a, 'it''s; DROP', 'a\\'; DROP TABLE b' FROM t",
        'SELECT "delete;" FROM t',
        "SELECT dropped, created_at FROM t",
    ],
)
def test_a_query_is_kept(sql: str) -> None:
    assert single_query("claims", "r", sql) == sql.strip()
    assert single_query("claims", "r", sql + ";\n") == sql.strip()


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("", "it starts with None"),
        ("-- only a comment", "it starts with None"),
        ("VALUES (1)", "it starts with 'values'"),
        ("SELECT 1; SELECT 2", "';' after 'SELECT 1' starts a second statement"),
        ("SELECT 1;;", "';' after 'SELECT 1' starts a second statement"),
        ("SELECT 'a'';' ; DROP TABLE b", "';' after \"SELECT 'a'';' \" starts a second statement"),
        ("DROP TABLE b", "'DROP' does not belong in a query"),
        ("SELECT 1 INTO other", "'INTO' does not belong in a query"),
        ("WITH x AS (DELETE FROM t RETURNING a) SELECT a FROM x", "'DELETE' does not belong in a query"),
        ("-- why;\nSELECT 1", "';' at the end of a line, where a script is split into statements"),
        ("SELECT 'a;\n' FROM t", "';' at the end of a line, where a script is split into statements"),
        ("SELECT 'open", '"\'" is not closed'),
        ("SELECT 1 /* open", "'/*' is not closed"),
        ('SELECT "open', "'\"' is not closed"),
    ],
)
def test_anything_else_is_refused(sql: str, found: str) -> None:
    with pytest.raises(ReportError) as caught:
        single_query("claims", "open_claims", sql)
    assert caught.value.found == found
    assert caught.value.exit_code == 2


def test_the_message() -> None:
    with pytest.raises(ReportError) as caught:
        single_query("claims", "open_claims", "DROP TABLE b")
    assert str(caught.value) == (
        "tenants/claims/reports/open_claims.sql: 'DROP' does not belong in a query\n"
        "  expected: one SELECT (or WITH … SELECT) without a semicolon inside\n"
        "  why:      a report becomes a view, made with the loader's rights\n"
        "  fix:      keep only the query in open_claims.sql; quote a column that is called like a statement"
    )
