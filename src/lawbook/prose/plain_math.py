r"""Formulas as a terminal can show them: `$\lambda_{\max} \to 2/\eta$` as `λₘₐₓ → 2/η`.

It is for reading, not for calculating: a fraction is a slash, a power that has no superscript of its own stands behind
a `^`, and a command that it does not know keeps its name. It never fails; what has no balance stays as it is.
"""

from __future__ import annotations

import re
from unicodedata import normalize

from lawbook.prose.plain_symbols import (
    ACCENTS,
    ALPHABETS,
    FUNCTIONS,
    LAYOUT,
    RELATIONS,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    SYMBOLS,
    TEXTS,
)

_FORMULA = re.compile(r"(?<!\\)(?:\$\$(.+?)\$\$|\$((?:\\.|[^$\\])+)\$)", re.DOTALL)
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
# A number, one letter with its accents and scripts, or what stands between signs of its own: no product.
_ONE_THING = re.compile(r"\d+(?:\.\d+)?|[^\W\d_][′̂̃̄̇⃗₀-₉ₐ-ₜᵢ-ᵪ⁰-⁹²³¹ᵀ]*|.|[(][^()]*[)]|[‖|][^‖|]*[‖|]")
_COMMAND = re.compile(r"\\[A-Za-z]")
# Room that LaTeX does not set.
_AFTER_OPENING = re.compile(r"(\\(?:lVert|lvert|langle|lfloor|lceil))(?![A-Za-z])\s+")
_BEFORE_CLOSING = re.compile(r"\s+(?=\\(?:rVert|rvert|rangle|rfloor|rceil)(?![A-Za-z]))")
_SPACES = re.compile(r"\s+")
# A stranger's formula may nest thousands.
_DEEPEST = 40


def set_formulas(text: str) -> str:
    """The text with its formulas as symbols; displayed ones stand on a line of their own."""
    if "$" not in text:
        return text
    return _FORMULA.sub(lambda found: plain_formula(found[1] or found[2]), text).replace("\\$", "$")


def plain_formula(tex: str) -> str:
    """One formula, without its dollar signs, in Unicode."""
    try:
        closed = _BEFORE_CLOSING.sub("{}", _AFTER_OPENING.sub(r"\1{}", tex))
        return normalize("NFC", _SPACES.sub(" ", _Reader(closed).read_all()).strip())
    except _Unreadable:
        return tex


class _Unreadable(Exception):
    """Braces without balance, or far too deep."""


class _Reader:
    def __init__(self, tex: str) -> None:
        self._tokens = _TOKEN.findall(tex)
        self._at = 0
        self._depth = 0

    def read_all(self) -> str:
        parts = []
        while self._at < len(self._tokens):
            parts.append(self._item())
        return "".join(parts)

    def _next(self) -> str:
        if self._at >= len(self._tokens):
            raise _Unreadable
        self._at += 1
        return str(self._tokens[self._at - 1])

    def _item(self) -> str:
        """The next thing: a sign, a command with its arguments, a group, an index or a power."""
        token = self._next()
        if token == "{":
            return self._group()
        if token == "}":
            raise _Unreadable
        if token in ("^", "_"):
            return _script(self._argument(), token)
        if token.startswith("\\"):
            return self._command(token)
        if token.isspace():
            return " "
        return {"'": "′", "&": " ", "~": " ", "-": "−", "*": "*"}.get(token, token)

    def _group(self) -> str:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Unreadable
        parts = []
        while self._at < len(self._tokens) and self._tokens[self._at] != "}":
            parts.append(self._item())
        self._next()
        self._depth -= 1
        return "".join(parts)

    def _argument(self) -> str:
        while self._at < len(self._tokens) and self._tokens[self._at].isspace():
            self._at += 1
        return self._item()

    def _option(self) -> str:
        """What stands in brackets behind a command, if anything does."""
        if self._at < len(self._tokens) and self._tokens[self._at] == "[":
            self._at += 1
            parts = []
            while self._at < len(self._tokens) and self._tokens[self._at] != "]":
                parts.append(self._item())
            self._next()
            return "".join(parts)
        return ""

    def _command(self, command: str) -> str:
        if command in (r"\frac", r"\dfrac", r"\tfrac"):
            above, below = self._argument(), self._argument()
            return f"{_as_one(above)}/{_as_one(below)}"
        if command == r"\sqrt":
            root = self._option()
            return f"{_superscript(root) if root else ''}√{_as_one(self._argument())}"
        if command == r"\binom":
            return f"({self._argument()} over {self._argument()})"
        if command in (r"\begin", r"\end"):
            self._argument()
            return ""
        if command in TEXTS:
            return self._argument()
        if command in ALPHABETS:
            return "".join(ALPHABETS[command].get(letter, letter) for letter in self._argument())
        if command in ACCENTS:
            accented = self._argument()
            return accented[:1] + ACCENTS[command] + accented[1:]
        if command in FUNCTIONS:
            return command[1:] + self._room()
        if command in LAYOUT:
            return LAYOUT[command]
        sign = SYMBOLS.get(command, command.removeprefix("\\"))
        return f" {sign} " if sign in RELATIONS else sign

    def _room(self) -> str:
        """A space between the name of a function and a letter behind it."""
        following = self._tokens[self._at] if self._at < len(self._tokens) else ""
        return " " if following[:1].isalnum() or _COMMAND.match(following) else ""


def _script(text: str, sign: str) -> str:
    text = text.strip()
    if sign == "^":
        return _superscript(text)
    if text and all(letter in SUBSCRIPTS for letter in text):
        return "".join(SUBSCRIPTS[letter] for letter in text)
    return f"_{_as_one(text)}"


def _superscript(text: str) -> str:
    if text and all(letter in SUPERSCRIPTS for letter in text):
        return "".join(SUPERSCRIPTS[letter] for letter in text)
    return f"^{_as_one(text)}"


def _as_one(text: str) -> str:
    """The text in parentheses, unless nobody could take a part of it for the whole."""
    text = text.strip()
    return text if _ONE_THING.fullmatch(text) else f"({text})"
