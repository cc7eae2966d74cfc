"""The tree of the sample tenant in both environments, rendered once."""

from __future__ import annotations

import pytest

from generator.render import Tree, render_tree
from tests.generator import samples


@pytest.fixture(scope="session")
def tree() -> Tree:
    return render_tree([samples.tenant()], samples.environments())
