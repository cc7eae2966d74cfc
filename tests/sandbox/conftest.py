"""One local cloud for all tests of a process: it starts with the first test that asks for it and leaves nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox import lifecycle
from sandbox.lifecycle import Sandbox


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A running local cloud on a free port, with a state folder of its own."""
    state = tmp_path_factory.mktemp("sandbox") / "state"
    try:
        yield lifecycle.up(state)
    finally:
        lifecycle.down(state)
