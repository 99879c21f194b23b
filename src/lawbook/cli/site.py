"""`lawbook site`: the registry and its evidence as pages to read."""

from __future__ import annotations

import os
import signal
import socket
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

import click

from lawbook.cli.options import entry_or_exit, exit_with, registry_or_exit, root_option

if TYPE_CHECKING:
    from lawbook.publishing.generate import Generated

LARGEST_PORT = 65535
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")


@click.group("site", short_help="Generate, build or serve the site.")
def command() -> None:
    """The site: what is claimed, what was measured, and what nobody knows yet."""


@command.command()
@root_option
def generate(root: Path) -> None:
    """Write the Markdown tree to build/docs; `mkdocs build -f site/mkdocs.yml --strict` builds it.

    build/docs is Lawbook's own: what is no longer made is removed. It is refused where it holds anything else.
    """
    done = _generate(root)
    click.echo(f"build/docs: {done.files} files, {done.changed} changed, {done.removed} removed")


@command.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where to put the site (default: build/site below the root): a folder that is new, empty, or an earlier "
    "build, which is replaced whole; any other is refused.",
)
@root_option
def build(root: Path, out: Path | None) -> None:
    """Generate the tree and build the site, strictly: a broken link is an error.

    An earlier build stands until the new one is whole; where nothing changed that it shows, it stays.
    """
    from lawbook.publishing.build import build as build_site
    from lawbook.publishing.build import check_target
    from lawbook.publishing.settings import BUILT_FOLDER, SiteError
    from lawbook.publishing.standing_site import keep, stands

    target = out or root / BUILT_FOLDER
    whole = check_target(root, target)
    if stands(root, whole):
        click.echo(f"{target}: nothing changed since it was built; open {target / 'index.html'}")
        return
    done = _generate(root)
    try:
        build_site(root, target)
    except SiteError as error:
        _fail(error)
    keep(root, whole)
    click.echo(f"{target}: built from {done.files} files; open {target / 'index.html'}")


@command.command()
@click.argument("id", required=False)
@click.option("--address", default="127.0.0.1:8000", show_default=True, metavar="HOST:PORT")
@click.option("--no-open", is_flag=True, help="Only say the address of ID's page, and open no browser.")
@root_option
def serve(root: Path, id: str | None, address: str, no_open: bool) -> None:
    """Serve the site and regenerate it on every save of a claim, a checker, evidence or a page.

    The page of what was saved comes first, in seconds; all others follow.

    With ID, the page of that claim or problem is opened in a browser, once it is there.
    """
    from lawbook.publishing.addresses import entry_page
    from lawbook.publishing.serving import serve as serve_site
    from lawbook.publishing.settings import SiteError, read_settings

    page = ""
    if id is not None:
        registry = registry_or_exit(root)
        page = entry_page(registry, entry_or_exit(registry, id).id)
    _check_address(address)
    _generate(root)

    def show_edited(changed: frozenset[Path]) -> bool:
        from lawbook.publishing.edited import write_edited

        try:
            done = write_edited(root, changed)
        except Exception as error:
            click.echo(f"not regenerated: {error}", err=True)
            return False
        if done:
            click.echo(f"{done} page{'s' if done > 1 else ''} of what was saved; the others follow")
        return True

    opens = id is not None and not no_open
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server under us ends too
    try:
        # MkDocs serves a site below the path that it is published at.
        base = urlsplit(read_settings(root).site_url).path.strip("/")
        url = "/".join(filter(None, (f"http://{address}", base, page)))
        serve_site(root, address, show_edited, when_up=partial(_show, url, opens))
    except KeyboardInterrupt:
        click.echo("stopped")
    except SiteError as error:
        _fail(error)


def _show(address: str, opens: bool) -> None:
    """Say where the page is, and open it where there is a browser that can."""
    click.echo(f"serving {address}")
    # Without a display only browsers of text are found, which would take the terminal.
    if opens and (sys.platform in ("darwin", "win32") or any(map(os.environ.get, DISPLAYS))):
        import webbrowser

        with suppress(Exception):
            webbrowser.open(address)


def _check_address(address: str) -> None:
    """Refuse an address that cannot be served, before the site is built."""
    host, _, port = address.rpartition(":")
    if not (host and port.isascii() and port.isdecimal() and int(port) <= LARGEST_PORT):
        raise click.UsageError(f"--address {address} is not HOST:PORT, as 127.0.0.1:8000")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server will
            probe.bind((host.strip("[]"), int(port)))
    except OSError as error:
        said = f"--address {address}: {error.strerror}"
        raise click.UsageError(f"{said}; name another, as --address 127.0.0.1:8001") from None


def _generate(root: Path) -> Generated:
    """Generates, or prints what is wrong and exits with 2."""
    from lawbook.publishing.settings import SiteError
    from lawbook.registry.diagnostics import RegistryError

    try:
        return _generated(root)
    except RegistryError as error:
        exit_with(error.diagnostics)
    except SiteError as error:
        _fail(error)


def _generated(root: Path) -> Generated:
    from lawbook.book import open_book
    from lawbook.publishing.generate import generate as generate_tree
    from lawbook.publishing.parts import check_parts
    from lawbook.publishing.settings import DOCS_FOLDER, read_settings

    check_parts(root)
    settings = read_settings(root)
    return generate_tree(open_book(root), settings, root / DOCS_FOLDER)


def _fail(error: Exception) -> NoReturn:
    click.echo(f"Error: {error}", err=True)
    sys.exit(2)
