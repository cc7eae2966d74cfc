"""The command line in a process that kills itself at a named step, as a machine that loses power would.

The gate and the smoke run have nothing to judge and nothing to run here: stacks are terraform_data alone. The product
knows nothing of all this; functions are replaced in the process that is about to die.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from delivery.smoke import SmokeResult, SmokeRun

REPOSITORY = Path(__file__).parents[3]


@dataclass(frozen=True)
class Kill:
    """Where a process dies.

    Attributes:
        module, attribute: the function, under the name by which its caller finds it.
        when: before or after the call, or `torn`: half of what the call would write is written.
        text: only calls whose arguments' repr contains it count.
        nth: at which such call.
        with_children: Terraform dies with it, as when the whole machine does.
    """

    module: str
    attribute: str
    when: str = "before"
    text: str = ""
    nth: int = 1
    with_children: bool = False

    def __str__(self) -> str:
        return " ".join(filter(None, [self.when, self.module.removeprefix("delivery."), self.attribute, self.text]))


def run(arguments: list[str], root: str, variables: dict[str, str], kill: Kill | None, output: str) -> NoReturn:
    """Run a verb in `root`; what it says goes to the file `output`."""
    os.chdir(root)
    os.environ.clear()
    os.environ.update(variables)
    said = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(said, 1)
    os.dup2(said, 2)
    cli = import_module("sluice.cli")
    _leave_out_gate_and_smoke()
    if kill:
        _arm(kill)
    sys.exit(cli.run(arguments))


def _leave_out_gate_and_smoke() -> None:
    """Judge nothing, take a release without evidence, and let every pipeline succeed."""
    deploy = import_module("sluice.commands.deploy")
    deploy._Steps.gate = lambda self, root, plans, beside: None
    deploy._Steps.smoke = lambda self, spec, tenants, root: SmokeResult(
        (SmokeRun("annuity_daily", "probe", "success"),)
    )
    for module in ("sluice.commands.release", "delivery.deploy.candidate"):
        import_module(module).require_evidence = lambda release: None  # type: ignore[attr-defined]


def _arm(kill: Kill) -> None:
    owner: Any = import_module(kill.module)
    *path, name = kill.attribute.split(".")
    for part in path:
        owner = getattr(owner, part)
    setattr(owner, name, _deadly(kill, getattr(owner, name)))


def _deadly(kill: Kill, original: Callable[..., Any]) -> Callable[..., Any]:
    calls = 0

    def called(*arguments: Any, **keywords: Any) -> Any:
        nonlocal calls
        calls += kill.text in repr(arguments)
        is_now = calls == kill.nth and kill.text in repr(arguments)
        if is_now and kill.when == "torn":
            path, content, *rest = arguments
            original(path, content[: len(content) // 2], *rest, **keywords)
        if is_now and kill.when in ("before", "torn"):
            _die(kill)
        result = original(*arguments, **keywords)
        if is_now:
            _die(kill)
        return result

    return called


def _die(kill: Kill) -> NoReturn:
    if kill.with_children:
        for task in Path("/proc/self/task").iterdir():
            for pid in (task / "children").read_text().split():
                os.killpg(int(pid), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("a killed process goes on")
