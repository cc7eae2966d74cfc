"""Options that tests of every package share, and which files begin first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.worker_groups import LoadSharedScheduling

LONGEST = (
    "jenkins/test_scenarios.py",
    "end_to_end/",
    "tests/spark_jobs/",
    "delivery/recover/test_killed_apply.py",
    "delivery/decommission/test_terraform.py",
    "delivery/kill_matrix/",
    "delivery/deploy/",
    "modules/",
)
"""Files that take minutes, mostly by waiting: begun last, they would be waited for by idle workers."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="accept what is rendered now as the golden files")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: next((i for i, path in enumerate(LONGEST) if path in item.nodeid), len(LONGEST)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadSharedScheduling | None:
    from tests.worker_groups import LoadSharedScheduling  # noqa: PLC0415 -- Airflow's environment has no xdist

    return LoadSharedScheduling(config, log) if config.option.dist == "loadfile" else None
