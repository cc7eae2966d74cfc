"""`sluice affected`: which stacks a change can touch, for people and for Jenkins."""

from __future__ import annotations

import json
from pathlib import Path

import click

from delivery.affected import Affected, affected, as_json
from delivery.git import branch_point, changed_paths, stacks_at
from delivery.workspace import rendered_stacks
from generator.render import Drift, check_render

RENDERED_FROM = ("environments/", "generator/", "spark_jobs/runtime/")
"""What every tenant's rendered files come from; a change there asks for a look at all of them."""
HEADINGS = {
    "plan": "plan, because what Terraform reads has changed",
    "gate": "judge again",
    "decommission": "decommission, because nothing renders them any more (sluice decommission TENANT --env ENV)",
}


class StaleRender(Exception):
    """Rendered files are not what the specs say, so the answer would miss stacks."""

    exit_code = 1

    def __init__(self, drift: list[Drift]) -> None:
        lines = "\n".join(str(item) for item in drift[:20])
        super().__init__(
            f"{lines}\n{len(drift)} rendered files are stale: stacks would be missed\n  fix:      sluice render"
        )


@click.command("affected", epilog="Example: sluice affected --base origin/main")
@click.option("--base", required=True, help="Revision to compare the working tree with.")
@click.option("--json", "machine", is_flag=True, help="Print one JSON object.")
def affected_command(base: str, machine: bool) -> None:
    """Name the stacks that the change since BASE can touch: to plan, to judge again, to decommission.

    Compared is with where this branch left BASE, so that what others did there since is no change of this one.
    """
    root = Path.cwd()
    result = affected_since(root, base)
    if machine:
        click.echo(json.dumps(as_json(result)))
        return
    for key, heading in HEADINGS.items():
        names = as_json(result)[key]
        click.echo(f"{heading}: {len(names) or 'none'}")
        for name in names:
            click.echo(f"  {name}")


def affected_since(root: Path, base: str) -> Affected:
    """Return what the change since this branch left `base` can touch.

    Raises:
        StaleRender: rendered files of a changed tenant are not fresh.
        UnknownRevision, SpecErrors: see there.
    """
    since = branch_point(root, base)
    changed = changed_paths(root, since)
    drift = check_render(root, _to_check(changed))
    if drift:
        raise StaleRender(drift)
    environments = sorted(path.parent.name for path in root.glob("environments/*/environment.yaml"))
    now = [stack for name in environments for stack in rendered_stacks(root, name)]
    return affected(root, changed, before=stacks_at(root, since), now=now)


def _to_check(changed: set[str]) -> set[str] | None:
    """Return the tenants whose rendered files must be fresh for a sound answer; None for all."""
    specs = {path for path in changed if "/rendered/" not in path}
    if any(path.startswith(RENDERED_FROM) for path in specs):
        return None
    owned = {
        path.split("/")[1] for path in specs if path.startswith(("tenants/", "spark_jobs/")) and path.count("/") > 1
    }
    rendered = {path.split("/")[3] for path in changed if path.startswith("environments/") and path.count("/") > 3}
    return {name.replace("_", "-") for name in owned} | owned | rendered
