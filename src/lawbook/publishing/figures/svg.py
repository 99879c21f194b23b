"""Small pieces of SVG, every text and attribute escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lawbook.publishing.escaping import text as escape

# An index of a single letter (`λ_max`, never `step_size`), or a power of anything (`n^-0.5`, `L^(−1)`).
_SCRIPT = re.compile(r"(?<=(?<!\w)\w)_(?P<down>\w+)|\^(?P<up>\([^()]+\)|[-−+]?(?:\d+(?:\.\d+)?|\w+))")
# What needs no escaping: most values are names of classes and steps of paths.
_HARMLESS = re.compile(r"[A-Za-z0-9 .:#()-]*")
_ATTRIBUTE = re.compile(r""" (?P<name>[\w-]+)=(?:"[^"]*"|'[^']*')""")


def tag(name: str, *children: str, **attributes: object) -> str:
    """An element; `_` in attribute names stands for `-`, a trailing one is dropped, None leaves it out."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}={_attribute(value)}"
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
    """A whole drawing that says what it is and shows to who cannot see it; further attributes as `tag` takes them.

    name: "" where words beside it say it.
    """
    return tag(
        "svg",
        *children,
        class_=f"lb-svg lb-{kind}",
        viewBox=f"0 0 {_shown(width)} {_shown(height)}",
        role="img",
        aria_label=f"{name}. {description}" if name else description,
        **attributes,
    )


def twice(drawing: str, id: str) -> tuple[str, str]:
    """A drawing that stands twice on a page: whole, and as the same one shown again, which a page's script copies
    with what it says of itself.

    id: unique on the page.
    """
    head, _, inside = drawing.partition(">")
    whole = f"{head}>{tag('g', inside.removesuffix('</svg>'), id=id)}</svg>"
    told = _ATTRIBUTE.sub(lambda found: "" if found["name"].startswith("data-") else found[0], head)
    return whole, f"{told}>{tag('use', href=f'#{id}')}</svg>"


def path(points: Iterable[tuple[float, float] | None]) -> str:
    """The `d` of a line through points, each told by how far it lies from the one before; None lifts the pen.

    Steps that go straight on are one.
    """
    lines: list[tuple[tuple[int, int], list[tuple[int, int]]]] = []
    before: tuple[int, int] | None = None
    for point in points:
        if point is None:
            before = None
            continue
        place = _tenths(point)
        if before is None:
            lines.append((place, []))
        else:
            _go_on(lines[-1][1], (place[0] - before[0], place[1] - before[1]))
        before = place
    told = []
    for start, steps in lines:
        told.append(f"M{_pair(*start)}")
        told += [_pair(*step, joined=True) if index else f"l{_pair(*step)}" for index, step in enumerate(steps)]
    return "".join(told)


def _go_on(steps: list[tuple[int, int]], step: tuple[int, int]) -> None:
    """Adds a step, to the last one where it has the same direction."""
    if steps:
        last = steps[-1]
        if last[0] * step[1] == last[1] * step[0] and last[0] * step[0] + last[1] * step[1] >= 0:
            steps[-1] = (last[0] + step[0], last[1] + step[1])
            return
    steps.append(step)


def strokes(places: Iterable[tuple[float, float]], *, h: float = 0.0, v: float = 0.0) -> str:
    """The `d` of one stroke drawn at many places, level (h) or upright (v), such as the ticks of an axis."""
    across, up = _tenths((h, v))
    return _repeated(map(_tenths, places), f"v{_short(up)}" if up else f"h{_short(across)}", (across, up))


def boxes(corners: Iterable[tuple[float, float]], width: float, height: float, **attributes: object) -> str:
    """Boxes of one size as one element, by their upper left corners."""
    across, down = map(_short, _tenths((width, height)))
    return tag("path", **attributes, d=_repeated(map(_tenths, corners), f"h{across}v{down}h-{across}z"))


def dots(points: Iterable[tuple[float, float]], **attributes: object) -> str:
    """Many dots as one element, each once: strokes of no length, which round ends turn into discs."""
    drawn = _repeated(dict.fromkeys(map(_tenths, points)), "h0")
    return tag("path", **attributes, d=drawn) if drawn else ""


def place(x: float, y: float) -> str:
    """A place as a path's `d` tells it after the letter of a step."""
    return _pair(*_tenths((x, y)))


def _repeated(places: Iterable[tuple[int, int]], drawn: str, ends: tuple[int, int] = (0, 0)) -> str:
    """The same drawn at many places, each told from where the one before ends."""
    told = ""
    x = y = 0
    for place in places:
        told += f"{'m' if told else 'M'}{_pair(place[0] - x, place[1] - y)}{drawn}"
        x, y = place[0] + ends[0], place[1] + ends[1]
    return told


def _tenths(point: tuple[float, float]) -> tuple[int, int]:
    """A place in tenths of a unit, finer than can be seen."""
    return round(10 * point[0]), round(10 * point[1])


def _pair(x: int, y: int, joined: bool = False) -> str:
    """Two lengths in tenths of a unit, with no more blanks than it takes to tell them apart."""
    first, second = _short(x), _short(y)
    between = "" if second.startswith("-") else " "
    return f"{' ' if joined and not first.startswith('-') else ''}{first}{between}{second}"


def _short(tenths: int) -> str:
    whole, rest = divmod(abs(tenths), 10)
    told = (f"{whole or ''}.{rest}" if rest else str(whole)) if tenths else "0"
    return f"-{told}" if tenths < 0 else told


def _run(content: str, dy: float) -> str:
    """Text that goes back by `dy` to the line that a script has left."""
    return tag("tspan", escape(content), dy=dy) if dy and content else escape(content)


def _attribute(value: object) -> str:
    """A value in the quotes that it has fewest of, for what a script reads is full of double ones."""
    if not isinstance(value, str):
        return f'"{_shown(value)}"'
    if _HARMLESS.fullmatch(value):
        return f'"{value}"'
    told = str(escape(value))
    return f"'{told.replace('&#34;', chr(34))}'" if told.count("&#34;") > 1 else f'"{told}"'


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return str(value)
