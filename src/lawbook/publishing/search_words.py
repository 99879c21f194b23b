"""Texts and formulas as the words that a search compares: one spelling for every way to write the same thing.

`site/assets/scripts/search.js` folds what a reader types by the same rules; a test holds the two together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# From α on, the final sigma among them.
GREEK = re.findall(
    r"\w+",
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau upsilon "
    "phi chi psi omega",
)
# After the alphabet: signs that compatibility forms do not turn into letters of it.
SIGNS = {chr(0x3B1 + place): name for place, name in enumerate(GREEK)} | {
    "∇": "nabla", "∂": "partial", "∞": "infty", "√": "sqrt", "×": "times", "→": " to ", "≈": " approx ",
    "≤": " le ", "≥": " ge ", "∑": "sum", "∏": "prod", "∫": "int", "ℓ": "ell", "ø": "o", "ł": "l", "ß": "ss",
    "−": "-", "–": "-", "—": "-", "⁄": "/", "∕": "/", "÷": "/",
}  # fmt: skip
WORD = re.compile(r"[a-z0-9]+|/")
_APOSTROPHES = re.compile("['’]")
# Names of letters that LaTeX has twice.
_VARIANT = re.compile(r"\\var(?=(?:epsilon|theta|phi|rho|sigma|pi|kappa)(?![a-zA-Z]))")
_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_SHORT_FRACTION = re.compile(r"\\[dt]?frac\s*(\d|\\[a-zA-Z]+|[a-zA-Z])\s*(\d|\\[a-zA-Z]+|[a-zA-Z])")
# Words that tell no text from another.
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "a all an and any are as at be been but by can does each for from had has have if in into is it its may more "
        "most no not of on one only or other over own per same so some such than that the their them then there these "
        "they this those to under up was what when where which while whose will with within without",
    )
)
_COMMAND = re.compile(r"\\([A-Za-z]+) ?")
_LETTERS = {name: sign for sign, name in reversed(SIGNS.items()) if len(sign) == len(sign.strip()) == 1}
# What only says how a formula looks.
_LOOKS = re.compile(
    r"\\(?:left|right|[bB]igg?[lr]?|mathrm|mathbf|mathcal|mathbb|mathsf|operatorname|text|textrm|displaystyle|limits|"
    r"quad|qquad|[,;:! ])(?![a-zA-Z])\*?"
)
_ARROWS = re.compile(r"\\(?:long)?(?:rightarrow|to|mapsto)(?![a-zA-Z])")


def fold(text: str) -> str:
    """The words of a text in small plain letters, a blank between them: `2/η` and `2/eta` are `2 / eta`."""
    plain = _APOSTROPHES.sub("", unicodedata.normalize("NFKD", text).lower())
    spelled = "".join(SIGNS.get(character, character) for character in plain if not unicodedata.combining(character))
    return " ".join(WORD.findall(spelled))


def fold_formula(tex: str) -> str:
    r"""The words of a formula, `\frac{2}{\eta}` and `\lambda_{\max}` as one would type them."""
    plain = _LOOKS.sub(" ", _ARROWS.sub(" to ", _VARIANT.sub(r"\\", tex)))
    for _ in range(4):
        plain = _SHORT_FRACTION.sub(r"\1/\2", _FRACTION.sub(r"\1/\2", plain))
    return fold(plain.replace("\\", " "))


def readable(tex: str) -> str:
    r"""A formula as a line of text: `\lambda_{\max} \to 2/\eta` as `λ_max → 2/η`."""
    plain = _LOOKS.sub(" ", _ARROWS.sub("→", _VARIANT.sub(r"\\", tex)))
    for _ in range(4):
        plain = _SHORT_FRACTION.sub(r"\1/\2", _FRACTION.sub(r"\1/\2", plain))
    spelled = _COMMAND.sub(lambda match: _LETTERS.get(match[1], match[1]), plain)
    return " ".join(spelled.replace("{", "").replace("}", "").replace("\\", "").split())


def once(texts: Iterable[str]) -> str:
    """Every word of folded texts once, in their first order; signs and lone letters left out."""
    words = dict.fromkeys(word for text in texts for word in text.split())
    return " ".join(word for word in words if len(word) > 1 and word not in _COMMON)
