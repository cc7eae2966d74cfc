"""Hand-written Python that runs in the platform: Spark jobs, and the operators behind rendered DAGs.

Finds, without executing anything, what code can reach: imports, what it takes from them, builtins, attributes, texts.
What of it is allowed is not decided here.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from policies.artefacts.base import Artefact
from policies.artefacts.python_source import parse
from policies.errors import Undecided

BUILTINS = frozenset(dir(builtins))
PLACEHOLDER = "{}"
"""Stands in an f-string's text for what is filled in when the code runs."""
BY_NAME = ("getattr", "hasattr", "setattr", "delattr")


@dataclass(frozen=True)
class Import:
    """One imported name.

    Attributes:
        path: `json`, `pyspark.sql.functions`, `json.*`; begins with dots when relative.
        bound: name that the code calls it by.
    """

    path: str
    bound: str
    line: int


@dataclass(frozen=True)
class Use:
    """An imported name as it is used.

    Attributes:
        attribute: what is taken from it; empty when the name stands alone.
        is_called: the attribute is called on the spot.
    """

    path: str
    attribute: str
    is_called: bool
    line: int


@dataclass
class Reach:
    """Everything that a module can reach; each list holds `(name, line)`.

    Attributes:
        builtins: names of Python's own, and dunder names, that are read.
        attributes: read, set or matched by pattern, also by `getattr` with a literal name; and the fields that a class
            declares, because a dataclass's own methods read fields of whatever they are given.
        computed: functions like getattr that are given a computed name, `getattr(self)` where the object is self; class
            patterns that take attributes by their position.
        texts: string literals except documentation; f-strings with `{}` for what they fill in.
    """

    imports: list[Import] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    builtins: list[tuple[str, int]] = field(default_factory=list)
    attributes: list[tuple[str, int]] = field(default_factory=list)
    computed: list[tuple[str, int]] = field(default_factory=list)
    texts: list[tuple[str, int]] = field(default_factory=list)


@dataclass(frozen=True)
class PythonCode(Artefact):
    """One hand-written module."""

    @cached_property
    def tree(self) -> ast.Module:
        return parse(self.text, self.path)

    @cached_property
    def reach(self) -> Reach:
        """What the module can reach.

        Raises:
            Undecided: it is no Python.
        """
        try:
            return _reach(self.tree)
        except RecursionError:
            raise Undecided(f"{self.path} is nested too deeply to be read") from None


class SparkJob(PythonCode):
    """spark_jobs/<tenant>/**.py; the shared runtime's context has no stack."""

    kind: ClassVar[str] = "spark_job"

    @property
    def is_runtime(self) -> bool:
        """Whether it belongs to the frame around every job, which reads and writes for them."""
        return not self.context.stack

    @property
    def package(self) -> str:
        """The package whose modules may import each other."""
        return f"spark_jobs.{'runtime' if self.is_runtime else self.context.stack.replace('-', '_')}"


class DagRuntime(PythonCode):
    """dags/*.py."""

    kind: ClassVar[str] = "dag_runtime"


def _reach(tree: ast.Module) -> Reach:
    nodes = list(ast.walk(tree))
    reach = Reach(imports=[found for node in nodes for found in _imports(node)])
    bound = {found.bound: found.path for found in reach.imports}
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    owned = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        if isinstance(node, ast.Attribute):
            reach.attributes.append((node.attr, node.lineno))
            if isinstance(node.value, ast.Name) and node.value.id in bound:
                reach.uses.append(Use(bound[node.value.id], node.attr, id(node) in called, node.lineno))
        elif isinstance(node, ast.Name):
            if node.id in bound and id(node) not in owned:
                reach.uses.append(Use(bound[node.id], "", id(node) in called, node.lineno))
            if node.id in BUILTINS or node.id.startswith("__"):
                reach.builtins.append((node.id, node.lineno))
        elif isinstance(node, ast.MatchClass):
            reach.attributes += [(name, node.lineno) for name in node.kwd_attrs]
            reach.computed += [("a class pattern by position", node.lineno)] if node.patterns else []
        elif isinstance(node, ast.Call):
            _by_name(node, reach)
    reach.attributes += [field for node in nodes for field in _fields(node)]
    reach.texts = list(_texts(nodes))
    return reach


def _fields(node: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield the names that are annotated in a class, with their lines."""
    inside = ast.walk(node) if isinstance(node, ast.ClassDef) else ()
    for inner in inside:
        if isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name):
            yield inner.target.id, inner.lineno


def _texts(nodes: list[ast.AST]) -> Iterator[tuple[str, int]]:
    """Yield each text that the code can make of literals, with its line; parts of a longer text only as that."""
    parts: set[int] = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}  # documentation
    for node in nodes:  # ast.walk gives the outer before the inner
        if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp):
            text = _text(node)
            if text is None:
                continue
            if id(node) not in parts:
                yield text, node.lineno
            parts |= {id(part) for part in ast.iter_child_nodes(node)}


def _imports(node: ast.AST) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(alias.name, alias.asname or alias.name.split(".")[0], node.lineno)
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            yield Import(f"{module}.{alias.name}", alias.asname or alias.name, node.lineno)


def _by_name(node: ast.Call, reach: Reach) -> None:
    """Note the attribute that getattr and its like are given by name."""
    if not isinstance(node.func, ast.Name) or node.func.id not in BY_NAME:
        return
    name = node.args[1] if len(node.args) > 1 else None
    if isinstance(name, ast.Constant) and isinstance(name.value, str):
        reach.attributes.append((name.value, node.lineno))
    else:
        is_self = bool(node.args) and isinstance(node.args[0], ast.Name) and node.args[0].id == "self"
        reach.computed.append((f"{node.func.id}(self)" if is_self else node.func.id, node.lineno))


def _text(node: ast.AST) -> str | None:
    """Return the text of a literal, an f-string or a sum of such; None when it is something else."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bytes):
            return node.value.decode("latin-1")
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(
            PLACEHOLDER if isinstance(part, ast.FormattedValue) else str(_text(part)) for part in node.values
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left), _text(node.right)
        if left is None and right is None:
            return None
        return (PLACEHOLDER if left is None else left) + (PLACEHOLDER if right is None else right)
    return None
