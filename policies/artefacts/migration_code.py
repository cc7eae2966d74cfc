"""The SQL that a migration's Python runs: plain texts, or scripts read from beside it, which are judged themselves.

A closed world: `op.execute(…)`, `op.get_bind().exec_driver_sql(…)` and nothing else that reaches the database. The rest
is undecided, because nobody can read it before it runs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from policies.errors import Undecided

IMPORTS = {"__future__": {"annotations"}, "alembic": {"op"}, "pathlib": {"Path"}}
RUNS_SQL = ("exec_driver_sql", "execute")
REACHES_ELSEWHERE = frozenset(
    {"__builtins__", "__import__", "compile", "eval", "exec", "getattr", "globals", "locals", "vars"}
)


def sql_in(text: str, path: str) -> Iterator[tuple[int, str]]:
    """Yield (line, SQL) of each text that the code runs.

    Raises:
        Undecided: it is no Python, or changes the database by anything but such a text or a script read whole.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise Undecided(f"{path} is no Python: {error}") from None
    scripts, used = _scripts(tree), set[ast.expr]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (op := _op_of(node)) is not None:
            used.add(op)
            yield from _sql(node, scripts, path)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom) and not _is_known(node):
            raise Undecided(f"{path}:{node.lineno}: imports what a migration does not need")
        if isinstance(node, ast.Name) and (node.id in REACHES_ELSEWHERE or (node.id == "op" and node not in used)):
            raise Undecided(f"{path}:{node.lineno}: {node.id} reaches the database otherwise than by a text of SQL")


def _op_of(call: ast.Call) -> ast.expr | None:
    """Return the name `op` in `op.execute(…)` and in `op.get_bind().exec_driver_sql(…)`."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in RUNS_SQL:
        return None
    holder = call.func.value
    if isinstance(holder, ast.Call) and isinstance(holder.func, ast.Attribute) and holder.func.attr == "get_bind":
        holder = holder.func.value
    return holder if isinstance(holder, ast.Name) and holder.id == "op" else None


def _sql(call: ast.Call, scripts: set[str], path: str) -> Iterator[tuple[int, str]]:
    argument = call.args[0] if len(call.args) == 1 and not call.keywords else None
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        yield argument.lineno, argument.value
        return
    if isinstance(argument, ast.Call) and isinstance(argument.func, ast.Attribute) and argument.func.attr == "replace":
        escapes = [item.value for item in argument.args if isinstance(item, ast.Constant)]
        argument = argument.func.value if escapes == ["%", "%%"] else None
    if not isinstance(argument, ast.Name) or argument.id not in scripts:
        raise Undecided(f"{path}:{call.lineno}: runs SQL that is neither a plain text nor a script's")


def _scripts(tree: ast.Module) -> set[str]:
    """Return the names that are given the text of a file and nothing else, anywhere."""
    read: list[str] = []
    given: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            given.append(node.id)
        elif isinstance(node, ast.arg):
            given.append(node.arg)
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            given.append(node.name)
        elif isinstance(node, ast.Assign) and _reads_text(node.value):
            read += [target.id for target in node.targets if isinstance(target, ast.Name)]
    return {name for name in read if read.count(name) == given.count(name)}


def _reads_text(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "read_text"


def _is_known(node: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(node, ast.Import) or any(alias.asname for alias in node.names):
        return False
    return {alias.name for alias in node.names} <= IMPORTS.get(node.module or "", set())
