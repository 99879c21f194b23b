"""The title of a source as a page shows it: its formulas typeset, everything else as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lawbook.prose import MathError, render_math
from lawbook.publishing import escaping
from lawbook.registry.entry import Reference
from lawbook.registry.latex_text import FORMULA

if TYPE_CHECKING:
    from markupsafe import Markup


def source_title(reference: Reference) -> Markup:
    """Safe HTML; a formula that cannot be set stays LaTeX."""
    title = reference.fields.get("title", reference.key)
    shown, end = escaping.text(""), 0
    for formula in FORMULA.finditer(title):
        shown += _plain(title[end : formula.start()]) + _typeset(formula[1], formula[0])
        end = formula.end()
    return shown + _plain(title[end:])


def _plain(text: str) -> Markup:
    return escaping.text(text.replace(r"\$", "$"))


def _typeset(tex: str, raw: str) -> Markup:
    try:
        return escaping.markup(render_math(tex.strip()))
    except MathError:
        return escaping.text(raw)
