"""SQL is read as the database will: split where it splits, or not judged at all."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlglot import exp

from policies.artefacts.postgres_statements import Other, Right, Role, Routine, Trigger, read
from policies.artefacts.sql import Migration, WarehouseSql
from policies.artefacts.warehouse_statements import conditions, copies, kind_of, temporary_tables
from policies.context import Context
from policies.errors import Undecided

ROOT = Path(__file__).parents[3]
CONTEXT = Context(environment="prod", stack="annuity-eu", today=date(2026, 11, 23), is_production=True)
LOAD = "environments/prod/rendered/annuity-eu/dag/warehouse/load/policy.sql"


def warehouse(text: str, path: str = LOAD) -> WarehouseSql:
    return WarehouseSql(path=path, text=text, context=CONTEXT)


def migration(text: str) -> Migration:
    return Migration(path="authority/migrations/sql/0002/more.sql", text=text, context=CONTEXT)


def test_statements_have_trees_words_and_lines() -> None:
    script = warehouse("-- first\nLOCK annuity_eu.load_ledger;\n\nSELECT\n    1;\n")
    assert [(kind_of(statement), statement.line) for statement in script.statements] == [("LOCK", 2), ("SELECT", 4)]
    assert script.statements[0].words == ("LOCK", "'annuity_eu.load_ledger'")


def test_placeholders_outside_of_quotes_are_values() -> None:
    (statement,) = warehouse("SELECT '${rows}', ${rows};\n").statements
    text, value = statement.tree.expressions
    assert isinstance(text, exp.Literal) and text.name == "${rows}"
    assert isinstance(value, exp.Placeholder) and value.name.lower() == "rows"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 'a;\nb';\n",
        "SELECT 1; SELECT 2;\n",
        "-- a;\nSELECT 1;\n",
        "SELECT 1",
        "SELECT 'a\\' AS b;\n",
        "SELECT $$a$$;\n",
        "/* /* */ SELECT 1; */\nSELECT 2;\n",
        "SELECT 'open;\n",
        "SELECT FROM WHERE;\n",
        "SELECT " + "(" * 5000 + ";\n",
    ],
    ids=["in a text", "on one line", "in a comment", "no end", "backslash", "dollar quote", "nested", "open", "no SQL",
         "too deep"],
)  # fmt: skip
def test_what_readers_may_split_differently_is_undecided(text: str) -> None:
    with pytest.raises(Undecided):
        _ = warehouse(text).statements


@pytest.mark.parametrize(
    ("path", "part"),
    [
        (LOAD, "load"),
        ("x/dag/warehouse/ddl.sql", "ddl"),
        ("x/dag/warehouse/reports/r.sql", "reports"),
        ("x/dag/warehouse/readers.sql", "readers"),
        ("x/dag/warehouse/other.sql", ""),
        ("x/dag/warehouse/ddl.sql/load.sql", ""),
    ],
)
def test_a_scripts_part_is_told_by_its_place(path: str, part: str) -> None:
    assert warehouse("", path).part == part


def test_schema_has_underscores() -> None:
    assert warehouse("").schema == "annuity_eu"


def test_a_copy_says_what_it_reads_and_as_whom() -> None:
    script = warehouse(
        "CREATE TEMP TABLE s (a INT);\nCOPY s FROM '${location}m' IAM_ROLE 'r' FORMAT AS PARQUET MANIFEST;\n"
    )
    ((copy, line),) = copies(script)
    assert (copy.table, copy.sources, copy.role, line) == ("s", ("${location}m",), "r", 2)
    assert copy.options == {"FORMAT": "PARQUET", "MANIFEST": ""} and not copy.has_credentials
    assert temporary_tables(script) == {"s"}


def test_conditions_are_those_that_must_all_hold() -> None:
    statements = warehouse("DELETE FROM t WHERE a = 1 AND (b = 2 OR c = 3) AND d = 4;\nDELETE FROM t;\n").statements
    assert [len(conditions(statement.tree)) for statement in statements] == [3, 0]


def test_a_blocks_statements_are_the_scripts() -> None:
    script = migration(
        "DO $$\nBEGIN\n    IF NOT EXISTS (SELECT 1) THEN\n        CREATE ROLE a LOGIN;\n    ELSE\n"
        "        GRANT b TO a;\n    END IF;\n    RAISE NOTICE 'done';\nEND\n$$;\n"
    )
    assert [(statement.words[:2], statement.line) for statement in script.statements] == [
        (("CREATE", "ROLE"), 4),
        (("GRANT", "b"), 6),
    ]


@pytest.mark.parametrize(
    "block",
    [
        "DO $$ BEGIN EXECUTE 'DROP TABLE a'; END $$;",
        "DO $$ DECLARE a text; BEGIN NULL; END $$;",
        "DO $$ BEGIN FOR a IN 1..2 LOOP NULL; END LOOP; END $$;",
        "DO $$ BEGIN PERFORM f(); END $$;",
        "DO $$ BEGIN a := 1; END $$;",
        "DO $$ BEGIN NULL; END; x $$;",
        "DO LANGUAGE plperlu $$ x $$;",
        "DO 'BEGIN NULL; END';",
    ],
)
def test_a_block_that_decides_while_it_runs_is_undecided(block: str) -> None:
    with pytest.raises(Undecided):
        _ = migration(block).statements


def program(body: str) -> Migration:
    text = f"from __future__ import annotations\n\nfrom alembic import op\n\n\n{body}\n"
    return Migration(path="authority/migrations/versions/0002_more.py", text=text, context=CONTEXT)


def test_the_sql_that_a_program_runs_is_the_migrations() -> None:
    (statement,) = program("op.execute('GRANT UPDATE ON authority.version TO a')").statements
    assert isinstance(read(statement, "m.py"), Right) and statement.line == 6


def test_a_script_that_a_program_reads_is_judged_by_itself() -> None:
    body = "t = P.read_text(encoding='utf-8')\nop.get_bind().exec_driver_sql(t.replace('%', '%%'))"
    assert program(body).statements == ()


@pytest.mark.parametrize(
    "body",
    [
        "op.drop_table('version')",
        "op.execute('GRANT ' + what)",
        "op.execute(f'GRANT {what}')",
        "t = P.read_text()\nt = 'GRANT x TO y'\nop.execute(t)",
        "t = P.read_text()\nt += '; GRANT x TO y'\nop.execute(t)",
        "t = P.read_text()\nop.execute(t.replace('a', 'b'))",
        "for t in X:\n    op.execute(t)",
        "getattr(op, 'drop_table')('version')",
        "t = P.read_text()\ndef f(t):\n    op.execute(t)\nf('GRANT x TO y')",
        "run = op.execute\nrun('GRANT x TO y')",
        "c = op.get_bind()\nc.exec_driver_sql('GRANT x TO y')",
        "op.get_bind().scalar('GRANT x TO y')",
        "import sqlalchemy",
        "from alembic import context",
        "from alembic import op as o\no.drop_table('version')",
        "op.execute(",
    ],
)
def test_a_program_that_changes_the_database_otherwise_is_undecided(body: str) -> None:
    with pytest.raises(Undecided):
        _ = program(body).statements


def only(text: str) -> Right | Role | Routine | Trigger | Other:
    (statement,) = migration(text).statements
    return read(statement, "m.sql")


def test_rights_are_read() -> None:
    assert only("GRANT SELECT, UPDATE (a, b) ON TABLE s.t, u TO x, PUBLIC WITH GRANT OPTION") == Right(
        True, ("SELECT", "UPDATE ( A , B )"), "TABLE", ("s.t", "u"), ("x", "public"), True
    )
    assert only("REVOKE ALL ON FUNCTION s.f(uuid, text[]), s.g() FROM PUBLIC") == Right(
        False, ("ALL",), "FUNCTION", ("s.f", "s.g"), ("public",), False
    )
    assert only("GRANT INSERT ON ALL TABLES IN SCHEMA s TO x") == Right(
        True, ("INSERT",), "ALL TABLES", ("s",), ("x",), False
    )
    assert only('GRANT "Power", b TO x') == Right(True, ("Power", "b"), "ROLE", (), ("x",), False)


def test_roles_functions_and_triggers_are_read() -> None:
    assert only("ALTER ROLE a NOLOGIN CREATEDB") == Role("a", ("NOLOGIN", "CREATEDB"))
    assert only(
        "CREATE OR REPLACE FUNCTION s.f(a int) RETURNS void LANGUAGE plpgsql SECURITY DEFINER\n"
        "SET search_path = pg_catalog, pg_temp AS $$ BEGIN NULL; END $$"
    ) == Routine("s.f", True, ("pg_catalog", "pg_temp"), " BEGIN NULL; END ")
    assert only(
        "CREATE TRIGGER t BEFORE UPDATE OF a, b OR DELETE ON s.v FOR EACH ROW WHEN (OLD.a) EXECUTE FUNCTION s.f()"
    ) == Trigger("t", "BEFORE", frozenset({"UPDATE OF", "DELETE"}), "s.v", "ROW", "s.f", True)
    assert isinstance(only("CREATE TABLE s.v (a int)"), Other)


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE s.v DISABLE TRIGGER t",
        "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO x",
        "ALTER FUNCTION s.f() OWNER TO x",
        "CREATE EVENT TRIGGER t ON ddl_command_start EXECUTE FUNCTION f()",
        "CALL s.f()",
        "GRANT",
    ],
)
def test_a_statement_that_is_not_read_is_undecided(text: str) -> None:
    with pytest.raises(Undecided):
        only(text)


def test_every_script_of_the_repository_is_read() -> None:
    scripts = sorted(ROOT.glob("environments/*/rendered/*/dag/warehouse/**/*.sql"))
    migrations = sorted(ROOT.glob("authority/migrations/sql/**/*.sql"))
    assert scripts and migrations
    for path in scripts:
        assert warehouse(path.read_text(), path.relative_to(ROOT).as_posix()).statements
    for path in (ROOT / "authority/migrations/versions").glob("[0-9]*.py"):
        assert Migration(path.as_posix(), path.read_text(), CONTEXT).statements == ()
    for path in migrations:
        assert all(read(statement, path.name) for statement in migration(path.read_text()).statements)
