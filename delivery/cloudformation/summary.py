"""Plans of CloudFormation stacks as people read them in a pull request, and as machines do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from delivery.cloudformation.changes import Kind, ResourceChange, StackPlan


def as_text(plans: Sequence[StackPlan]) -> str:
    """Return the plans, what destroys first."""
    if not plans:
        return "no CloudFormation templates, and no stacks of earlier ones"
    return "\n".join(line for plan in plans for line in _lines(plan))


def _lines(plan: StackPlan) -> list[str]:
    if plan.is_empty:
        return [f"{plan.key}: no changes"]
    counts = ", ".join(f"{count} to {action}" for action, count in sorted(plan.counts.items()))
    whole = {Kind.CREATE: "new stack: ", Kind.DELETE: "stack is deleted, its template is gone: "}.get(plan.kind, "")
    return [
        f"{plan.key}: {whole}{counts or 'outputs or tags change'}",
        f"  digest {plan.digest}" if plan.digest else "  found by reading: a change set tells what AWS would replace",
        *(f"  {_line(change)}" for change in plan.changes),
    ]


def _line(change: ResourceChange) -> str:
    if not change.is_destructive:
        return f"{change.action:<8} {change.logical_id} ({change.type})"
    what = "LETS GO OF DATA" if change.is_kept else "DESTROYS DATA"
    kept = f"; the old one is kept: {change.policy_action}" if change.is_kept else ""
    known = " ".join(filter(None, (change.type, change.physical_id)))
    return f"{what}  {change.action:<8} {change.logical_id} ({known}{kept})"


def as_json(plans: Sequence[StackPlan]) -> dict[str, Any]:
    """Return `{<environment>/<stack>: summary}` in the shape of Terraform stacks' summaries."""
    return {plan.key: _document(plan) for plan in plans}


def _document(plan: StackPlan) -> dict[str, Any]:
    return {
        "digest": plan.digest,
        "kind": plan.kind.value,
        "counts": dict(sorted(plan.counts.items())),
        "destructive": [_change(change) for change in plan.destructive],
        "changes": [_change(change) for change in plan.changes],
        "empty": plan.is_empty,
        "read_only": plan.is_compared,
    }


def _change(change: ResourceChange) -> dict[str, Any]:
    return {"address": change.logical_id, "type": change.type, "action": change.action, "kept": change.is_kept}
