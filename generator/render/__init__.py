"""From stacks to files: values for the templates, the text they lay out, and what is written or refused on disk."""

from __future__ import annotations

from generator.render.tree import Tree, check_render, render, render_project, render_tree
from generator.render.writer import Drift, RenderConflict, RenderResult

__all__ = [
    "Drift",
    "RenderConflict",
    "RenderResult",
    "Tree",
    "check_render",
    "render",
    "render_project",
    "render_tree",
]
