"""KaTeX's MathML mended and in fewer bytes: what neither eyes nor ears take from it is left out.

Browsers set no element that has a child too many, and no marks inside of an operator, both of which KaTeX writes; they
do not fit tables' columns by what it says of them. `site/assets/styles/formulas.css` sets what is left where no script
draws over it: single letters without a `mathvariant` that have a slanted form stand slanted.
"""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

APPLIED = "\u2061"
# What no browser draws by, or does so without being told.
_UNSEEN = {"fence", "separator", "rowspacing", "columnspacing"}
_OF_SO_MANY = {"msub", "msup", "msubsup", "munder", "mover", "munderover", "mfrac", "mroot"}
# Beside anything else, brackets that may grow do so.
_LOW = {"math", "mrow", "mi", "mn", "mo", "mtext", "mspace"}
# Bars that enclose are not the signs of relations that KaTeX writes, which stand apart.
_BARS = {"∣": "|", "∥": "‖"}
_SLANTED = re.compile("[A-Za-zα-ϖ]")
_LETTER = re.compile("[A-Za-z]")
# A thin space, as LaTeX has it.
_ROOM = ".17em"


def light_mathml(mathml: str) -> str:
    """The inside of KaTeX's `semantics` without its annotation, to stand in an element `math`.

    Raises ValueError where it holds a character that no page may hold.
    """
    try:
        top = ElementTree.fromstring(f"<math>{mathml}</math>")
    except ElementTree.ParseError as error:
        raise ValueError("it holds a character that cannot be typeset") from error
    elements = list(top.iter())
    grows = any(element.tag not in _LOW for element in elements)
    for element in reversed(elements):  # what stands inside comes first
        _lighten(element, grows)
    rows = list(top)
    if len(rows) == 1 and rows[0].tag == "mrow":  # `math` is a row itself
        rows = list(rows[0])
    return "".join(ElementTree.tostring(part, encoding="unicode", short_empty_elements=False) for part in rows)


def _lighten(element: Element, grows: bool) -> None:
    for name in _UNSEEN.intersection(element.attrib):
        del element.attrib[name]
    if element.tag == "mi":
        _lighten_name(element)
    elif element.tag == "mo":
        element.attrib.pop("mathvariant", None)
        if "stretchy" in element.attrib:
            element.text = _BARS.get(element.text or "", element.text)
        if not grows and element.get("stretchy") == "false":
            del element.attrib["stretchy"]
        if len(element):
            element.tag = "mrow"
            element.attrib.clear()
    element[:] = [_plain(part) for part in element if part.tag != "mspace" or part.attrib]
    if element.tag in _OF_SO_MANY:
        element[:] = [part for part in element if part.text != APPLIED]
    else:
        _tell_room(element)
        _join_words(element)


def _lighten_name(name: Element) -> None:
    """Upright is said of what would else be slanted, and of names, which are longer than a letter."""
    text, upright = name.text or "", name.get("mathvariant") == "normal"
    if len(text) > 1:
        name.attrib.setdefault("mathvariant", "normal")
    elif upright and not _SLANTED.fullmatch(text):
        del name.attrib["mathvariant"]


def _plain(part: Element) -> Element:
    """What a row of one holds, in place of it."""
    return part[0] if part.tag == "mrow" and len(part) == 1 and not part.attrib else part


def _join_words(row: Element) -> None:
    """Upright letters that stand together are one name."""
    word: Element | None = None
    for part in list(row):
        is_letter = part.tag == "mi" and part.get("mathvariant") == "normal" and _LETTER.fullmatch(part.text or "")
        if is_letter and word is not None:
            word.text = f"{word.text}{part.text}"
            row.remove(part)
        else:
            word = part if is_letter else None


def _tell_room(row: Element) -> None:
    """Behind the name of a function, before anything but a bracket, stands a little room."""
    parts = list(row)
    for part, following in pairwise(parts):
        if part.tag == "mo" and part.text == APPLIED and not (following.tag == "mo" and following.text in ("(", "[")):
            part.set("rspace", _ROOM)
    if parts and parts[-1].tag == "mo" and parts[-1].text == APPLIED:
        row.remove(parts[-1])
