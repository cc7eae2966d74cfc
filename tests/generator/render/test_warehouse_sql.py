"""What Redshift runs parses, fits one batch and loads a version once."""

from __future__ import annotations

from string import Template

import sqlglot

from generator.render import Tree
from generator.spec.graph import BATCH_STATEMENTS, LOAD_STATEMENTS, MOST_TABLES
from tests.generator.render.rendered import tenant_files

LOADED_VERSION = {
    "version_id": "0191d0a0-0000-7000-8000-000000000001",
    "as_of": "2026-10-31",
    "location": "s3://bucket/priced_claim/as_of=2026-10-31/attempt=a/",
    "rows": "3",
}


def statements(text: str) -> list[str]:
    """Split as the loading operator does."""
    return [statement for statement in text.split(";\n") if statement.strip()]


def test_sql_parses_as_redshift(tree: Tree) -> None:
    for name, text in tenant_files(tree, ".sql").items():
        filled = Template(text).substitute(LOADED_VERSION)
        parsed = [s for s in sqlglot.parse(filled, dialect="redshift") if s is not None]
        assert len(parsed) == len(statements(text)), name
        kept_as_text = [s.sql(comments=False) for s in parsed if isinstance(s, sqlglot.exp.Command)]
        assert kept_as_text == (['LOCK "claims".load_ledger'] if "/load/" in name else []), name


def test_a_load_is_guarded_by_the_ledger_and_counts_rows(tree: Tree) -> None:
    load = statements(tenant_files(tree, ".sql")["dag/warehouse/load/priced_claim.sql"])
    assert [next(line for line in s.splitlines() if not line.startswith("--")).split()[0] for s in load] == (
        ["LOCK", "CREATE", "COPY", "SELECT", "DELETE", "INSERT", "INSERT"]
    )
    assert all(
        "NOT EXISTS (SELECT 1 FROM \"claims\".load_ledger WHERE version_id = '${version_id}')" in s for s in load[4:]
    )
    assert "TRUNCATE" not in "".join(load)
    assert "'arn:aws:iam::444444444444:role/acme-prod-platform-warehouse,arn:aws:iam::" in load[2]


def test_the_largest_warehouse_is_loaded_in_one_batch(tree: Tree) -> None:
    """Specs refuse more tables: the statements counted there are the statements here."""
    load = statements(tenant_files(tree, ".sql")["dag/warehouse/load/priced_claim.sql"])
    assert len(load) == 1 + LOAD_STATEMENTS
    assert 1 + MOST_TABLES * LOAD_STATEMENTS <= BATCH_STATEMENTS


def test_a_report_becomes_a_view(tree: Tree) -> None:
    text = tenant_files(tree, ".sql")["dag/warehouse/reports/open_claims.sql"]
    assert text.endswith(
        'CREATE OR REPLACE VIEW "claims"."open_claims" AS\nSELECT id, amount\nFROM priced_claim\nWHERE is_open\n;\n'
    )
