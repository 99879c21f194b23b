"""Small pieces of SVG, every text and attribute escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lawbook.publishing.escaping import text as escape

# An index of a single letter (`λ_max`, never `step_size`), or a power of anything (`n^-0.5`, `L^(−1)`).
_SCRIPT = re.compile(r"(?<=(?<!\w)\w)_(?P<down>\w+)|\^(?P<up>\([^()]+\)|[-−+]?(?:\d+(?:\.\d+)?|\w+))")


def tag(name: str, *children: str, **attributes: object) -> str:
    """An element; `_` in attribute names stands for `-`, a trailing one is dropped, None leaves it out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inside = "".join(children)
    return f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>"


def escaped(content: str) -> str:
    """Text as it may stand inside an element."""
    return escape(content)


def text(content: str, x: float, y: float, **attributes: object) -> str:
    """A text element; the content is escaped."""
    return tag("text", escape(content), x=x, y=y, **attributes)


def label(content: str, x: float, y: float, **attributes: object) -> str:
    """A text element in which `λ_max` and `n^-0.5` are set as an index and a power; the content is escaped."""
    parts, done, shift = [], 0, 0.0
    for match in _SCRIPT.finditer(content):
        parts.append(_run(content[done : match.start()], -shift))
        shift = 3.0 if match["down"] else -4.0
        script = match["down"] or match["up"].strip("()").replace("-", "−")
        parts.append(tag("tspan", escape(script), dy=shift, font_size="0.78em"))
        done = match.end()
    parts.append(_run(content[done:], -shift))
    return tag("text", *parts, x=x, y=y, **attributes)


def title(content: str) -> str:
    """What a pointer that rests on the parent is told."""
    return tag("title", escape(content))


def figure(
    width: float,
    height: float,
    name: str,
    description: str,
    *children: str,
    kind: str = "plot",
    **attributes: object,
) -> str:
    """A whole drawing with its accessible name and description; further attributes as `tag` takes them."""
    return tag(
        "svg",
        tag("title", escape(name)),
        tag("desc", escape(description)),
        *children,
        class_=f"lb-svg lb-{kind}",
        viewBox=f"0 0 {_shown(width)} {_shown(height)}",
        role="img",
        aria_label=f"{name}. {description}",
        **attributes,
    )


def path(points: Iterable[tuple[float, float] | None]) -> str:
    """The `d` of a line through points; None lifts the pen."""
    parts: list[str] = []
    down = False
    for point in points:
        if point is None:
            down = False
            continue
        parts.append(f"{'L' if down else 'M'}{_shown(point[0])} {_shown(point[1])}")
        down = True
    return "".join(parts)


def dots(points: Iterable[tuple[float, float]], **attributes: object) -> str:
    """Many dots as one element: strokes of no length, which round ends turn into discs."""
    d = "".join(f"M{_shown(x)} {_shown(y)}h0" for x, y in points)
    return tag("path", d=d, **attributes) if d else ""


def _run(content: str, dy: float) -> str:
    """Text that goes back by `dy` to the line that a script has left."""
    return tag("tspan", escape(content), dy=dy) if dy and content else escape(content)


def _attribute(value: object) -> str:
    return escape(value) if isinstance(value, str) else _shown(value)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)
