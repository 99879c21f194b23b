"""The `lawbook` command. Each command lives in a module of its own, imported only when it is asked for."""

from __future__ import annotations

import errno
import gc
import io
import sys
from importlib import import_module
from typing import Any

import click

import lawbook
from lawbook.cli.streams import open_missing_streams
from lawbook.registry.diagnostics import printable

COMMANDS = {
    "lint": "lint",
    "list": "list_entries",
    "show": "show",
    "try": "try_check",
    "verify": "verify",
    "map": "map_law",
    "review": "review",
    "rehearse": "rehearse",
    "reproduce": "reproduce",
    "report": "report",
    "evidence": "evidence",
    "new": "new",
    "data": "data",
    "site": "site",
    "schema": "schema",
    "cite": "cite",
}


# What these build lives to their end; collecting garbage meanwhile costs a sixth of their time and finds none.
BRIEF = frozenset(("lint", "list", "show", "report", "schema", "cite"))
UNUSABLE, INTERRUPTED = 2, 130
LONGEST_WORDS = 2000


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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from lawbook.registry.suggestions import did_you_mean

            ctx.fail(f"no command '{args[0]}'; {did_you_mean(args[0], COMMANDS, noun='commands')}")
        if args[0] in BRIEF:
            gc.disable()
        return super().resolve_command(ctx, args)

    def main(self, *arguments: Any, **options: Any) -> Any:
        """As click's; but where even the words of an error cannot be written, the status is still that of one."""
        try:
            return super().main(*arguments, **options)
        except OSError:
            sys.exit(UNUSABLE)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; what the system refuses it (a full disk, a folder to read only) is told in a line.

        Ctrl-C ends with 130 wherever it comes: click's own 1 would say that a claim is not as expected.
        """
        collects = gc.isenabled()
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(INTERRUPTED)
        except click.UsageError as error:
            said = "\n".join(printable(line, LONGEST_WORDS) for line in error.format_message().split("\n"))
            raise click.UsageError(said, error.ctx) from error
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read our output has seen enough; click ends quietly
                raise
            raise SystemRefusal(error) from error
        finally:
            if collects:
                gc.enable()


class SystemRefusal(click.ClickException):
    """The system would not let a command read or write something."""

    exit_code = UNUSABLE

    def __init__(self, error: OSError) -> None:
        said = error.strerror or str(error)
        super().__init__(printable(f"{error.filename}: {said}" if error.filename else said, LONGEST_WORDS))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(lawbook.__version__, prog_name="lawbook")
def main() -> None:
    """The living registry of learning mechanics."""
    open_missing_streams()
    # Where the terminal's encoding lacks a sign such as ✓, its number is better than no output at all.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
