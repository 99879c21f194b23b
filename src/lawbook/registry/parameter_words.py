"""What a checker's docstring says of each of its parameters, read off the syntax tree: nothing is executed.

House docstrings say `name: what it is.`, several names before one colon where they are told together. A setting's
fields are told in the docstring of its own class.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path

from lawbook.registry.checker_modules import CheckerError, CheckerModule, find_definition, read_module
from lawbook.registry.checker_source import CheckerSource

# `name: ` or `name, other: ` at the start of a sentence, of a line or after a clause.
_TOLD = re.compile(r"(?:^|(?<=[.;:)\]]\s)|(?<=\n))\s*((?:[A-Za-z_]\w*)(?:(?:, | and )[A-Za-z_]\w*)*): ")
# A sentence ends at a stop that begins no number and ends no common abbreviation.
_END = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\beq)(?<!\bfig)(?<!\bet al)\.(?=\s|$)")


def parameter_words(root: Path, reference: str, source: CheckerSource) -> dict[str, str]:
    """What is said of each parameter, by dotted name; those of which nothing is said are left out.

    reference: as the claim names the checker.
    """
    words = told_names(source.docstring, [parameter.name for parameter in source.parameters])
    for parameter in source.parameters:
        if parameter.type.form == "setting":
            fields = [field.name for field in parameter.type.fields]
            told = told_names(_docstring(root, reference, parameter.annotation), fields)
            words |= {f"{parameter.name}.{field}": said for field, said in told.items()}
    return words


def told_names(docstring: str, names: Iterable[str]) -> dict[str, str]:
    """The sentence after `name: ` for each of the names."""
    known = set(names)
    found = [match for match in _TOLD.finditer(docstring) if set(_names(match[1])) & known]
    words: dict[str, str] = {}
    for match in found:
        said = docstring[match.end() :]
        end = _END.search(said)
        sentence = " ".join((said[: end.start()] if end else said).split())
        words |= {name: sentence for name in _names(match[1]) if name in known}
    return words


def _names(told: str) -> list[str]:
    return re.split(r", | and ", told)


def _docstring(root: Path, reference: str, annotation: str) -> str:
    """Of the setting's class, as the checker's module knows it by that name."""
    try:
        module: CheckerModule = read_module(root, reference.partition(":")[0])
        found = find_definition(root, module, annotation)
    except CheckerError:
        return ""
    return ast.get_docstring(found[1]) or "" if found and isinstance(found[1], ast.ClassDef) else ""
