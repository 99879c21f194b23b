"""Where everything lies in the built site, and how one page reaches another."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from lawbook.prose import render_inline, render_markdown
from lawbook.registry.entry import Registry

_LINK = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_CODE = re.compile(r"<code>([^<]+)</code>")
_ENTRY_FILE = re.compile(r"(?:\.\./|\./)*(?:[a-z-]+/)?([a-z0-9-]+)\.(?:md|yaml|html)")


def entry_page(registry: Registry, id: str) -> str:
    """The built page of a claim or open problem."""
    return f"{'problems' if registry.entries[id].is_problem else 'claims'}/{id}.html"


@dataclass(frozen=True)
class PageTools:
    """What templates of one page need to reach others. path: of the built page, such as `claims/x.html`."""

    path: str
    registry: Registry

    def to(self, target: str) -> str:
        """A relative address of a built file, with its fragment if it has one."""
        file, mark, fragment = target.partition("#")
        here = posixpath.dirname(self.path) or "."
        return posixpath.relpath(file, here) + mark + fragment

    def entry(self, id: str) -> str:
        """A relative address of a claim's or problem's page."""
        return self.to(entry_page(self.registry, id))

    def markdown(self, text: str, hint: Callable[[str], str] | None = None) -> Markup:
        """Text of a claim file as safe HTML, with links between entries and to sources.

        hint: what to say of a formula under the pointer, as `render_markdown` has it.
        """
        return Markup(self._linked(render_markdown(text, hint)))

    def inline(self, text: str) -> Markup:
        """One line of a claim file as safe HTML."""
        return Markup(self._linked(render_inline(text)))

    def unlinked(self, text: str) -> Markup:
        """One line of a claim file as safe HTML that may stand inside a link."""
        return Markup(_LINK.sub(lambda match: match[2], render_inline(text)))

    def _linked(self, html: str) -> str:
        html = _LINK.sub(self._resolved, html)
        return _CODE.sub(self._named, html) if "<code>" in html else html

    def _resolved(self, match: re.Match[str]) -> str:
        """Web links stay; `ID.md` leads to that entry's page; any other relative address leads nowhere."""
        address, words = match[1], match[2]
        if address.startswith(("https://", "http://", "mailto:")):
            return match[0]
        named = _ENTRY_FILE.fullmatch(address.partition("#")[0])
        if named and named[1] in self.registry.entries:
            return f'<a href="{self.entry(named[1])}">{words}</a>'
        return words

    def _named(self, match: re.Match[str]) -> str:
        """An id or citation key in code marks leads to its page."""
        name = match[1]
        if name in self.registry.entries:
            return f'<a href="{self.entry(name)}">{match[0]}</a>'
        if name in self.registry.references:
            return f'<a href="{self.to("bibliography.html")}#{name}">{match[0]}</a>'
        return match[0]
