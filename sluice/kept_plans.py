"""What `sluice plan --out` keeps for people, for the pull request's comment and for whoever approves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from delivery.affected import Affected, as_json
from delivery.errors import DeliveryError
from delivery.plan_markdown import summary_markdown
from delivery.plan_reading import ReadPlan, keep_json, write_private
from delivery.walk import StacksFailed
from delivery.workspace import StackId
from sluice.planning import PlanReader

SUMMARY, MARKDOWN, AFFECTED, FAILED = "summary.json", "summary.md", "affected.json", "failed.json"


@contextmanager
def kept(reader: PlanReader, folder: Path | None, affected: Affected | None) -> Iterator[None]:
    """Write what was read during the block to `folder`, also where some stacks could not be planned.

    What an earlier run kept there is removed first, so that nothing old is taken for new.
    """
    if folder is None:
        yield
        return
    for path in (*(folder / name for name in (SUMMARY, MARKDOWN, AFFECTED, FAILED)), *folder.glob("*/*/plan.json")):
        path.unlink(missing_ok=True)
    try:
        yield
    except StacksFailed as error:
        _keep(folder, reader.reads, affected, error.errors)
        raise
    _keep(folder, reader.reads, affected, {})


def _keep(
    folder: Path,
    plans: Mapping[StackId, ReadPlan],
    affected: Affected | None,
    failed: Mapping[StackId, DeliveryError],
) -> None:
    for read in plans.values():
        keep_json(read, folder)
    summaries = {str(stack): read.summary.as_json() for stack, read in sorted(plans.items())}
    errors = {str(stack): error.what.splitlines()[0] for stack, error in sorted(failed.items())}
    documents = {SUMMARY: summaries, AFFECTED: as_json(affected) if affected else None, FAILED: errors or None}
    for name, document in documents.items():
        if document is not None:
            write_private(folder / name, json.dumps(document, indent=1) + "\n")
    decommission = [str(stack) for stack in affected.decommission] if affected else []
    write_private(folder / MARKDOWN, summary_markdown(summaries, decommission, errors))
