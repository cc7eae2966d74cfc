"""What a PostgreSQL statement says about roles, rights, functions and triggers: the kinds that sqlglot has no tree for.

Reads the statement's words by PostgreSQL's own grammar, as far as our migrations use it; the rest is undecided. It must
not know what any control asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from policies.artefacts.sql import SqlStatement
from policies.errors import Undecided

CLAUSES = frozenset({"AS", "COST", "IMMUTABLE", "LANGUAGE", "PARALLEL", "RETURNS", "ROWS", "SECURITY", "SET", "STABLE",
                     "STRICT", "VOLATILE"})  # fmt: skip
MADE = frozenset({"INDEX", "SCHEMA", "SEQUENCE", "TABLE", "VIEW"})
SECURABLES = frozenset({"DATABASE", "FUNCTION", "PROCEDURE", "ROUTINE", "SCHEMA", "SEQUENCE", "TABLE", "TYPE"})


@dataclass(frozen=True)
class Right:
    """A GRANT or a REVOKE.

    Attributes:
        privileges: in upper case; names of roles, when kind is ROLE.
        kind: TABLE, FUNCTION, SCHEMA …, `ALL TABLES`, `ALL FUNCTIONS` …, or ROLE for a membership.
        objects: names, for functions without their arguments.
        with_option: the grantee may grant it on.
    """

    is_grant: bool
    privileges: tuple[str, ...]
    kind: str
    objects: tuple[str, ...]
    grantees: tuple[str, ...]
    with_option: bool


@dataclass(frozen=True)
class Role:
    """CREATE or ALTER of a role; `options` are the words behind its name, in upper case."""

    name: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Routine:
    """CREATE FUNCTION or PROCEDURE; `search_path` is empty when none is set, `body` is its text."""

    name: str
    is_definer: bool
    search_path: tuple[str, ...]
    body: str


@dataclass(frozen=True)
class Trigger:
    """CREATE TRIGGER.

    Attributes:
        events: in upper case; `UPDATE OF` for one that watches some columns only.
        level: ROW or STATEMENT.
        is_conditional: it has a WHEN.
    """

    name: str
    timing: str
    events: frozenset[str]
    table: str
    level: str
    function: str
    is_conditional: bool


@dataclass(frozen=True)
class Other:
    """A statement with a tree of sqlglot's own, which says all of it."""

    tree: exp.Expr


def read(statement: SqlStatement, path: str) -> Right | Role | Routine | Trigger | Other:
    """Return what a statement says.

    Raises:
        Undecided: it is of a kind that is not read here, and sqlglot has no tree for it either.
    """
    words = [word for word in statement.words if word]
    upper = [word.upper() for word in words]
    here = " ".join(words[:3])
    try:
        if upper[0] in ("GRANT", "REVOKE"):
            return _right(words)
        start = 3 if upper[1:3] == ["OR", "REPLACE"] else 1
        if upper[0] in ("CREATE", "ALTER") and upper[start] in ("ROLE", "USER", "GROUP"):
            return Role(_name(words[start + 1 : start + 2]), tuple(upper[start + 2 :]))
        if upper[0] == "CREATE" and upper[start] in ("FUNCTION", "PROCEDURE"):
            return _routine(words[start + 1 :])
        if upper[0] == "CREATE" and upper[start] == "TRIGGER":
            return _trigger(words[start + 1 :])
    except (IndexError, ValueError, StopIteration):
        raise Undecided(f"{path}:{statement.line}: {here} … in a form that the gate does not read") from None
    if isinstance(statement.tree, exp.Command):
        raise Undecided(f"{path}:{statement.line}: {here} … is a statement that the gate does not read")
    return Other(statement.tree)


def only_adds(tree: exp.Expr) -> bool:
    """Tell whether a statement makes something new or adds to a table, and neither writes nor takes anything away."""
    if isinstance(tree, exp.Alter):
        actions = tree.args.get("actions") or [tree]
        return all(isinstance(action, exp.AddConstraint | exp.ColumnDef) for action in actions)
    return isinstance(tree, exp.Comment) or (isinstance(tree, exp.Create) and tree.kind in MADE)


def _right(words: Sequence[str]) -> Right:
    upper = [word.upper() for word in words]
    is_grant = upper[0] == "GRANT"
    to = _find(upper, "TO" if is_grant else "FROM", 1)
    tail = upper.index("WITH", to) if "WITH" in upper[to:] else len(words)
    grantees = tuple(_name(part) for part in _split(words[to + 1 : tail]))
    with_option = tail < len(words) or upper[1:4] == ["GRANT", "OPTION", "FOR"]
    if "ON" not in upper[:to]:
        return Right(is_grant, tuple(_name(part) for part in _split(words[1:to])), "ROLE", (), grantees, with_option)
    on = _find(upper, "ON", 1)
    privileges = tuple(" ".join(part).upper() for part in _split(words[1:on]))
    if upper[on + 1] == "ALL":
        return Right(is_grant, privileges, f"ALL {upper[on + 2]}", (_name(words[on + 5 : to]),), grantees, with_option)
    kind, start = (upper[on + 1], on + 2) if upper[on + 1] in SECURABLES else ("TABLE", on + 1)
    objects = tuple(_name(_before_bracket(part)) for part in _split(words[start:to]))
    return Right(is_grant, privileges, kind, objects, grantees, with_option)


def _routine(words: Sequence[str]) -> Routine:
    upper = [word.upper() for word in words]
    path: list[str] = []
    for at, word in enumerate(upper[:-2]):
        if word == "SET" and upper[at + 1] == "SEARCH_PATH":
            end = next((index for index in range(at + 3, len(upper)) if upper[index] in CLAUSES), len(upper))
            path = [_name(part) for part in _split(words[at + 3 : end])]
    definer = any(upper[at : at + 2] == ["SECURITY", "DEFINER"] for at in range(len(upper)))
    body = next(word for word in reversed(words) if word.startswith("'"))
    return Routine(_name(_before_bracket(words)), definer, tuple(path), body[1:-1])


def _trigger(words: Sequence[str]) -> Trigger:
    upper = [word.upper() for word in words]
    on, each, execute = _find(upper, "ON", 2), _find(upper, "EACH", 3), _find(upper, "EXECUTE", 3)
    events = frozenset(" ".join(part[:2]) for part in _split(upper[2:on], "OR"))
    table_end = next(index for index in range(on + 1, each) if upper[index] in ("FOR", "NOT", "DEFERRABLE", "FROM"))
    return Trigger(
        name=_name(words[:1]),
        timing=upper[1],
        events=events,
        table=_name(words[on + 1 : table_end]),
        level=upper[each + 1],
        function=_name(_before_bracket(words[execute + 2 :])),
        is_conditional="WHEN" in upper[each:execute],
    )


def _find(upper: Sequence[str], word: str, start: int) -> int:
    return list(upper).index(word, start)


def _before_bracket(words: Sequence[str]) -> Sequence[str]:
    return words[: list(words).index("(")] if "(" in words else words


def _split(words: Iterable[str], separator: str = ",") -> list[list[str]]:
    """Return the parts between separators that stand in no brackets."""
    parts: list[list[str]] = [[]]
    depth = 0
    for word in words:
        depth += {"(": 1, ")": -1}.get(word, 0)
        if word == separator and depth == 0:
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def _name(words: Sequence[str]) -> str:
    """Return a name as PostgreSQL compares it: unquoted parts in lower case."""
    if not words:
        raise ValueError("a name is missing")
    return "".join(word[1:-1] if word.startswith('"') else word.lower() for word in words)
