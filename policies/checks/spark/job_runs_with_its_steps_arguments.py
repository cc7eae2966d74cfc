"""A Spark job hands its step's own arguments to the runtime: only they say where it reads and writes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from policies.artefacts.code import SparkJob
from policies.check import ArtefactCheck

RUN, ENTRY = "spark_jobs.runtime.run", "main"


class JobRunsWithItsStepsArguments(ArtefactCheck):
    """Requirement: `run` is called once, as `run(build, argv)` in `def main(argv=None)`, and main without arguments.

    Whoever could give `run` arguments of his own could make the runtime read and write elsewhere for him.
    Compliant example: the job.py that `sluice new` writes.
    Non-compliant example: `run(build, ["--read", address])`; `main(other)`; `start = run`.
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
            if found.path.startswith(f"{artefact.package}.") and found.path.endswith(f".{ENTRY}"):
                yield f"imports {found.path}, by which another module could start a job", found.line
        runs = {found.bound for found in artefact.reach.imports if found.path == RUN}
        mains = [node for node in artefact.tree.body if isinstance(node, ast.FunctionDef) and node.name == ENTRY]
        for default in (default for main in mains for default in main.args.defaults):
            if ast.unparse(default) != "None":
                yield "main has another default than None", default.lineno
        calls = [node for node in ast.walk(artefact.tree) if isinstance(node, ast.Call) and not node.keywords]
        allowed = {id(node.func) for node in calls if ast.unparse(node) == f"{ENTRY}()"}
        allowed |= {id(node.func) for main in mains for node in calls if _hands_on(main, node)}
        for node in ast.walk(artefact.tree):
            if isinstance(node, ast.Name) and node.id in {*runs, ENTRY} and id(node) not in allowed:
                yield f"{node.id} is called with other arguments than the step's, or handed on", node.lineno


def _hands_on(main: ast.FunctionDef, call: ast.Call) -> bool:
    """Tell whether a call in `main` is `run(build, argv)` with its one parameter, which it binds to nothing else."""
    names = [node for node in ast.walk(main) if isinstance(node, ast.Name)]
    is_own = call in ast.walk(main) and all(isinstance(name.ctx, ast.Load) for name in names)
    return is_own and [ast.unparse(one) for one in call.args[1:]] == [argument.arg for argument in main.args.args]


check = JobRunsWithItsStepsArguments()
