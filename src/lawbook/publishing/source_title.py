"""The title of a source as a page shows it: its formulas typeset, everything else as it stands."""

from __future__ import annotations

from markupsafe import Markup

from lawbook.prose import MathError, render_math
from lawbook.publishing.escaping import markup, text
from lawbook.registry.entry import Reference
from lawbook.registry.latex_text import FORMULA


def source_title(reference: Reference) -> Markup:
    """Safe HTML; a formula that cannot be set stays LaTeX."""
    title = reference.fields.get("title", reference.key)
    shown, end = markup(""), 0
    for formula in FORMULA.finditer(title):
        shown += text(_plain(title[end : formula.start()])) + _typeset(formula[1], formula[0])
        end = formula.end()
    return shown + text(_plain(title[end:]))


def _plain(words: str) -> str:
    return words.replace(r"\$", "$")


def _typeset(tex: str, raw: str) -> Markup:
    try:
        return markup(render_math(tex.strip()))
    except MathError:
        return text(raw)
