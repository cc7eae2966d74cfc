"""A Spark job hands its step's own arguments to the runtime: only they say where it reads and writes."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from policies.artefacts.code import SparkJob
from policies.check import ArtefactCheck

RUN, ENTRY = "spark_jobs.runtime.run", "main"


class JobRunsWithItsStepsArguments(ArtefactCheck):
    """Requirement: `def main(argv=None)` does nothing but `run(build, argv)`, and is called without arguments.

    Whoever could give `run` arguments of his own could make the runtime read and write elsewhere for him.
    Compliant example: the job.py that `sluice new` writes.
    Non-compliant example: `run(build, ["--read", address])`; `main(other)`; `start = run`; `runtime.run(…)`.
    Unknown is treated as: failed; what is no Python has no verdict.
    Source: CSO catalogue, Spark jobs; NYDFS 500.7.
    """

    control = "CSO_SPK_01"
    check_id = "CSO_SPK_01_ARGUMENTS"
    title = "A Spark job runs with its step's own arguments"
    artefact = "spark_job"

    def judge(self, artefact: SparkJob) -> Iterator[tuple[str, int]]:
        if artefact.is_runtime:
            return
        for found in artefact.reach.imports:
            if found.path.startswith(f"{artefact.package}.") and found.path.rpartition(".")[2] in (ENTRY, "run"):
                yield f"imports {found.path}, by which another module could start a job", found.line
        for name, line in artefact.reach.attributes:
            if name in (ENTRY, "run"):
                yield f"takes {name!r} from something, by which it could start a job", line
        runs = {found.bound for found in artefact.reach.imports if found.path == RUN}
        mains = [node for node in artefact.tree.body if isinstance(node, ast.FunctionDef) and node.name == ENTRY]
        for default in (default for main in mains for default in main.args.defaults):
            if ast.unparse(default) != "None":
                yield "main has another default than None", default.lineno
        calls = [node for node in ast.walk(artefact.tree) if isinstance(node, ast.Call)]
        allowed = {id(node.func) for node in calls if ast.unparse(node) == f"{ENTRY}()"}
        allowed |= {id(call.func) for main in mains if (call := _only_call(main, runs))}
        for node in ast.walk(artefact.tree):
            if isinstance(node, ast.Name) and node.id in {*runs, ENTRY} and id(node) not in allowed:
                yield f"{node.id} is called with other arguments than the step's, or handed on", node.lineno


def _only_call(main: ast.FunctionDef, runs: Collection[str]) -> ast.Call | None:
    """Return the call `run(build, argv)` where it is all that `main(argv)` does; else None."""
    body = main.body[1:] if ast.get_docstring(main) is not None else main.body
    call = body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr | ast.Return) else None
    if not isinstance(call, ast.Call) or main.decorator_list:
        return None
    names = [node.id for node in (call.func, *call.args) if isinstance(node, ast.Name)]
    parameters = [argument.arg for argument in main.args.args]
    is_handed_on = len(names) == 3 and names[0] in runs and names[1] not in parameters and names[2:] == parameters
    return call if is_handed_on and len(call.args) == 2 and not call.keywords else None


check = JobRunsWithItsStepsArguments()
