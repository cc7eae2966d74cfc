"""The provider as one process that Terraform attaches to, for commands that need its schemas and nothing else.

To start it for each command, with its 700 MB hashed and its schemas read anew, cost more than all else in these tests.
A plan of a real account must never attach: one process has one configuration.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ANNOUNCED = re.compile(r"^\s*TF_REATTACH_PROVIDERS='(?P<value>.+)'$", re.MULTILINE)
"""Source: Terraform, "Debugging Providers"."""
START_SECONDS = 120


@contextmanager
def attachable(initialised: Path) -> Iterator[dict[str, str]]:
    """Run the provider that `initialised`, a folder after `terraform init`, has installed.

    Yields:
        the variables with which Terraform speaks to it.
    """
    [binary] = initialised.glob(".terraform/providers/*/*/*/*/*/terraform-provider-*")
    log = initialised / "provider.log"
    with log.open("wb") as output:
        process = subprocess.Popen([str(binary), "-debug"], stdout=output, stderr=subprocess.STDOUT)
    try:
        yield {"TF_REATTACH_PROVIDERS": _announced(process, log)}
    finally:
        process.terminate()
        process.wait()


def _announced(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if found := ANNOUNCED.search(log.read_text()):
            return found["value"]
        time.sleep(0.1)
    raise AssertionError(f"the provider did not start:\n{log.read_text()}")
