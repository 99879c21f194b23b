"""A claim's status as a small SVG that a README can show."""

from __future__ import annotations

from collections.abc import Sequence

from lawbook.book import Status
from lawbook.publishing.figures import svg

LABEL = "lawbook"
FILLS: dict[Status, str] = {
    "pass": "#1a6b3c",
    "fail": "#a3261e",
    "inconclusive": "#7a5600",
    "void": "#5b4b82",
    "error": "#8f3a00",
    "unverified": "#5c6370",
}


def badge(id: str, status: Status, *, stale: bool = False, methods: Sequence[str] = ()) -> str:
    """A badge that says `lawbook | STATUS`; stale evidence says so, and what rests on no experiment how it knows."""
    qualified = [*(methods if methods and "experiment" not in methods else ()), *(["stale"] if stale else [])]
    shown = f"{status} ({', '.join(qualified)})" if qualified else status
    left, right = 58.0, 14.0 + 6.6 * len(shown)
    style = {"font_family": "Verdana,DejaVu Sans,sans-serif", "font_size": 11, "fill": "#fff"}
    drawn = svg.tag(
        "svg",
        svg.tag("title", svg.escaped(f"{id}: {shown}")),
        svg.tag("rect", width=left + right, height=20, rx=3, fill="#3b4252"),
        svg.tag("rect", x=left, width=right, height=20, rx=3, fill=FILLS[status]),
        svg.tag("rect", x=left, width=4, height=20, fill=FILLS[status]),
        svg.text(LABEL, left / 2, 14, text_anchor="middle", **style),
        svg.text(shown, left + right / 2, 14, text_anchor="middle", **style),
        xmlns="http://www.w3.org/2000/svg",
        width=left + right,
        height=20,
        role="img",
        aria_label=f"{id}: {shown}",
    )
    return drawn + "\n"
