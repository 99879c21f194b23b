"""Tells the texts of a registry file that a comment has cut in two: what stands after " #" is gone in silence."""

from __future__ import annotations

from collections.abc import Iterator

from lawbook.registry.diagnostics import Diagnostic
from lawbook.registry.entry import KeyPath
from lawbook.registry.mathematics import is_prose
from lawbook.registry.syntax_messages import COMMENT_CUTS
from lawbook.registry.yaml_reader import Document


def cut_texts(document: Document) -> Iterator[tuple[KeyPath, Diagnostic]]:
    """The key path and the mistake of each prose text, quoted by nothing, that a comment follows.

    A comment after a number, a choice, a name or a closing quote or bracket cuts nothing that anyone wrote.
    """
    for path, (line, column) in document.comments.items():
        if is_prose(path):
            yield path, Diagnostic(document.path, line, column, *COMMENT_CUTS)
