"""Every escape between a text and a page, each with the edit that takes it out."""

from __future__ import annotations

from dataclasses import dataclass

ESCAPING = "src/lawbook/publishing/escaping.py"
MARKUP = "src/lawbook/prose/markup.py"
VISIBLE = "src/lawbook/prose/visible.py"
ADDRESSES = "src/lawbook/publishing/addresses.py"
SVG = "src/lawbook/publishing/figures/svg.py"
FEED = "src/lawbook/publishing/feed.py"
MAIN = "site/overrides/main.html"


@dataclass(frozen=True)
class Mutant:
    """One escape taken out: in a file, `old` becomes `new`, once."""

    told: str
    file: str
    old: str
    new: str


MUTANTS = (
    Mutant(
        "text: HTML's own characters",
        ESCAPING,
        "markup(escape(spelled_out(content)))",
        "markup(spelled_out(content))",
    ),
    Mutant("text: unseen characters", ESCAPING, "markup(escape(spelled_out(content)))", "markup(escape(content))"),
    Mutant(
        "text: Markdown's characters",
        ESCAPING,
        "markup(escape(spelled_out(content)))",
        "escape(spelled_out(content))",
    ),
    *(
        Mutant(f"markup: {name}", ESCAPING, '"`~{}\\n\\t"', f'"{marks}"')
        for name, marks in (
            ("back ticks", "~{}\\n\\t"),
            ("tildes", "`{}\\n\\t"),
            ("braces", "`~\\n\\t"),
            ("line feeds", "`~{}\\t"),
            ("tabs", "`~{}\\n"),
        )
    ),
    Mutant(
        "front matter: HTML",
        ESCAPING,
        "json.dumps(text(content), ensure_ascii=False)",
        "json.dumps(spelled_out(content), ensure_ascii=False)",
    ),
    Mutant(
        "front matter: characters as they are",
        ESCAPING,
        "json.dumps(text(content), ensure_ascii=False)",
        "json.dumps(text(content))",
    ),
    Mutant(
        "front matter: YAML's quotes",
        ESCAPING,
        "Markup(json.dumps(text(content), ensure_ascii=False))",
        "text(content)",
    ),
    Mutant(
        "front matter: escaped once",
        ESCAPING,
        "json.dumps(text(content), ensure_ascii=False)",
        "json.dumps(escape(str(text(content))), ensure_ascii=False)",
    ),
    Mutant(
        "feed: unseen characters",
        ESCAPING,
        '''without the characters that XML cannot hold."""
    return spelled_out(content)''',
        '''without the characters that XML cannot hold."""
    return content''',
    ),
    Mutant("feed: attributes", FEED, "xml_text(value)", "value"),
    Mutant("feed: ids are addresses", FEED, "quote(part) for part", "part for part"),
    Mutant("addresses: schemes", ESCAPING, ' if known else ""', ""),
    Mutant("addresses: quoting", ESCAPING, 'quote(address, safe=ADDRESS_MARKS, errors="replace")', "address"),
    Mutant("JSON: no Infinity", ESCAPING, "allow_nan=False", "allow_nan=True"),
    Mutant("JSON: records", ESCAPING, '"Infinity" in written or "NaN" in written', "False"),
    Mutant("templates: every value", "src/lawbook/publishing/templates.py", "        finalize=_shown,\n", ""),
    Mutant(
        "templates: HTML is made in one place",
        "src/lawbook/publishing/templates.py",
        "isinstance(value, Markup)",
        "isinstance(value, str)",
    ),
    Mutant("svg: attributes", SVG, "return escape(value) if", "return value if"),
    Mutant("svg: text", SVG, 'return tag("text", escape(content), x=x', 'return tag("text", content, x=x'),
    Mutant("svg: labels", SVG, "else escape(content)\n", "else content\n"),
    Mutant("svg: indices", SVG, 'tag("tspan", escape(script)', 'tag("tspan", script'),
    Mutant("svg: titles", SVG, 'return tag("title", escape(content))', 'return tag("title", content)'),
    Mutant("svg: names of figures", SVG, 'tag("title", escape(name))', 'tag("title", name)'),
    Mutant("svg: descriptions", SVG, 'tag("desc", escape(description))', 'tag("desc", description)'),
    Mutant(
        "svg: clipped labels",
        SVG,
        '''inside an element."""
    return escape(content)''',
        '''inside an element."""
    return content''',
    ),
    Mutant(
        "prose: the sanitiser",
        MARKUP,
        'link_rel="noopener nofollow ugc"\n    )',
        'link_rel="noopener nofollow ugc"\n    ) and html',
    ),
    Mutant("prose: no raw HTML", MARKUP, '{"html": False}', '{"html": True}'),
    Mutant("prose: no images", MARKUP, '.disable("image")', ""),
    Mutant(
        "prose: addresses that run",
        MARKUP,
        'setattr(parser, "validateLink", _leads_somewhere)',
        'setattr(parser, "validateLink", bool)',
    ),
    Mutant(
        "prose: unseen characters",
        MARKUP,
        "token.content = spelled_out(token.content)",
        "pass",
    ),
    Mutant("prose: languages of code", MARKUP, '"ol": {"start"}', '"ol": {"start"}, "code": {"class"}'),
    Mutant(
        "prose: unseen in attributes",
        MARKUP,
        "spelled_out(value) if isinstance(value, str) else value",
        "value",
    ),
    Mutant(
        "prose: halves of characters",
        "src/lawbook/prose/math.py",
        'spelled_out(str(answer["error"]))',
        'str(answer["error"])',
    ),
    Mutant("prose: what formulas mean", MARKUP, "{escape(spelled_out(said))}", "{said}"),
    Mutant("prose: bad formulas", MARKUP, "{escape(tex)}</code>", "{tex}</code>"),
    Mutant("prose: reasons of bad formulas", MARKUP, "{escape(str(error))}", "{error}"),
    Mutant("unseen: control characters", VISIBLE, "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f", ""),
    Mutant("unseen: direction marks", VISIBLE, "\\u2028-\\u202e\\u2060-\\u206f", ""),
    Mutant("unseen: not characters", VISIBLE, "\\ufdd0-\\ufdef\\ufffe\\uffff", ""),
    Mutant("unseen: not characters of other planes", VISIBLE, "range(1, 15)", "range(1, 1)"),
    Mutant("unseen: private", VISIBLE, "\\ue000-\\uf8ff", ""),
    Mutant("links: fragments kept", ADDRESSES, "self.entry(named[1]) + mark + fragment", "self.entry(named[1])"),
    Mutant("links: fragments escaped", ADDRESSES, 'href="{escape(there)}"', 'href="{there}"'),
    Mutant("links: schemes in any case", ADDRESSES, "re.IGNORECASE", "0"),
    Mutant(
        "links: lost ones show",
        ADDRESSES,
        """ <span class="lb-lost">(no such page: {escape(address)})</span>""",
        "",
    ),
    Mutant("links: lost ones escaped", ADDRESSES, "{escape(address)}", "{address}"),
    Mutant(
        "links: none inside another",
        ADDRESSES,
        'match["words"] or match[0], render_inline',
        "match[0], render_inline",
    ),
    Mutant(
        "code: unseen characters",
        "src/lawbook/publishing/source_code.py",
        "spelled_out(text), get_lexer_by_name",
        "text, get_lexer_by_name",
    ),
    Mutant("sources: names in addresses", "src/lawbook/publishing/words.py", "quote(doi, safe=_IN_NAMES)", "doi"),
    Mutant("settings: names of the site", MAIN, "config.update({key: config[key] | e})", "1"),
    Mutant("policy: there is one", MAIN, '<meta http-equiv="Content-Security-Policy"', '<meta name="policy"'),
    Mutant("policy: no script in a page", MAIN, "script-src 'self'", "script-src 'self' 'unsafe-inline'"),
    Mutant("policy: the theme's scripts in files", MAIN, "script-src 'self'", "script-src 'none'"),
    Mutant(
        "claim: title",
        "site/templates/claim.md.jinja",
        "(claim.title | plain or entry.id) | front_matter",
        "(claim.title | plain or entry.id) | tojson",
    ),
    Mutant(
        "claim: description",
        "site/templates/claim.md.jinja",
        "truncate(180) | front_matter",
        "truncate(180) | tojson",
    ),
    Mutant(
        "problem: title",
        "site/templates/problem.md.jinja",
        "(problem.title | plain or entry.id) | front_matter",
        "(problem.title | plain or entry.id) | tojson",
    ),
    Mutant(
        "problem: description",
        "site/templates/problem.md.jinja",
        "truncate(180) | front_matter",
        "truncate(180) | tojson",
    ),
)
