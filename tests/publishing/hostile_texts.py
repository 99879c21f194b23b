"""Texts that would do harm, run, hide or break what they stand in, were they put into a page as they are.

Each that could run something would set `data-pwned` on the page's body; each that could make an element makes one
that no page of ours has.
"""

PWN = "document.body.dataset.pwned=1"
TEXTS = (
    "Quagga & B <c> &amp; &lt;d&gt; \"e\" 'f'",
    f"<script>{PWN}</script><pwned>",
    f"Zebra <img src=x onerror={PWN}>",
    f'"><script>{PWN}</script><pwned a="',
    f"' onfocus={PWN} autofocus pwned='",
    f"</title></head><body onload={PWN}><pwned>",
    f"</textarea></style></script><script>{PWN}</script>",
    f"</svg></div></section><svg onload={PWN}><pwned/>",
    f"--> <!-- --!> ]]> <![CDATA[ <?php ?> <pwned onclick={PWN}>",
    f"[a](javascript:{PWN}) [b](JaVaScRiPt&colon;{PWN}) <javascript:{PWN}>",
    f"[a](data:text/html,<script>{PWN}</script>) ![b](data:image/svg+xml,<svg/onload={PWN}>)",
    f"javascript:{PWN}",
    "```\nfenced\n```\nafter",
    "~~~html\n<pwned>\n~~~",
    "~~~~\n```\nx < y & 'z' &amp;\n```\n~~~~\n\n> ```\n> quoted\n> ```\n\n1. one\n\n   ```\n   in a list\n   ```",
    f"> ```js\n> {PWN}",
    "---\ntitle: pwned\n---\n...\n",
    "title: pwned\n\n# pwned {: .pwned onclick=pwned }",
    '!!! pwned "pwned"\n    pwned\n\n??? pwned\n\n=== "pwned"\n\n::: pwned',
    '--8<-- "pwned.md"\n;--8<--\npwned.md\n',
    "    four blanks\n\n\ttab\n\n<div markdown=1>*pwned*</div>",
    "{{ 7 * 7 }} {% raw %} {# pwned #} ${7*7} <%= 7 %> {: pwned=pwned }",
    "astral 🚀 𝒩 𝔼 👩\u200d🚀 in a title",
    "not characters \ufffe \uffff \U0001fffe \ufdd0 end",
    "marks \u202e turned \u202c \u2066 \u200f \ufeff \u200b \u2028 end",
    "control \x00 \x01 \x07 \x1b[31mred\x1b[0m \x7f \x85 \x9b \r end",
    "private \ue0000\ue001 and &#xE000;7&#xE001; and &#x202E; end",
    "```&#xE000;0&#xE001;\n&#xE000;0&#xE001;\n```\n$x$",
    "wzxhzdk:0 \x02wzxhzdk:0\x03 \x02amp\x03 klzzwxh:0003",
    "long " + "w" * 300 + " 0x" + "f" * 300,
    "$\\text{</annotation><pwned>}$ $\\href{javascript:pwned}{x}$ $$\\frac{1$$ $&#x202E;$",
    f"=cmd|' /C calc'!A0\n@pwned\n[x]: javascript:{PWN}\n\n[x]",
    "[lost](nowhere-at-all.md) [ftp](ftp://a.example/) [twice](//evil.example/) `gauss1809theoria`",
    "\u200b",
)
