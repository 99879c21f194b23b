"""Text from claim files, made into HTML that is safe to publish: Markdown with math, nothing that can run.

Importing the package is cheap; the Markdown parser, KaTeX and the engine that runs it load on first use.
"""

from lawbook.prose.markup import plain_text, render_inline, render_markdown
from lawbook.prose.math import MathError, check_math, render_math
from lawbook.prose.mathcheck import BadMath, bad_math
from lawbook.prose.visible import spelled_out

__all__ = [
    "BadMath",
    "MathError",
    "bad_math",
    "check_math",
    "plain_text",
    "render_inline",
    "render_markdown",
    "render_math",
    "spelled_out",
]
