from __future__ import annotations

from pathlib import Path

from lawbook.registry.diagnostics import Diagnostic, RegistryError


def test_a_diagnostic_reads_as_place_mistake_and_mend() -> None:
    path = Path("claims/laws/x.yaml")
    assert str(Diagnostic(path, 3, 7, "what", "meant")) == "claims/laws/x.yaml:3:7: what; meant"
    assert str(Diagnostic(path, 3, 7, "what")) == "claims/laws/x.yaml:3:7: what"


def test_a_diagnostic_is_one_line_that_cannot_steer_a_terminal() -> None:
    said = str(Diagnostic(Path("x\ny.yaml"), 1, 1, "the key 'a\r\n\x1b[2Jµ' is wrong"))
    assert said == "x\\ny.yaml:1:1: the key 'a\\r\\n\\x1b[2Jµ' is wrong"


def test_a_diagnostic_stays_short_whatever_it_quotes() -> None:
    assert len(str(Diagnostic(Path("x"), 1, 1, "y" * 10_000))) < 600


def test_the_error_of_a_registry_lists_every_mistake() -> None:
    mistakes = [Diagnostic(Path("x"), line, 1, "wrong") for line in (1, 2)]
    assert str(RegistryError(mistakes)) == "x:1:1: wrong\nx:2:1: wrong"
