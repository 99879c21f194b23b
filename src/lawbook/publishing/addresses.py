"""Where everything lies in the built site, and how one page reaches another."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape, unescape

from markupsafe import Markup

from lawbook.prose import render_inline, render_markdown
from lawbook.publishing.escaping import markup
from lawbook.registry.entry import Registry

# A link, with what it holds, or code outside of one.
_LINK_OR_CODE = re.compile(
    r'<a href="(?P<address>[^"]*)"(?: [a-z]+="[^"]*")*>(?P<words>.*?)</a>|<code>(?P<code>[^<]+)</code>',
    re.DOTALL,
)
_WEB = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_ENTRY_FILE = re.compile(r"(?:\.\./|\./)*(?:[a-z-]+/)?([a-z0-9-]+)\.(?:md|yaml|html)")


def entry_page(registry: Registry, id: str) -> str:
    """The built page of a claim or open problem."""
    return f"{'problems' if registry.entries[id].is_problem else 'claims'}/{id}.html"


def api_file(registry: Registry, id: str) -> str:
    """The file for programs of a claim or open problem."""
    return f"api/{entry_page(registry, id).removesuffix('.html')}.json"


@dataclass(frozen=True)
class PageTools:
    """What templates of one page need to reach others. path: of the built page, such as `claims/x.html`."""

    path: str
    registry: Registry
    formulas: Counter[str] = field(default_factory=Counter, compare=False, repr=False)

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
        return markup(_LINK_OR_CODE.sub(self._resolved, render_markdown(text, hint, self.formula)))

    def formula(self, tex: str) -> str:
        """The address of a formula on this page, made of what it says alone: it stays wherever the formula moves.

        The second and further ones that say the same are numbered.
        """
        place = f"formula-{sha256(' '.join(tex.split()).encode()).hexdigest()[:8]}"
        self.formulas[place] += 1
        number = self.formulas[place]
        return place if number == 1 else f"{place}-{number}"

    def inline(self, text: str) -> Markup:
        """One line of a claim file as safe HTML."""
        return markup(_LINK_OR_CODE.sub(self._resolved, render_inline(text)))

    def unlinked(self, text: str) -> Markup:
        """One line of a claim file as safe HTML that may stand inside a link."""
        return markup(_LINK_OR_CODE.sub(lambda match: match["words"] or match[0], render_inline(text)))

    def _resolved(self, match: re.Match[str]) -> str:
        """Web links and places of this page stay, `ID.md` leads to that entry's page; any other address leads
        nowhere and shows, so that its author sees it too.
        """
        if match["code"] is not None:
            return self._named(match)
        address = unescape(match["address"])
        if _WEB.match(address) or address.startswith("#"):
            return match[0]
        file, mark, fragment = address.partition("#")
        named = _ENTRY_FILE.fullmatch(file)
        if named and named[1] in self.registry.entries:
            there = self.entry(named[1]) + mark + fragment
            return f'<a href="{escape(there)}">{match["words"]}</a>'
        return f'{match["words"]} <span class="lb-lost">(no such page: {escape(address)})</span>'

    def _named(self, match: re.Match[str]) -> str:
        """An id or citation key in code marks leads to its page."""
        name = unescape(match["code"])
        if name in self.registry.entries:
            return f'<a href="{self.entry(name)}">{match[0]}</a>'
        if name in self.registry.references:
            place = escape(f"{self.to('bibliography.html')}#{name}")
            return f'<a href="{place}">{match[0]}</a>'
        return match[0]
