"""The marks of a status in drawings: a shape for each, so that none is told by its colour alone."""

from __future__ import annotations

from lawbook.book import Status
from lawbook.publishing.figures import svg


def status_mark(
    status: Status | str, x: float, y: float, radius: float, *told: str, radius_is_styled: bool = False
) -> str:
    """A small mark: full for a pass, crossed for a fail, halved, struck through or pointed for what is between.

    radius_is_styled: whether the style sheet says it, for a thousand marks of one size.
    """
    kind = f"dot lb-is-{status}"
    size = None if radius_is_styled else radius
    if status in ("pass", "unverified"):
        fill = "none" if status == "unverified" else None
        return svg.tag("circle", *told, cx=x, cy=y, r=size, fill=fill, class_=kind)
    r = round(radius * 0.52, 2)
    over = {
        "fail": f"M{x - r:.5g} {y - r:.5g}l{2 * r:g} {2 * r:g}m0-{2 * r:g}l-{2 * r:g} {2 * r:g}",
        "inconclusive": f"M{x - radius:.5g} {y:.5g}h{2 * radius:g}",
        "void": f"M{x - radius:.5g} {y + radius:.5g}l{2 * radius:g}-{2 * radius:g}",
        "error": f"M{x:.5g} {y - r - 0.6:.5g}v{1.2 * r + 0.6:.3g}m0 {0.8 * r:.3g}v.4",
    }.get(status, "")
    disc = svg.tag("circle", cx=x, cy=y, r=size)
    return svg.tag("g", *told, disc, svg.tag("path", d=over, class_="sign") if over else "", class_=kind)
