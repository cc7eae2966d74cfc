"""What `sluice plan --out` keeps for people, for the pull request's comment and for whoever approves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from delivery.affected import Affected, as_json
from delivery.change_report import AFFECTED, CLOUDFORMATION, FAILED, ISOLATION, MADE, SUMMARY
from delivery.cloudformation.summary import as_json as as_summaries
from delivery.errors import DeliveryError
from delivery.git import UnknownRevision, resolve
from delivery.plan_markdown import summary_markdown
from delivery.plan_reading import ReadPlan, keep_json, write_private
from delivery.walk import StacksFailed
from delivery.workspace import StackId
from sluice.compared_templates import ComparedTemplates
from sluice.planning import PlanReader

MARKDOWN = "summary.md"
TEMPLATES = "cloudformation.json"
SAID = 2
"""Lines kept of why a stack could not be planned: what failed, and the first thing that the tool said."""
OLD = (SUMMARY, MARKDOWN, AFFECTED, FAILED, MADE, ISOLATION, CLOUDFORMATION, "*/*/plan.json")


@contextmanager
def kept(
    root: Path,
    reader: PlanReader,
    folder: Path | None,
    affected: Affected | None,
    templates: ComparedTemplates | None = None,
) -> Iterator[None]:
    """Write what was read during the block to `folder`, also where some stacks could not be planned.

    What an earlier run kept there is removed first, with what later steps found out about it, so that nothing old is
    taken for new.
    """
    if folder is None:
        yield
        return
    for path in (path for pattern in OLD for path in folder.glob(pattern)):
        path.unlink()
    try:
        yield
    except StacksFailed as error:
        more = templates.errors if templates else {}
        _keep(root, folder, reader.reads, templates, affected, {**more, **error.errors})
        raise
    _keep(root, folder, reader.reads, templates, affected, {})


def _keep(
    root: Path,
    folder: Path,
    plans: Mapping[StackId, ReadPlan],
    templates: ComparedTemplates | None,
    affected: Affected | None,
    failed: Mapping[StackId, DeliveryError],
) -> None:
    for read in plans.values():
        keep_json(read, folder)
    summaries = {str(stack): read.summary.as_json() for stack, read in sorted(plans.items())}
    own = as_summaries(templates.plans) if templates else {}
    errors = {str(stack): " ".join(error.what.split("\n")[:SAID]) for stack, error in sorted(failed.items())}
    documents = {
        SUMMARY: summaries,
        TEMPLATES: own if templates else None,
        AFFECTED: as_json(affected) if affected else None,
        FAILED: errors or None,
        MADE: {"commit": head(root)},
    }
    for name, document in documents.items():
        if document is not None:
            write_private(folder / name, json.dumps(document, indent=1) + "\n")
    decommission = [str(stack) for stack in affected.decommission] if affected else []
    write_private(folder / MARKDOWN, summary_markdown({**summaries, **own}, decommission, errors))


def head(root: Path) -> str:
    """Return the commit of the checkout; empty where there is none, which no comment takes."""
    try:
        return resolve(root, "HEAD")
    except UnknownRevision:
        return ""
