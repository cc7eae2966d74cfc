"""The `sluice` command and its one error boundary.

Expected mistakes carry an `exit_code` and read like a colleague's note; anything else is a bug and shows its traceback.
Exit codes: 0 ok, 1 findings or drift, 2 wrong spec or usage, 3 tool or cloud failure, 4 the gate could not reach a
verdict, 70 bug, 130 interrupted.
"""

from __future__ import annotations

import sys
import traceback
from importlib import import_module

import click

CLOUD_FAILURE = 3
BUG = 70
EXIT_CODES = (
    "Exit codes: 0 done, 1 it found or refused something and says what, 2 wrong spec or usage, 3 a tool or the cloud "
    "failed, 4 no verdict can be reached, 70 a bug in sluice, 130 interrupted"
)


SECTIONS = {
    "Write a tenant": {
        "new": "tenant:new",
        "schema": "tenant:schema",
        "render": "render:render",
    },
    "Judge it": {
        "gate": "gate:gate",
        "isolation": "isolation:isolation",
        "control": "control:control",
        "waivers": "waivers:waivers",
    },
    "Look at a change": {
        "affected": "affected:affected_command",
        "plan": "stacks:plan",
        "comment": "comment:comment",
    },
    "Deliver it": {
        "release": "release:release",
        "deploy": "deploy:deploy",
        "approve": "deploy:approve",
        "promote": "promote:promote",
        "rollback": "promote:rollback",
        "cloudformation": "cloudformation:cloudformation",
        "apply": "stacks:apply",
    },
    "Watch over environments": {
        "ledger": "ledger:ledger",
        "drift": "drift:drift",
        "recover": "recover:recover",
        "decommission": "decommission:decommission",
        "bootstrap": "bootstrap:bootstrap",
        "data": "data:data",
    },
    "Try things out": {
        "demo": "demo:demo",
        "sandbox": "sandbox:sandbox",
        "ephemeral": "ephemeral:ephemeral",
    },
}
"""{heading of the help: {verb: module of sluice.commands, and the command in it}}. Imported when asked for: some need a
second to load."""
VERBS = {verb: place for section in SECTIONS.values() for verb, place in section.items()}
WHOLE_SENTENCE = 200
"""Characters of a verb's first sentence that the help shows: all of them."""


class Verbs(click.Group):
    """The commands of VERBS, and those that were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*VERBS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in VERBS:
            module, _, command = VERBS[cmd_name].partition(":")
            return _with_exit_codes(getattr(import_module(f"sluice.commands.{module}"), command))
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for heading, section in SECTIONS.items():
            with formatter.section(heading):
                commands = {verb: self.get_command(ctx, verb) for verb in section}
                rows = [(verb, found.get_short_help_str(WHOLE_SENTENCE)) for verb, found in commands.items() if found]
                formatter.write_dl(rows)


def _with_exit_codes(command: click.Command) -> click.Command:
    """Return the command with a help that ends with what its exit codes mean, and so for those below it."""
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        below.short_help = below.get_short_help_str(WHOLE_SENTENCE)
        _with_exit_codes(below)
    if EXIT_CODES not in (command.epilog or ""):
        command.epilog = "\n\n".join(filter(None, [command.epilog, EXIT_CODES]))
    return command


@click.group(
    cls=Verbs, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(package_name=None, version="0.1.0", prog_name="sluice")
def sluice() -> None:
    """Tenant data pipelines on AWS from one spec: render, plan, apply, run.

    Start with `sluice demo`, which does all of it in a local cloud. Paths are relative to the repository's root.
    """


def main() -> None:
    """Run the command line and exit with the code that the design promises."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit code."""
    try:
        code = sluice.main(arguments, prog_name="sluice", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return 130
    except Exception as error:  # noqa: BLE001 -- the one boundary
        return _explain(error)
    return code if isinstance(code, int) else 0  # click gives a verb's Exit back as its code


def _explain(error: Exception) -> int:
    code = getattr(error, "exit_code", None)
    if code is None and type(error).__module__.startswith("botocore."):
        click.echo(f"AWS: {error}", err=True)  # no access, no such bucket, no connection: nothing of ours is broken
        return CLOUD_FAILURE
    if code is None:
        traceback.print_exception(error)
        click.echo("this is a bug in sluice; the lines above say where", err=True)
        return BUG
    click.echo(str(error), err=True)
    return int(code)
