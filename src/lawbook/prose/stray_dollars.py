r"""Tells a formula from prose between two dollar signs: `It costs $5 or $6 a run.` holds no formula.

Only what no formula is written like counts: English between the signs, an amount before each of them. Words of
a formula stand in `\text{…}` and operators behind a backslash, so that ordinary formulas never look like prose.
"""

from __future__ import annotations

import re

_FUNCTION_WORDS = """
an and are as at be but by each every for from has have if in into is it its more nor not of on only or over per
plus than that the their then this times to until up was were when where which while will with
"""
# Operators that are often written without their backslash: a slip of LaTeX, but a formula.
_OPERATORS = """
arccos arcsin arctan arg argmax argmin cos cosh cot cov deg det diag dim div erf exp grad inf ker lim liminf limsup
ln log max mean median min mod mse poly rank relu sgn sign sin sinh softmax sup tan tanh tr var vec
"""
_BRACES = re.compile(r"\{[^{}]*\}")
_COMMAND = re.compile(r"\\[A-Za-z]+|\\.", re.DOTALL)
_AMOUNT = re.compile(r"-?[.,]?[0-9]")
# A run of letters with blanks, or the end, on both sides; a single letter is a variable.
_WORD = re.compile(r"(?<!\S)[(\"'“‘]?([A-Za-z]+)[,;:.!?)\"'”’]*(?!\S)")
_TWO_WORDS = re.compile(r"(?<![\w\\])[A-Za-z]{3,}[,;:.]?\s+[A-Za-z]{3,}(?!\w)")
_PROSE = frozenset(_FUNCTION_WORDS.split())
_MATHEMATICS = frozenset(_OPERATORS.split())
_ONLY_AMOUNT = re.compile(r"[\s0-9.,;:/&()+–-]+")


def is_prose(content: str, before: str, after: str) -> bool:
    """Whether what stands between two dollar signs is prose rather than a formula.

    before, after: the text around the two signs, as much of it as there is; its nearest characters matter.
    """
    bare = _COMMAND.sub("{}", _without_groups(content))
    words = [word.lower() for word in _WORD.findall(bare)]
    has_words = any(word in _PROSE for word in words) or any(
        _MATHEMATICS.isdisjoint(pair.lower().split()) for pair in _TWO_WORDS.findall(bare)
    )
    has_long_word = any(len(word) > 2 and word not in _MATHEMATICS for word in words)
    is_lopsided = content[:1].isspace() != content[-1:].isspace()
    is_plain = "\\" not in content
    starts_with_amount = bool(_AMOUNT.match(content))
    return (
        has_words
        or (is_lopsided and (starts_with_amount or has_long_word))
        or (starts_with_amount and (has_long_word or (is_plain and bool(_AMOUNT.match(after)))))
        or (before[-1:].isdigit() and _ONLY_AMOUNT.fullmatch(content) is not None)
        # As between two names of a shell: $HOME/$USER.
        or (is_plain and content[-1:] in "/;:" and content[:1].isalnum() and after[:1].isalnum())
    )


def _without_groups(content: str) -> str:
    """The content with everything between braces left out, however deep."""
    while (shorter := _BRACES.sub(" ", content)) != content:
        content = shorter
    return content
