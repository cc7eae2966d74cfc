"""The way into the accounts of the tests' local cloud."""

from __future__ import annotations

import pytest

from sandbox.aws.accounts import Door
from sandbox.lifecycle import Sandbox


@pytest.fixture
def door(sandbox: Sandbox) -> Door:
    return Door(sandbox.endpoint)
