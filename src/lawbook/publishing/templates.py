"""The Jinja environment: escaping everywhere, undefined names are errors, filters for numbers and words."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lawbook.prose import plain_text
from lawbook.publishing import numbers, words
from lawbook.registry.parameter_merge import dotted


def environment(folder: Path) -> Environment:
    """An environment over the templates in a folder."""
    templates = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
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
        verb=words.verb,
        inverse=words.inverse,
        day=words.day,
        minute=words.minute,
        value=words.value,
        dotted=dotted,
        names=words.names,
        address=words.address,
        venue=words.venue,
        symbols=words.symbols,
        minus=words.minus,
    )
    return templates
