"""The title of a source as a page shows it: its formulas typeset, everything else as it stands."""

from __future__ import annotations

from markupsafe import Markup, escape

from lawbook.prose import MathError, render_math
from lawbook.registry.entry import Reference
from lawbook.registry.latex_text import FORMULA


def source_title(reference: Reference) -> Markup:
    """Safe HTML; a formula that cannot be set stays LaTeX."""
    title = reference.fields.get("title", reference.key)
    shown, end = Markup(), 0
    for formula in FORMULA.finditer(title):
        shown += escape(_plain(title[end : formula.start()])) + _typeset(formula[1], formula[0])
        end = formula.end()
    return shown + escape(_plain(title[end:]))


def _plain(text: str) -> str:
    return text.replace(r"\$", "$")


def _typeset(tex: str, raw: str) -> Markup:
    try:
        return Markup(render_math(tex.strip()))
    except MathError:
        return escape(raw)
