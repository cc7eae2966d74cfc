"""Running our own modules in the Python environment that holds Pulumi, which ours does not."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from shutil import which

from delivery.ephemeral.errors import ToolMissing

PYTHON = Path(".venv/ephemeral/bin/python")
KEPT = ("HOME", "LANG", "PATH", "TMPDIR")
"""Variables that a module gets besides those it is given: none of the caller's secrets."""

Listener = Callable[[str], None]


def interpreter(root: Path) -> Path:
    """Return the interpreter.

    Raises:
        ToolMissing: the environment is not installed.
    """
    if not (root / PYTHON).exists():
        raise ToolMissing(
            f"{PYTHON} does not exist",
            expected="the Python environment that holds Pulumi's libraries",
            fix="make ephemeral",
        )
    return root / PYTHON


def find_pulumi(variables: Mapping[str, str]) -> str:
    """Return the path of Pulumi's command.

    Raises:
        ToolMissing: it is not on PATH.
    """
    found = which("pulumi", path=variables.get("PATH"))
    if found is None:
        raise ToolMissing(
            "pulumi is not on PATH",
            expected="Pulumi's command line, of the version in requirements/ephemeral.in or newer, and its AWS plugin",
            why="`make ephemeral` installs Pulumi's libraries; its engine is a program of its own",
            fix="see docs/howto/ephemeral.md; --dry-run judges a cluster without it",
        )
    return found


def run(
    root: Path,
    module: str,
    *arguments: str,
    given: str,
    variables: Mapping[str, str],
    own: Mapping[str, str] | None = None,
    listener: Listener = lambda line: None,
) -> tuple[int, str]:
    """Run `python -m <module>` and return its exit code and what it printed.

    Args:
        given: its standard input. Arguments are seen by every process of the machine; this is not.
        variables: the caller's, of which KEPT are passed on.
        own: variables for it alone.
        listener: called with each line as it comes.

    Raises:
        ToolMissing: see `interpreter`.
    """
    kept = {key: variables[key] for key in KEPT if key in variables}
    process = subprocess.Popen(
        [interpreter(root).absolute(), "-m", module, *arguments],
        cwd=root,
        env={**kept, **(own or {}), "PYTHONPATH": str(root.absolute()), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(given)
    process.stdin.close()
    lines = []
    try:
        for line in process.stdout:
            lines.append(line)
            listener(line.rstrip("\n"))
    finally:
        process.wait()  # after an interruption, too: it got the same, and ends in order
    return process.returncode, "".join(lines)
