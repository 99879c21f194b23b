"""How each line of a panel looks, as CSS classes that the style sheet knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lawbook.evidence.record import StoredLine
from lawbook.publishing.figures.panels import Drawn

HUES = 6


@dataclass(frozen=True)
class Style:
    """How a line looks: CSS classes that the style sheet knows."""

    classes: str
    markers: bool

    @property
    def kind(self) -> str:
        """What the line is: measured, predicted, a reference, a control's."""
        return self.classes.partition(" ")[0]


def styles_of(lines: Sequence[Drawn[StoredLine]]) -> list[Style]:
    """A style for each line: hue by order among its kind, dashes for theory; all lines of a control share one.

    References differ by their dashes, unless they are a family of more than there are patterns. What was measured is
    broad and pale where theory is drawn over it, so that both are seen where they agree.
    """
    counts: dict[str, int] = {}
    own = {line.shape.role: 0 for line in lines}
    for line in lines:
        if not line.control:
            own[line.shape.role] += 1
    paired = own.get("measured", 0) == own.get("predicted", 0) > 1
    controls = list(dict.fromkeys(line.control for line in lines if line.control))
    styles = []
    for line in lines:
        kind = "control" if line.control else line.shape.role
        index = controls.index(line.control) if line.control else counts.get(kind, 0)
        counts[kind] = index + 1
        plain = (kind == "predicted" and not paired) or (kind == "reference" and own["reference"] > HUES)
        hue = "" if plain else f" hue-{index % HUES}"
        under = " under" if kind == "measured" and own.get("predicted", 0) else ""
        points = sum(1 for value in line.shape.y if value is not None)
        styles.append(Style(f"{kind}{hue}{under}", markers=kind in ("measured", "control") and points <= 40))
    return styles
