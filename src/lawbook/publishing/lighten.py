"""Takes out of a built site what nobody misses: the blanks by which the theme's templates are laid out, and the files
of the theme that no page asks for.

A tenth of a page's weight, and two megabytes. Text that is set as it stands, and scripts, are left alone.
"""

from __future__ import annotations

import re
from pathlib import Path

from lawbook.publishing.light_pages import in_fewest_signs

_AS_IT_STANDS = re.compile(r"(<(?P<tag>pre|textarea|script|style)\b.*?</(?P=tag)>)", re.DOTALL)
# Text of the theme and titles, which are escaped.
_AROUND = re.compile(r"<header class=\"md-header\".*?<article|</article>.*?(?=<script)", re.DOTALL)
# Blanks of HTML alone: others are a writer's.
_LAYOUT = re.compile(r"[ \t]*\n[ \t\n]*")
# Around the article nothing but the theme's boxes stand side by side, and a text alone in its element.
_BETWEEN = re.compile(r"(?<=>)\n|\n(?=<)")
# MkDocs' own address of a heading; its title is given where scripts run, as the meanings of statuses are.
_ADDRESS = re.compile(r'<a class="headerlink" href="(#[\w.:-]+)" title="Permanent link">&para;</a>')
_NAMED = re.compile(r"(?<=md-nav__link>)<span class=md-ellipsis>([^<]*)</span>")


# Of the theme: its search, which is off, and what only a debugger reads.
UNASKED = ("assets/javascripts/lunr/**/*", "assets/javascripts/workers/*", "assets/**/*.map")


def lighten(site: Path) -> None:
    """Rewrites every page below a folder, and removes what none of them asks for."""
    for pattern in UNASKED:
        for path in site.glob(pattern):
            if path.is_file():
                path.unlink()
    for path in site.rglob("*.html"):
        html = path.read_bytes().decode("utf-8")
        path.write_bytes(lightened(html).encode("utf-8"))


def lightened(html: str) -> str:
    """The page with one line break for each run of blanks that holds one, and in fewer signs what the theme puts around
    its article.
    """
    parts = _AS_IT_STANDS.split(html)
    # Of every three parts: what lies between, what stands as it is, the name of its tag.
    parts[0::3] = [_LAYOUT.sub("\n", between) for between in parts[0::3]]
    del parts[2::3]
    page = _ADDRESS.sub(r"<a class=headerlink href=\1>¶</a>", "".join(parts))
    return _AROUND.sub(_around, page)


def _around(found: re.Match[str]) -> str:
    return _NAMED.sub(r"\1", _BETWEEN.sub("", in_fewest_signs(found[0])))
