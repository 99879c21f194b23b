"""The marks of a status in drawings: a shape for each, so that none is told by its colour alone."""

from __future__ import annotations

from lawbook.book import Status
from lawbook.publishing.figures import svg


def status_mark(status: Status | str, x: float, y: float, radius: float, *told: str) -> str:
    """A small mark: full for a pass, crossed for a fail, halved, struck through or pointed for what is between."""
    kind = f"dot lb-is-{status}"
    if status == "unverified":
        return svg.tag("circle", *told, cx=x, cy=y, r=radius, class_=kind)
    r = round(radius * 0.52, 2)
    over = {
        "fail": f"M{x - r} {y - r}L{x + r} {y + r}M{x + r} {y - r}L{x - r} {y + r}",
        "inconclusive": f"M{x - radius} {y}H{x + radius}",
        "void": f"M{x - radius} {y + radius}L{x + radius} {y - radius}",
        "error": f"M{x} {y - r - 0.6}V{y + r * 0.2}M{x} {y + r}v0.4",
    }.get(status, "")
    disc = svg.tag("circle", cx=x, cy=y, r=radius)
    return svg.tag("g", *told, disc, svg.tag("path", d=over, class_="sign") if over else "", class_=kind)
