r"""LaTeX to HTML and MathML at build time: KaTeX's own script inside an embedded JavaScript engine.

The formulas are a stranger's, so KaTeX runs without trust (no `\href`, `\includegraphics`, `\htmlClass` …),
with few macro expansions, and the engine itself has a limit of time and of memory.
"""

from __future__ import annotations

import json
import re
import threading
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from lawbook.prose.light_math import light_math
from lawbook.prose.visible import spelled_out

LONGEST_FORMULA = 4_000
LONGEST_OUTPUT = 400_000
# KaTeX refuses while it parses; what is left to fail in typesetting so few nodes is neither their cost nor their size.
FEW_NODES = 100
SECONDS = 2.0
MEMORY = 96 * 2**20

# JavaScript counts a character beyond the first plane as two, and KaTeX may show one of them alone.
_HALF = re.compile("[\ud800-\udfff]")
# KaTeX's output.
_PARTS = re.compile(
    '(?:<span class="katex-display">)?<span class="katex"><span class="katex-mathml">'
    r'<math xmlns="http://www.w3.org/1998/Math/MathML"(?P<block>(?: display="block")?)><semantics>(?P<mathml>.*)'
    r'<annotation encoding="application/x-tex">.*?</annotation></semantics></math></span>'
    r'<span class="katex-html" aria-hidden="true">(?P<drawn>.*)</span></span>(?:</span>)?',
    re.DOTALL,
)
# How MathML would look; it is for ears alone.
_UNSPOKEN = re.compile(
    r' (?:stretchy|(?:min|max)size|fence|separator|[lr]space|(?:row|column)spacing|columnalign)="[^"]*"'
    r'|(?<=<m[io]) mathvariant="normal"|</?mstyle[^>]*>|<mspace[^>]*/>'
)
_LETTER = re.compile("<m[in]>[^<]</m[in]>")
_SCRIPT = Path(__file__).parent / "katex" / "katex.min.js"
_FUNCTIONS = """
const settings = display => ({
  displayMode: display, output: "htmlAndMathml", throwOnError: true, strict: "error",
  trust: context => { throw {rawMessage: "the command " + context.command + " is not allowed here"}; },
  maxExpand: 500, maxSize: 12,
});
function count(tree) {
  if (Array.isArray(tree)) return tree.reduce((sum, part) => sum + count(part), 0);
  if (tree === null || typeof tree !== "object") return 0;
  return (tree.type ? 1 : 0) + Object.keys(tree).reduce(
    (sum, key) => key === "loc" ? sum : sum + count(tree[key]), 0);
}
function nodes(tex, display) {
  try { return count(katex.__parse(tex, settings(display))); } catch (error) { return Infinity; }
}
function render(tex, display) {
  try {
    return JSON.stringify({html: katex.renderToString(tex, settings(display))});
  } catch (error) {
    if (error === null) return JSON.stringify({error: "it takes too long or too much memory to typeset"});
    return JSON.stringify({error: error.rawMessage || String(error), position: error.position});
  }
}
"""
_engines = threading.local()


class MathError(ValueError):
    """A formula that KaTeX refuses. position: where in it, from 0, or None where KaTeX does not say."""

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


def render_math(tex: str, display: bool = False) -> str:
    """One formula as KaTeX HTML with MathML for screen readers; `display` centres it on lines of its own.

    Raises MathError where the formula is not LaTeX that KaTeX knows, uses a command that could carry a link
    or markup, or costs too much.
    """
    outcome = _render(tex, display)
    if isinstance(outcome, str):
        return outcome
    raise MathError(*outcome)


@lru_cache(maxsize=16_384)
def check_math(tex: str, display: bool = False) -> None:
    """Raises MathError where `render_math` would, in a fraction of its time: only long formulas are typeset."""
    try:
        plain = len(tex) <= LONGEST_FORMULA and _engine().get("nodes")(tex, display) <= FEW_NODES
    except Exception:  # quickjs raises its own type once a limit is hit; typesetting says what is wrong
        _engines.context = None
        plain = False
    if not plain:
        render_math(tex, display)


@lru_cache(maxsize=16_384)
def _render(tex: str, display: bool) -> str | tuple[str, int | None]:
    if len(tex) > LONGEST_FORMULA:
        return (f"the formula has {len(tex)} characters; the limit is {LONGEST_FORMULA}", None)
    try:
        answer: dict[str, Any] = json.loads(_engine().get("render")(tex, display))
    except Exception as error:  # quickjs raises its own type, and MemoryError, once a limit is hit
        _engines.context = None
        return (f"it takes too long or too much memory to typeset ({error})", None)
    if "error" in answer:
        position = answer.get("position")
        return (spelled_out(str(answer["error"])), position if isinstance(position, int) else None)
    html = _light(str(answer["html"]), tex, display)
    if _HALF.search(html):
        return ("it holds a character that cannot be typeset", None)
    if len(html) > LONGEST_OUTPUT:
        return ("the typeset formula is too large", None)
    return html


def _light(html: str, tex: str, display: bool) -> str:
    """KaTeX's output in short: MathML for ears, its HTML for eyes, and the formula itself for who copies it."""
    parts = _PARTS.fullmatch(html)
    if parts is None:
        return html
    mathml = _UNSPOKEN.sub("", parts["mathml"])
    if mathml.startswith("<mrow>"):  # of all that is there, which `math` is a row of itself
        mathml = mathml.removeprefix("<mrow>").removesuffix("</mrow>")
    told, drawn = f'<span class="katex" data-tex="{escape(tex)}">', light_math(parts["drawn"])
    if _LETTER.fullmatch(mathml) and not display:  # which eyes and ears take alike
        return f"{told}<lb-math>{drawn}</lb-math></span>"
    drawn = f"{told}<math{parts['block']}>{mathml}</math><lb-math aria-hidden=true>{drawn}</lb-math></span>"
    return f'<span class="katex-display">{drawn}</span>' if display else drawn


def _engine() -> Any:
    """This thread's context with the functions above; made anew after an engine has hit a limit."""
    if getattr(_engines, "context", None) is None:
        import quickjs

        context = quickjs.Context()
        context.set_memory_limit(MEMORY)
        context.set_time_limit(SECONDS)
        context.eval(_SCRIPT.read_text(encoding="utf-8"))
        context.eval(_FUNCTIONS)
        _engines.context = context
    return _engines.context
