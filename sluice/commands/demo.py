"""`sluice demo`: everything, once, with a last page."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from sluice import laptop
from sluice.demo.last_page import show
from sluice.demo.story import Story, tell

BUSINESS_DATE = "2026-10-31"
LOG_WIDTH = 150


@click.command(epilog="Example: sluice demo --policies 500 --keep")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    default=BUSINESS_DATE,
    show_default=True,
    help="Business date to land and process.",
)
@click.option("--policies", default=200, show_default=True, help="Policies in the source files.")
@click.option("--keep", is_flag=True, help="Leave the local cloud running to look around.")
@click.option("--web", is_flag=True, help="With --keep: also start production's Airflow with its web page.")
def demo(as_of: datetime, policies: int, keep: bool, web: bool) -> None:
    """Render, provision dev and production in the local cloud, run the pipeline, and say what happened."""
    root = Path.cwd()
    console = Console(width=None if sys.stdout.isatty() else LOG_WIDTH)
    story = Story(root, console, as_of.strftime("%Y-%m-%d"), policies)
    try:
        running = tell(story)
        show(story, running)
        if keep and web:
            console.print(f"Airflow with production's DAGs: {laptop.start_web(root, running, 'prod')}")
    finally:
        if keep:
            console.print("the local cloud is still up; stop it with `make down`")
        else:
            laptop.stop(root)
