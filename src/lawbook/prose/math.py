r"""LaTeX to MathML at build time: KaTeX's own script inside an embedded JavaScript engine.

The formulas are a stranger's, so KaTeX runs without trust (no `\href`, `\includegraphics`, `\htmlClass` …),
with few macro expansions, and the engine itself has a limit of time and of memory. The same script draws over the
MathML in the reader's browser (`site/assets/scripts/formulas.js`), within the same limits. What is drawn is what is
told and copied, in its own place: no formula has colours, parts of its own for eyes and for ears, characters that
nobody sees, or much that is pushed out of its box.
"""

from __future__ import annotations

import json
import re
import threading
from functools import lru_cache
from html import escape, unescape
from pathlib import Path
from typing import Any

from lawbook.prose.characters import unseen
from lawbook.prose.light_mathml import light_mathml
from lawbook.prose.visible import spelled_out

LONGEST_FORMULA = 4_000
LONGEST_OUTPUT = 400_000
# KaTeX refuses while it parses; what is left to fail in typesetting so few nodes is neither their cost nor their size.
FEW_NODES = 100
# A formula whose MathML is no longer cannot be drawn in more than LONGEST_OUTPUT.
SHORT_MATHML = 8_000
# In em: by how much all that a formula pushes out of its place may be pushed together, upwards, downwards and back.
FARTHEST = 5
SECONDS = 2.0
MEMORY = 96 * 2**20

# JavaScript counts a character beyond the first plane as two, and KaTeX may show one of them alone.
_HALF = re.compile("[\ud800-\udfff]")
# What puts characters into a formula that KaTeX has not looked at.
_UNREAD = re.compile(r"\\(?:char|verb)")
# A command's name as KaTeX reads it; one with an @ is a part of another command's own making.
_COMMAND = re.compile(r"\\(?:[A-Za-z@]+|.)", re.DOTALL)
# With them a line of a text could be a megabyte of a page, and say what nobody finds in it.
_DEFINES = frozenset(
    rf"\{name}"
    for name in (
        "def", "gdef", "edef", "xdef", "let", "futurelet", "global", "long",
        "newcommand", "renewcommand", "providecommand",
    )
)  # fmt: skip
# What KaTeX itself writes behind a function's name and for small room; none of them turns what stands around it.
_OWN_BLANKS = re.compile("[\u2061\u2063]")
# KaTeX's output.
_PARTS = re.compile(
    r'<span class="katex"><math xmlns="http://www.w3.org/1998/Math/MathML"(?P<block>(?: display="block")?)><semantics>'
    r'(?P<mathml>.*)<annotation encoding="application/x-tex">.*?</annotation></semantics></math></span>',
    re.DOTALL,
)
KATEX = Path(__file__).parent / "katex" / "katex.min.js"
_FUNCTIONS = """
const settings = (display, output) => ({
  displayMode: display, output: output, throwOnError: true, strict: "error",
  trust: context => { throw {rawMessage: "the command " + context.command + " is not allowed here"}; },
  maxExpand: 500, maxSize: 12,
});
function count(tree) {
  if (Array.isArray(tree)) return tree.reduce((sum, part) => sum + count(part), 0);
  if (tree === null || typeof tree !== "object") return 0;
  return (tree.type ? 1 : 0) + Object.keys(tree).reduce(
    (sum, key) => key === "loc" ? sum : sum + count(tree[key]), 0);
}
// Sizes in em; characters of ten points, of which KaTeX's own are about half an em wide.
const EM = {
  em: 1, ex: 0.431, mu: 1 / 18, pt: 0.1, px: 0.1, bp: 0.1, dd: 0.107, pc: 1.2, cc: 1.284, mm: 0.285, cm: 2.845,
  in: 7.227, nd: 0.107, nc: 1.28, sp: 1e-6,
};
const em = size => size ? size.number * EM[size.unit] : 0;
const back = size => Math.max(0, -em(size));
const PUSHED = {
  kern: node => back(node.dimension), cr: node => back(node.size), raisebox: node => Math.abs(em(node.dy)),
  rule: node => Math.abs(em(node.shift)) + back(node.width) + back(node.height),
  array: node => (node.rowGaps || []).reduce((sum, gap) => sum + back(gap), 0),
  genfrac: node => back(node.barSize),
  lap: node => count(node.body) / 2, smash: node => count(node.body) / 2,
};
function parts(tree) {
  if (tree === null || typeof tree !== "object") return [];
  return [...(tree.type ? [tree] : []), ...Object.keys(tree).flatMap(key => key === "loc" ? [] : parts(tree[key]))];
}
function fault(tree) {
  const all = parts(tree);
  if (all.some(node => node.type === "color" || node.backgroundColor || node.borderColor))
    return "a formula has the colours of its page; leave colours out";
  const largest = all.some(node => node.type === "sizing") ? 2.5 : 1;
  const far = largest * all.reduce((sum, node) => sum + (node.type in PUSHED ? PUSHED[node.type](node) : 0), 0);
  if (far > FARTHEST)
    return `it pushes its parts ${far.toFixed(0)} em out of their places, over what stands there; ` +
      `the limit is ${FARTHEST} em`;
  return "";
}
function nodes(tex, display) {
  try {
    const tree = katex.__parse(tex, settings(display, "mathml"));
    return fault(tree) ? Infinity : count(tree);
  } catch (error) { return Infinity; }
}
function render(tex, display, output) {
  try {
    const wrong = fault(katex.__parse(tex, settings(display, output)));
    if (wrong) return JSON.stringify({error: wrong});
    return JSON.stringify({html: katex.renderToString(tex, settings(display, output))});
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
    """One formula as MathML, with its LaTeX for who draws or copies it; `display` sets it on lines of its own.

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
        plain = (
            len(tex) <= LONGEST_FORMULA
            and _refused(tex) is None
            and not _UNREAD.search(tex)
            and _engine().get("nodes")(tex, display) <= FEW_NODES
        )
    except Exception:  # quickjs raises its own type once a limit is hit; typesetting says what is wrong
        _engines.context = None
        plain = False
    if not plain:
        render_math(tex, display)


@lru_cache(maxsize=16_384)
def _render(tex: str, display: bool) -> str | tuple[str, int | None]:
    if len(tex) > LONGEST_FORMULA:
        return (f"the formula has {len(tex)} characters; the limit is {LONGEST_FORMULA}", None)
    if (refused := _refused(tex)) is not None:
        return refused
    typeset = _typeset(tex, display, "mathml")
    if isinstance(typeset, str) and len(typeset) > SHORT_MATHML:
        drawn = _typeset(tex, display, "html")  # for its cost and its size alone, which are the browser's
        typeset = typeset if isinstance(drawn, str) else drawn
    return _held(typeset, tex, display) if isinstance(typeset, str) else typeset


def _refused(tex: str) -> tuple[str, int] | None:
    """The first command that no formula may hold, by its name alone."""
    for command in _COMMAND.finditer(tex):
        if "@" in command[0]:
            return (f"{command[0]} is no command of LaTeX", command.start())
        if command[0] in _DEFINES:
            return (
                f"a formula defines no commands, as {command[0]} does; write out what it stands for",
                command.start(),
            )
    return None


def _typeset(tex: str, display: bool, output: str) -> str | tuple[str, int | None]:
    try:
        answer: dict[str, Any] = json.loads(_engine().get("render")(tex, display, output))
    except Exception as error:  # quickjs raises its own type, and MemoryError, once a limit is hit
        _engines.context = None
        return (f"it takes too long or too much memory to typeset ({error})", None)
    if "error" in answer:
        position = answer.get("position")
        return (spelled_out(str(answer["error"])), position if isinstance(position, int) else None)
    html = str(answer["html"])
    if _HALF.search(html):
        return ("it holds a character that cannot be typeset", None)
    if len(html) > LONGEST_OUTPUT:
        return ("the typeset formula is too large", None)
    return html


def _held(html: str, tex: str, display: bool) -> str | tuple[str, int | None]:
    """KaTeX's MathML in short, in an element that tells the formula itself."""
    parts = _PARTS.fullmatch(html)
    assert parts is not None
    if found := unseen(_OWN_BLANKS.sub("", unescape(parts["mathml"]))):
        written = _UNREAD.search(tex)
        return (f"this writes the {found[1]}; remove it: no reader sees it", written.start() if written else None)
    try:
        mathml = f"<math{parts['block']}>{light_mathml(parts['mathml'])}</math>"
    except ValueError as error:
        return (str(error), None)
    held = f'<span class="katex" data-tex="{escape(tex)}">{mathml}</span>'
    return f'<span class="katex-display">{held}</span>' if display else held


def _engine() -> Any:
    """This thread's context with the functions above; made anew after an engine has hit a limit."""
    if getattr(_engines, "context", None) is None:
        import quickjs

        context = quickjs.Context()
        context.set_memory_limit(MEMORY)
        context.set_time_limit(SECONDS)
        context.eval(KATEX.read_text(encoding="utf-8"))
        context.eval(f"const FARTHEST = {FARTHEST};{_FUNCTIONS}")
        _engines.context = context
    return _engines.context
