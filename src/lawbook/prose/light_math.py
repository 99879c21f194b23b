"""KaTeX's HTML in a sixth of its bytes: the same boxes at the same places, without what no style sheet speaks of.

KaTeX names every atom's kind, gives each stack of boxes a strut, a table of two rows and both their heights, and
writes its three spaces out as lengths. `site/assets/styles/formulas.css` holds what all of these have in common:

- `b` a piece between which a line may end; `--h`, `--d` its height and how far it reaches below the line, where a line
  of letters has no room for it
- `v` a stack; of its children's children each is one box, moved up by `top` from three em below the line
- `q`, `f` such stacks: index and power of a letter, a fraction
- `m` a letter of mathematics; `x`, `y`, `z` sizes of indices; `r`, `o` a relation and an operator with their spaces;
  `c`, `d`, `e` a thin, a middle and a wide space
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# How far below a box's line every stack measures its places; boxes taller than it get a strut of their own.
STRUT = 3.0
TALLEST = STRUT + 1.8
# What a line of letters has room for above and below, as its fonts and its height of 1.2 em make it.
HIGHEST, DEEPEST = 0.85, -0.25
_PIECE = re.compile(r"<(?P<end>/)?(?P<tag>[a-z-]+)(?P<attributes>[^>]*?)(?P<empty>/)?>|(?P<text>[^<]+)")
_EM = re.compile(r"-?[\d.]+em")
_ATTRIBUTE = re.compile(r'([A-Za-z:-]+)="([^"]*)"')
# What the style sheets never name: kinds of atoms, which KaTeX needs while it sets them, and no longer.
_UNSTYLED = frozenset(
    re.findall(r"\w+", "mord mbin mrel mop mopen mclose mpunct minner mtight text enclosing mathdefault textstyle")
)
_SIZES = {"reset-size6 size3": "z", "reset-size3 size1": "y", "reset-size6 size1": "x"}
_SHORT = {"mathnormal": "m", "nulldelimiter": "n"}
_SPACES = {0.1667: "c", 0.2222: "d", 0.2778: "e"}
_SPACED = {"e": "r", "d": "o"}
# Whose children the style sheets find by where they stand.
_BY_PLACE = frozenset({"mfrac", "rlap", "llap", "clap", "delim-size1", "delim-size4"})
# Taken out of the line, so that their heights are their own; they stay as they are.
_WITHOUT_STRUT = frozenset({"katex-inner", "cd-vert-arrow"})


@dataclass
class _Box:
    tag: str
    kinds: list[str] = field(default_factory=list)
    style: dict[str, str] = field(default_factory=dict)
    inside: list[_Box | str] = field(default_factory=list)
    other: str = ""

    @property
    def is_plain(self) -> bool:
        return self.tag == "span" and not (self.kinds or self.style or self.other)

    def is_(self, kind: str) -> bool:
        return kind in self.kinds


def light_math(html: str) -> str:
    """The inside of KaTeX's `katex-html`, to stand in an element `lb-math`."""
    return "".join(map(_written, _light(_parsed(html), plain=True)))


def _parsed(html: str) -> list[_Box | str]:
    top = _Box("")
    open_: list[_Box] = [top]
    for piece in _PIECE.finditer(html):
        if piece["text"]:
            open_[-1].inside.append(piece["text"])
        elif piece["end"]:
            open_.pop()
        else:
            box = _box(piece["tag"], piece["attributes"])
            open_[-1].inside.append(box)
            if not piece["empty"]:
                open_.append(box)
    return top.inside


def _box(tag: str, attributes: str) -> _Box:
    if tag != "span":
        return _Box(tag, other=attributes.replace(' xmlns="http://www.w3.org/2000/svg"', ""))
    given = dict(_ATTRIBUTE.findall(attributes))
    style = dict(part.split(":", 1) for part in given.pop("style", "").split(";") if part)
    kinds = given.pop("class", "").split()
    return _Box(tag, kinds, style, other="".join(f' {name}="{value}"' for name, value in given.items()))


def _light(inside: list[_Box | str], plain: bool) -> list[_Box | str]:
    """The same row of boxes, lighter. plain: whether a box that nothing speaks of may go and leave what it holds."""
    made: list[_Box | str] = []
    for part in _with_spaces(inside):
        if isinstance(part, str):
            made.append(part)
            continue
        lighter = _lighter(part)
        made += lighter.inside if plain and lighter.is_plain else [lighter]
    return made


def _with_spaces(row: list[_Box | str]) -> Iterator[_Box | str]:
    """Relations and operators with the equal spaces on both of their sides as one."""
    place = 0
    while place < len(row):
        sign = row[place + 1] if place + 2 < len(row) else None
        space = _space(row[place])
        if (
            space in _SPACED
            and isinstance(sign, _Box)
            and _space(row[place + 2]) == space
            and not sign.style
            and all(isinstance(part, str) for part in sign.inside)
            and set(sign.kinds) <= _UNSTYLED
        ):
            yield _Box("span", [_SPACED[space]], inside=sign.inside)
            place += 3
        else:
            yield _Box("span", [space]) if space else row[place]
            place += 1


def _space(part: _Box | str) -> str:
    if isinstance(part, str) or part.kinds != ["mspace"] or part.inside or list(part.style) != ["margin-right"]:
        return ""
    return _SPACES.get(_em(part.style["margin-right"]), "")


def _lighter(box: _Box) -> _Box:
    if box.tag != "span" or _WITHOUT_STRUT.intersection(box.kinds):
        return box
    if box.is_("vlist-t"):
        return _stack(box)
    if box.is_("katex-base"):
        return _piece_of_line(box)
    kinds, style = _kinds(box.kinds), _style(box.style)
    by_place = bool(_BY_PLACE.intersection(box.kinds))
    inside = _light(box.inside, plain=not by_place)
    only = inside[0] if len(inside) == 1 else None
    if isinstance(only, _Box) and only.is_("v") and not (style or only.style or box.other):
        if box.is_("msupsub"):
            return _indices(only)
        if box.is_("mfrac"):
            return _Box("span", ["f"], inside=only.inside)
    if box.is_("frac-line") and style == {"border-bottom-width": ".04em"}:
        style = {}
    return _Box("span", kinds, style, inside, box.other)


def _kinds(given: list[str]) -> list[str]:
    """Of a box, those that matter, in short."""
    if "katex-sizing" in given:
        sizes = [kind for kind in given if "size" in kind and kind != "katex-sizing"]
        if known := _SIZES.get(" ".join(sizes)):
            given = [known, *(kind for kind in given if "size" not in kind and kind != "katex-sizing")]
    return [_SHORT.get(kind, kind) for kind in given if kind not in _UNSTYLED]


def _stack(box: _Box) -> _Box:
    """A stack's boxes without the table around them: all of its height is in the strut of its piece of the line."""
    row = box.inside[0]
    assert isinstance(row, _Box)
    cell = row.inside[0]
    assert isinstance(cell, _Box)
    boxes: list[_Box | str] = [_placed(part) for part in cell.inside if isinstance(part, _Box)]
    return _Box("span", ["v"], _style(box.style), [_Box("span", inside=boxes)])


def _placed(box: _Box) -> _Box:
    strut, *rest = box.inside
    assert isinstance(strut, _Box)
    height = _em(strut.style["height"])
    style = _style(box.style)
    kinds = [kind for kind in box.kinds if kind not in _UNSTYLED]
    if height <= TALLEST:
        style["top"] = _length(_em(box.style["top"]) + height - STRUT)
    else:
        kinds.append("p")
        style["--p"] = _length(height)
    return _Box("span", kinds, style, _light(rest, plain=False), box.other)


def _indices(stack: _Box) -> _Box:
    """A stack of indices, each with the usual room behind it."""
    (cell,) = stack.inside
    assert isinstance(cell, _Box)
    boxes = [part for part in cell.inside if isinstance(part, _Box)]
    if all(part.style.get("margin-right") == ".05em" for part in boxes):
        for part in boxes:
            del part.style["margin-right"]
        stack.kinds = ["q"]
    else:
        stack.kinds.append("msupsub")
    return stack


def _piece_of_line(box: _Box) -> _Box:
    strut, *rest = box.inside
    assert isinstance(strut, _Box)
    height, below = _em(strut.style["height"]), _em(strut.style.get("vertical-align", "0"))
    style = {}
    if height + below > HIGHEST or below < DEEPEST:
        style["--h"] = _length(height)
        if below:
            style["--d"] = _length(below)
    return _Box("span", ["b"], style, _light(rest, plain=True))


def _style(given: dict[str, str]) -> dict[str, str]:
    """Lengths in as few digits as can be seen; a thousandth of a letter's size cannot."""
    found = {}
    for name, value in given.items():
        if _EM.fullmatch(value):
            value = _length(_em(value))
        if value != "0" or not name.startswith("margin"):
            found[name] = value
    return found


def _em(value: str) -> float:
    return float(value.removesuffix("em"))


def _length(em: float) -> str:
    told = f"{em:.3f}".rstrip("0").rstrip(".")
    if abs(em) < 1:
        told = told.replace("0.", ".", 1)
    return "0" if told in ("0", "-0") else f"{told}em"


def _written(part: _Box | str) -> str:
    if isinstance(part, str):
        return part
    inside = "".join(map(_written, part.inside))
    if part.kinds and _WITHOUT_STRUT.intersection(part.kinds):
        return _whole(part)
    if part.tag != "span":
        return f"<{part.tag}{part.other}>{inside}</{part.tag}>" if inside else f"<{part.tag}{part.other}/>"
    kinds, style = " ".join(part.kinds), ";".join(f"{name}:{value}" for name, value in part.style.items())
    given = (f" class={_quoted(kinds)}" if kinds else "") + (f" style={_quoted(style)}" if style else "")
    return f"<i{given}{part.other}>{inside}</i>"


def _whole(part: _Box | str) -> str:
    """A box as KaTeX wrote it."""
    if isinstance(part, str):
        return part
    style = ";".join(f"{name}:{value}" for name, value in part.style.items())
    given = (f' class="{" ".join(part.kinds)}"' if part.kinds else "") + (f' style="{style}"' if style else "")
    return f"<{part.tag}{given}{part.other}>{''.join(map(_whole, part.inside))}</{part.tag}>"


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value
