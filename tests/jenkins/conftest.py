"""The harness, compiled once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.jenkins.jenkins import Harness


@pytest.fixture(scope="session")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    found = Harness(tmp_path_factory.mktemp("harness"))
    yield found
    found.stop()
