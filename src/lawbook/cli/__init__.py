"""The `lawbook` command. Each command lives in a module of its own, imported only when it is asked for."""

from __future__ import annotations

from importlib import import_module

import click

import lawbook

COMMANDS = {
    "lint": "lint",
    "list": "list_entries",
    "show": "show",
    "verify": "verify",
    "reproduce": "reproduce",
    "report": "report",
    "new": "new",
    "data": "data",
    "site": "site",
    "schema": "schema",
    "cite": "cite",
}


class LazyGroup(click.Group):
    """A group whose commands are imported on use, so that `lint` and `list` start fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"lawbook.cli.{COMMANDS[cmd_name]}")
        command = module.command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(lawbook.__version__, prog_name="lawbook")
def main() -> None:
    """The living registry of learning mechanics."""
