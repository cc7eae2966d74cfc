"""The one form that a rendered DAG has; what stands in it in any other form is a problem, never skipped.

Imports, constants, one `with DAG(…)` that holds tasks and their order, and nothing else: so a DAG can be read as data,
and no trick has to be known to be refused. Which imports and operators are allowed is not decided here.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from policies.artefacts.python_values import Names, NotLiteral, described, value_of

DAG_CLASS = "airflow.sdk.DAG"
TEARDOWN_ARGUMENTS = {"setups", "on_failure_fail_dagrun"}


@dataclass(frozen=True)
class Task:
    """One task of a DAG.

    Attributes:
        operator, module: class name, and the module that it is imported from.
        arguments: `{name: value}` as written; constants of the file are filled in, `{{ … }}` stays.
        line: where the task begins, from 1.
        teardown_of: ids of the tasks whose work it undoes (`as_teardown(setups=…)`).
        on_failure_fail_dagrun: of `as_teardown`.
    """

    task_id: str
    variable: str
    operator: str
    module: str
    arguments: dict[str, Any]
    line: int
    is_teardown: bool = False
    teardown_of: tuple[str, ...] = ()
    on_failure_fail_dagrun: bool = False

    @property
    def texts(self) -> list[str]:
        """Every text in the arguments, keys of dictionaries included."""
        return list(texts_in(self.arguments))


def texts_in(value: Any) -> Iterator[str]:
    """Yield every text in an argument's value, keys of dictionaries included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        yield from (text for item in value.values() for text in texts_in(item))
    elif isinstance(value, list | tuple):
        yield from (text for item in value for text in texts_in(item))


@dataclass
class Form:
    """What stands in a DAG's file.

    Attributes:
        imports: `{name: ("module.name", line)}`.
        dag_arguments: of `DAG(…)`; empty when there is none.
        tasks: in the file's order.
        edges: `(variable before, variable after)`.
        problems: `(what is not in the form, line)`.
    """

    names: Names
    imports: dict[str, tuple[str, int]] = field(default_factory=dict)
    dag_arguments: dict[str, Any] = field(default_factory=dict)
    dag_line: int = 0
    tasks: list[Task] = field(default_factory=list)
    edges: list[tuple[str, str]] = field(default_factory=list)
    problems: list[tuple[str, int]] = field(default_factory=list)
    by_variable: dict[str, Task] = field(default_factory=dict)
    task_ids: set[str] = field(default_factory=set)

    def add(self, task: Task) -> None:
        self.tasks.append(task)
        self.by_variable[task.variable] = task
        self.task_ids.add(task.task_id)

    def is_free(self, name: str) -> bool:
        """Tell whether a name may be bound: each is bound once, and none hides one of Python's own."""
        bound = name in self.imports or name in self.names.constants or name in self.by_variable
        return not (bound or name.startswith("__") or hasattr(builtins, name))


def read_form(tree: ast.Module, path: str) -> Form:
    """Return what stands in the file of one DAG; nothing of it is executed."""
    form = Form(Names(PurePosixPath(path)))
    for position, statement in enumerate(tree.body):
        if position == 0 and _is_text(statement):
            continue
        if isinstance(statement, ast.ImportFrom):
            _import(form, statement)
        elif isinstance(statement, ast.Assign):
            _constant(form, statement)
        elif isinstance(statement, ast.With):
            _dag(form, statement)
        else:
            _refuse(form, statement, f"a statement {_first_line(statement)} is not part of a DAG's form")
    if not form.dag_line:
        form.problems.append(("there is no `with DAG(…) as dag:`", 1))
    return form


def _refuse(form: Form, node: ast.AST, problem: str) -> None:
    form.problems.append((problem, getattr(node, "lineno", 0)))


def _first_line(node: ast.AST) -> str:
    return repr(type(node).__name__)


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _import(form: Form, statement: ast.ImportFrom) -> None:
    for alias in statement.names:
        if statement.level or alias.asname or alias.name == "*" or not form.is_free(alias.name):
            _refuse(form, statement, f"the import of {alias.name!r} is relative, renamed, a star or a second one")
            continue
        form.imports[alias.name] = (f"{statement.module}.{alias.name}", statement.lineno)
        form.names.imports[alias.name] = f"{statement.module}.{alias.name}"


def _constant(form: Form, statement: ast.Assign) -> None:
    name = _bound_name(form, statement)
    if name is None:
        return
    if form.dag_line:
        _refuse(form, statement, f"{name!r} is assigned after the DAG")
        return
    try:
        form.names.constants[name] = value_of(statement.value, form.names)
    except NotLiteral as error:
        _refuse(form, error.node, f"{name}: {error}")


def _bound_name(form: Form, statement: ast.Assign) -> str | None:
    target = statement.targets[0]
    if len(statement.targets) != 1 or not isinstance(target, ast.Name) or not form.is_free(target.id):
        bound = ", ".join(described(item) for item in statement.targets)
        _refuse(form, statement, f"the assignment to {bound} binds no single new name")
        return None
    return target.id


def _dag(form: Form, statement: ast.With) -> None:
    item, call = statement.items[0], statement.items[0].context_expr
    is_dag = isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    if len(statement.items) != 1 or not is_dag or form.dag_line:
        _refuse(form, statement, "a `with` is not the file's one `with DAG(…) as dag:`")
        return
    assert isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    alias = item.optional_vars
    if form.names.imports.get(call.func.id) != DAG_CLASS:
        _refuse(form, statement, f"{call.func.id!r} is not {DAG_CLASS}")
    if alias is not None and not (isinstance(alias, ast.Name) and form.is_free(alias.id)):
        _refuse(form, statement, "the DAG is bound to something else than a new name")
    form.dag_line = statement.lineno
    form.dag_arguments = _keywords(form, call, "DAG")
    for inner in statement.body:
        if isinstance(inner, ast.Assign):
            _task(form, inner)
        elif isinstance(inner, ast.Expr) and isinstance(inner.value, ast.BinOp):
            _order(form, inner.value)
        else:
            _refuse(form, inner, f"a statement {_first_line(inner)} is not part of a DAG's form")


def _keywords(form: Form, call: ast.Call, what: str) -> dict[str, Any]:
    """Return the literal keyword arguments of a call; every other argument is a problem."""
    found: dict[str, Any] = {}
    for argument in call.args:
        _refuse(form, argument, f"{what} has a positional argument")
    for word in call.keywords:
        if word.arg is None:
            _refuse(form, word.value, f"{what} spreads a dictionary")
            continue
        try:
            found[word.arg] = value_of(word.value, form.names)
        except NotLiteral as error:
            _refuse(form, error.node, f"{what}.{word.arg}: {error}")
    return found


def _task(form: Form, statement: ast.Assign) -> None:
    variable, call = _bound_name(form, statement), statement.value
    if variable is None:
        return
    teardown: ast.Call | None = None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "as_teardown":
        teardown, call = call, call.func.value
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        _refuse(form, statement, f"{variable} is not made by an operator: {described(call)}")
        return
    operator = call.func.id
    if operator not in form.names.imports:
        _refuse(form, call, f"{variable} is made by {operator!r}, which is not imported")
        return
    arguments = _keywords(form, call, operator)
    task_id = arguments.get("task_id")
    if not isinstance(task_id, str) or task_id in form.task_ids:
        _refuse(form, call, f"{variable} has no task_id of its own")
        return
    module = form.names.imports[operator].rpartition(".")[0]
    setups, fails = _teardown(form, teardown) if teardown else ((), False)
    form.add(
        Task(task_id, variable, operator, module, arguments, statement.lineno, teardown is not None, setups, fails)
    )
    form.edges += [(setup.variable, variable) for setup in form.tasks if setup.task_id in setups]


def _teardown(form: Form, call: ast.Call) -> tuple[tuple[str, ...], bool]:
    """Return (ids of the setups, on_failure_fail_dagrun) of `.as_teardown(…)`."""
    given = {word.arg: word.value for word in call.keywords}
    if call.args or not given.keys() <= TEARDOWN_ARGUMENTS:
        _refuse(form, call, f"as_teardown has arguments besides {sorted(TEARDOWN_ARGUMENTS)}")
        return (), False
    setups = _tasks(form, given["setups"]) if "setups" in given else []
    fails = given.get("on_failure_fail_dagrun")
    is_true = isinstance(fails, ast.Constant) and fails.value is True
    if fails is not None and not (isinstance(fails, ast.Constant) and isinstance(fails.value, bool)):
        _refuse(form, fails, "on_failure_fail_dagrun is neither True nor False")
    return tuple(task.task_id for task in setups), is_true


def _order(form: Form, chain: ast.BinOp) -> None:
    """Read `a >> b >> [c, d]`: each side of `>>` is a task or a list of tasks, one side at least a task."""
    sides, node = list[ast.expr](), chain
    while isinstance(node, ast.BinOp):
        if not isinstance(node.op, ast.RShift):
            _refuse(form, node, "tasks are ordered with `>>` only")
            return
        sides.insert(0, node.right)
        if not isinstance(node.left, ast.BinOp):
            sides.insert(0, node.left)
            break
        node = node.left
    for before, after in pairwise(sides):
        if isinstance(before, ast.List) and isinstance(after, ast.List):
            _refuse(form, chain, "a list of tasks is ordered before a list")
        form.edges += [(one.variable, two.variable) for one in _tasks(form, before) for two in _tasks(form, after)]


def _tasks(form: Form, node: ast.expr) -> list[Task]:
    """Return the tasks that a name or a list of names means; everything else is a problem."""
    return list(_named(form, node.elts if isinstance(node, ast.List) else [node]))


def _named(form: Form, nodes: list[ast.expr]) -> Iterator[Task]:
    for node in nodes:
        task = form.by_variable.get(node.id) if isinstance(node, ast.Name) else None
        if task is None:
            _refuse(form, node, f"{described(node)} is not a task of this DAG")
        else:
            yield task
