"""What a statement of the warehouse's SQL is and says, by sqlglot's tree: its kind, its conditions, its COPY.

Reads; it must not know what any control asks for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from policies.artefacts.sql import SqlStatement, WarehouseSql

PLAIN = frozenset({"expressions", "from_", "where"})
"""Parts of a SELECT that nothing can make empty but its WHERE: no LIMIT, no HAVING, no OFFSET."""


@dataclass(frozen=True)
class CopyStatement:
    """A COPY.

    Attributes:
        table: that it fills, as written.
        sources: places it reads.
        role: text behind IAM_ROLE; empty when there is none, or a keyword such as `default`.
        options: `{name in upper case: value in upper case, or empty}`.
        has_credentials: CREDENTIALS is given.
    """

    table: str
    sources: tuple[str, ...]
    role: str
    options: dict[str, str]
    has_credentials: bool


def kind_of(statement: SqlStatement) -> str:
    """Return the statement's kind in capitals, `CREATE TEMPORARY TABLE`; its first word where it has no tree."""
    tree = statement.tree
    if isinstance(tree, exp.Select):
        return "SELECT INTO" if tree.args.get("into") else "SELECT"
    if isinstance(tree, exp.Create):
        marks = {"TEMPORARY": exp.TemporaryProperty, "EXTERNAL": exp.ExternalProperty}
        return " ".join(["CREATE", *(mark for mark, found in marks.items() if tree.find(found)), str(tree.kind)])
    return statement.words[0]


def name_of(table: exp.Expr | None) -> str:
    """Return a table as it is written, `schema.name` or `name`, unquoted parts in lower case; `?` for anything else."""
    if isinstance(table, exp.Schema):
        table = table.this
    if not isinstance(table, exp.Table):
        return "?"
    return ".".join(_folded(part) for part in table.parts)


def _folded(identifier: exp.Expr) -> str:
    """Return a name as the warehouse compares it: in lower case unless it is quoted."""
    return str(identifier.name) if identifier.args.get("quoted") else str(identifier.name).lower()


def temporary_tables(artefact: WarehouseSql) -> frozenset[str]:
    """Return the temporary tables that a script makes."""
    made = [item.tree for item in artefact.statements if kind_of(item) == "CREATE TEMPORARY TABLE"]
    return frozenset(name_of(tree.this) for tree in made)


def copies(artefact: WarehouseSql) -> Iterator[tuple[CopyStatement, int]]:
    """Yield each COPY of a script with its line."""
    for item in artefact.statements:
        if isinstance(item.tree, exp.Copy):
            credentials = item.tree.args.get("credentials")
            role = credentials.args.get("iam_role") if credentials else None
            options = item.tree.args.get("params") or []
            copy = CopyStatement(
                table=name_of(item.tree.this),
                sources=tuple(file.name for file in item.tree.args.get("files") or []),
                role=role.name if role is not None and role.args.get("is_string") else "",
                options={option.name.upper(): _value(option.args.get("expression")) for option in options},
                has_credentials=bool(credentials and credentials.args.get("credentials")),
            )
            yield copy, item.line


def _value(expression: exp.Expr | None) -> str:
    return expression.name.upper() if expression is not None else ""


def conditions(query: exp.Expr | None) -> list[exp.Expr]:
    """Return what must all hold for a row to be touched: the parts of WHERE between ANDs. Of a UNION there is none."""
    where = query.args.get("where") if isinstance(query, exp.Delete | exp.Select | exp.Update) else None
    if where is None:
        return []
    return list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]


def equals(condition: exp.Expr, column: str, value: str) -> bool:
    """Tell whether a condition is `column = 'value'`."""
    return (
        isinstance(condition, exp.EQ)
        and isinstance(condition.this, exp.Column)
        and condition.this.name == column
        and isinstance(condition.expression, exp.Literal)
        and condition.expression.name == value
    )


def is_absent_from(condition: exp.Expr, table: str, column: str, value: str) -> bool:
    """Tell whether a condition is `NOT EXISTS (SELECT … FROM table WHERE column = 'value')`, and nothing besides."""
    if not isinstance(condition, exp.Not) or not isinstance(condition.this, exp.Exists):
        return False
    query = condition.this.this
    if not isinstance(query, exp.Select) or {part for part, said in query.args.items() if said} - PLAIN:
        return False
    asked = [equals(item, column, value) for item in conditions(query)]
    return [name_of(item) for item in query.find_all(exp.Table)] == [table] and asked == [True]


def entered(insert: exp.Expr) -> dict[str, str]:
    """Return `{column: text}` of the texts that an INSERT … SELECT enters."""
    if not isinstance(insert, exp.Insert) or not isinstance(insert.this, exp.Schema):
        return {}
    values = insert.expression.expressions if isinstance(insert.expression, exp.Select) else []
    pairs = zip(insert.this.expressions, values, strict=False)
    return {column.name: value.name for column, value in pairs if isinstance(value, exp.Literal)}
