"""Decodes the LaTeX of a bibliography into plain Unicode text, leaving mathematics between `$` alone."""

from __future__ import annotations

import re
from unicodedata import normalize

_ENCODED = re.compile(r"[\\~`$]|--|''")
# A formula of a field, its LaTeX as the group; a dollar sign behind a backslash is the sign itself.
FORMULA = re.compile(r"(?<!\\)\$((?:\\.|[^$\\])*)\$")
_FONT = re.compile(r"\\(?:emph|textit|textbf|texttt|textsc|textrm|em|it|bf|sc|tt|rm)(?![A-Za-z])\s*")
_ACCENTED_DOTLESS = re.compile(r"(\\[`'^\"~=.uvH])\s*(?:\{\\([ij])\}|\\([ij])(?![A-Za-z]))")
# Where a word may be broken, and where a ligature must not form: nothing to see.
_BREAK = re.compile(r"\\[-/]")
_COMMAND = re.compile(r"\\(?:[A-Za-z]+|[^$\s])")
_ESCAPED = re.compile(r"\\([_%&#~])")
_FIRST_STAND_IN = 0xE000


class UnknownLatex(ValueError):
    """A LaTeX command that has no plain-text form here."""


def decode_latex(value: str) -> str:
    """A field's value as Unicode: accents and symbols decoded, braces dropped, `$…$` kept as it stands.

    Raises UnknownLatex for a command outside mathematics that has no plain form.
    """
    if not _ENCODED.search(value):
        return normalize("NFC", value.replace("{", "").replace("}", ""))
    from pybtex.exceptions import PybtexError
    from pybtex.richtext import Text

    formulas = [formula.group() for formula in FORMULA.finditer(value)]
    stand_ins = iter(range(_FIRST_STAND_IN, _FIRST_STAND_IN + len(formulas)))
    plain = FORMULA.sub(lambda _: chr(next(stand_ins)), value)
    plain = _ACCENTED_DOTLESS.sub(
        lambda accent: f"{accent[1]}{{{accent[2] or accent[3]}}}", _BREAK.sub("", _FONT.sub("", plain))
    )
    try:
        decoded = str(Text.from_latex(plain)).replace("\u00a0", " ")
    except (ValueError, PybtexError) as error:
        raise UnknownLatex(f"LaTeX that cannot be read in '{value}'") from error
    unknown = _COMMAND.search(decoded)
    if unknown:
        raise UnknownLatex(f"the LaTeX command '{unknown.group()}' has no plain form")
    for index, formula in enumerate(formulas):
        decoded = decoded.replace(chr(_FIRST_STAND_IN + index), formula)
    return normalize("NFC", decoded)


def decode_verbatim(value: str) -> str:
    """An address or identifier: only the escapes that BibTeX styles ask for are undone."""
    return _ESCAPED.sub(r"\1", value)
