"""Redshift's tables and types as PostgreSQL's: physical design and unenforced keys go, type defaults are spelt out.

Works on parsed statements; it must not know how a statement is run.
"""

from __future__ import annotations

from sqlglot import exp

PHYSICAL_DESIGN = (exp.DistKeyProperty, exp.DistStyleProperty, exp.SortKeyProperty)
# Redshift records these and enforces none of them: rows that break a key are loaded.
UNENFORCED_COLUMN = (
    exp.EncodeColumnConstraint,
    exp.PrimaryKeyColumnConstraint,
    exp.UniqueColumnConstraint,
    exp.Reference,
)
UNENFORCED_TABLE = (exp.PrimaryKey, exp.ForeignKey, exp.UniqueColumnConstraint)
VARCHAR_DEFAULT, VARCHAR_MAXIMUM = 256, 65535
DEFAULT_SIZES: dict[exp.DType, tuple[int, ...]] = {
    exp.DType.VARCHAR: (VARCHAR_DEFAULT,),
    exp.DType.NVARCHAR: (VARCHAR_DEFAULT,),
    exp.DType.TEXT: (VARCHAR_DEFAULT,),
    exp.DType.CHAR: (1,),
    exp.DType.NCHAR: (1,),
    exp.DType.BPCHAR: (VARCHAR_DEFAULT,),
    exp.DType.DECIMAL: (18, 0),
}


def rewrite_table(tree: exp.Expr) -> None:
    """Rewrite column definitions in place, and the types in casts: CAST(x AS DECIMAL) has no decimals in Redshift."""
    for prop in list(tree.find_all(*PHYSICAL_DESIGN)):
        prop.pop()
    for schema in list(tree.find_all(exp.Schema)):
        kept = [each for each in schema.expressions if not _is_unenforced(each)]
        schema.set("expressions", kept)
    for column in tree.find_all(exp.ColumnDef):
        constraints = [each for each in column.args.get("constraints") or [] if not _is_unenforced(each)]
        column.set("constraints", constraints)
    for kind in tree.find_all(exp.DataType):
        _spell_out(kind)


def _is_unenforced(part: exp.Expr) -> bool:
    if isinstance(part, exp.ColumnConstraint):
        return isinstance(part.kind, UNENFORCED_COLUMN)
    if isinstance(part, exp.Constraint):
        return any(isinstance(each, UNENFORCED_TABLE) for each in part.expressions)
    return isinstance(part, UNENFORCED_TABLE)


def _spell_out(kind: exp.DataType) -> None:
    """Give a type the size that Redshift takes where none is written; TEXT is VARCHAR(256) there."""
    if kind.this is exp.DType.TEXT:
        kind.set("this", exp.DType.VARCHAR)
    if not kind.expressions and kind.this in DEFAULT_SIZES:
        sizes = DEFAULT_SIZES[kind.this]
        kind.set("expressions", [exp.DataTypeParam(this=exp.Literal.number(size)) for size in sizes])
    for size in kind.expressions:
        if size.name.upper() == "MAX":
            size.set("this", exp.Literal.number(VARCHAR_MAXIMUM))
