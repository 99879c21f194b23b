"""Takes out of built pages what nobody misses: the blanks by which the theme's templates are laid out.

A tenth of a page's weight. Text that is set as it stands, and scripts, are left alone.
"""

from __future__ import annotations

import re
from pathlib import Path

_AS_IT_STANDS = re.compile(r"(<(?P<tag>pre|textarea|script|style)\b.*?</(?P=tag)>)", re.DOTALL)
_LAYOUT = re.compile(r"[ \t]*\n\s*")


def lighten(site: Path) -> None:
    """Rewrites every page below a folder."""
    for path in site.rglob("*.html"):
        html = path.read_bytes().decode("utf-8")
        path.write_bytes(lightened(html).encode("utf-8"))


def lightened(html: str) -> str:
    """The page with one line break for each run of blanks that holds one."""
    parts = _AS_IT_STANDS.split(html)
    # Of every three parts: what lies between, what stands as it is, the name of its tag.
    parts[0::3] = [_LAYOUT.sub("\n", between) for between in parts[0::3]]
    del parts[2::3]
    return "".join(parts)
