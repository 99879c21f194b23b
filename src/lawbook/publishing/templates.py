"""The Jinja environment: every text through `escaping`, undefined names are errors, filters for numbers and words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from lawbook.prose import plain_text
from lawbook.publishing import escaping, numbers, words
from lawbook.publishing.cards import card_path
from lawbook.publishing.settings import package_site
from lawbook.publishing.source_title import source_title
from lawbook.registry.parameter_merge import dotted


def environment(folder: Path) -> Environment:
    """An environment over the engine's templates, each replaced by one of its name in the folder."""
    templates = Environment(
        loader=FileSystemLoader([folder, package_site() / "templates"]),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        # `{#` opens an anchor in Markdown's headings.
        comment_start_string="<#",
        comment_end_string="#>",
    )
    templates.filters.update(
        number=numbers.number,
        estimate=numbers.estimate,
        bounds=numbers.bounds,
        region=numbers.region,
        duration=numbers.duration,
        plain=plain_text,
        card_path=card_path,
        front_matter=escaping.front_matter,
        verb=words.verb,
        inverse=words.inverse,
        day=words.day,
        minute=words.minute,
        value=words.value,
        dotted=dotted,
        names=words.names,
        address=words.address,
        venue=words.venue,
        source_title=source_title,
        symbols=words.symbols,
        minus=words.minus,
        sentence=words.sentence,
    )
    return templates


def _shown(value: Any) -> Markup:
    """What `{{ value }}` writes: HTML of our making as it is, everything else as text."""
    return value if isinstance(value, Markup) else escaping.text(str(value))
