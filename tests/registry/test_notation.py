from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lawbook.cli import main
from lawbook.registry.entry import Registry
from lawbook.registry.entry_symbols import entry_symbols
from lawbook.registry.load import inspect, lint, load_registry

ROOT = Path(__file__).parents[2]
NOTATION = "claims/notation.yaml"
CLAIM = "claims/laws/noise-averages-out.yaml"
PREDICTION = "prediction: '$\\mathbb E[x] = \\mu$'\n"
Changes = Mapping[str, str | bytes | tuple[str, str] | None]
MakeRegistry = Callable[[Changes], Path]


def with_symbols(*items: str) -> tuple[str, str]:
    """The claim with these items in its `symbols`."""
    return (PREDICTION, PREDICTION + "symbols:\n" + "".join(f"  - {item}\n" for item in items))


def run_lint(root: Path, *paths: str) -> Result:
    return CliRunner().invoke(main, ["lint", "--root", str(root), *paths])


@pytest.fixture(scope="module")
def book() -> Registry:
    return load_registry(ROOT)


def test_every_symbol_of_every_prediction_of_the_book_is_named() -> None:
    assert [str(note) for note in inspect(ROOT).notes] == []


def test_the_house_symbols_are_read(tiny_registry: Path) -> None:
    assert [item.symbol for item in load_registry(tiny_registry).notation] == ["x", r"\mu"]


def test_a_registry_may_do_without_notation(make_registry: MakeRegistry) -> None:
    root = make_registry({NOTATION: None})
    assert lint(root) == []
    assert load_registry(root).notation == ()


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("symbols: []\n", "1:10", ["'symbols' is empty"]),
        ("{}\n", "1:1", ["the key 'symbols' is missing"]),
        ("symbols:\n  - {symbol: x}\n", "2:5", ["'meaning' is missing", "what it stands for"]),
        ("symbols:\n  - {symbol: x, meaning: a, units: s}\n", "2:29", ["unknown key 'units'", "did you mean 'unit'?"]),
        ("symbols:\n  - {symbol: x, meaning: a, why: s}\n", "2:29", ["unknown key 'why'"]),
        ("symbols:\n  - {symbol: x y, meaning: a}\n", "2:14", ["'x y' is not one symbol"]),
        ("symbols:\n  - {symbol: '\\foo', meaning: a}\n", "2:15", ["in symbol: ", "\\foo"]),
        ("symbols:\n  - {symbol: x, meaning: a $\\foo$}\n", "2:29", ["in meaning: ", "\\foo"]),
        (
            "symbols:\n  - {symbol: x, meaning: a}\n  - {symbol: '$\\mathbf{x}$', meaning: b}\n",
            "3:14", ["listed twice", "line 2", "keep one"],
        ),
        ("symbols: [\n", "2:1", []),
    ],
)  # fmt: skip
def test_a_spoiled_notation_is_told_in_one_line(
    make_registry: MakeRegistry, text: str, place: str, words: list[str]
) -> None:
    result = run_lint(make_registry({NOTATION: text}))
    assert result.exit_code == 2
    error, count = [line for line in result.stderr.splitlines() if " note: " not in line]
    assert error.startswith(f"{NOTATION}:{place}: ")
    assert all(word in error for word in words), error
    assert count == "1 error in 1 file"


def test_a_house_symbol_with_another_meaning_needs_a_reason(make_registry: MakeRegistry) -> None:
    root = make_registry({CLAIM: with_symbols("{symbol: '$x$', meaning: an input}")})
    (error,) = lint(root)
    assert str(error).startswith(f"{CLAIM}:11:14: 'x' is the house's symbol for 'a draw'")
    assert "'why'" in error.meant


def test_with_a_reason_or_with_the_same_meaning_it_is_accepted(make_registry: MakeRegistry) -> None:
    items = (
        "{symbol: x, meaning: an input, why: nothing is drawn}",
        "{symbol: '\\mu', meaning: the centre of the noise}",
    )
    assert lint(make_registry({CLAIM: with_symbols(*items)})) == []


def test_a_reason_for_what_the_house_does_not_have_is_refused(make_registry: MakeRegistry) -> None:
    (error,) = lint(make_registry({CLAIM: with_symbols("{symbol: n, meaning: draws, why: habit}")}))
    assert "'why' explains nothing" in error.what
    assert (error.line, error.column) == (11, 33)


def test_a_broken_house_does_not_make_the_claims_wrong(make_registry: MakeRegistry) -> None:
    changes = {
        NOTATION: "symbols: 3\n",
        CLAIM: with_symbols("{symbol: x, meaning: an input, why: nothing is drawn}"),
    }
    result = run_lint(make_registry(changes))
    assert result.stderr.splitlines()[-1] == "1 error in 1 file"
    assert CLAIM not in result.stderr


@pytest.mark.parametrize(
    ("items", "words"),
    [
        (["{symbol: n, meaning: a}", "{symbol: n, meaning: b}"], "listed twice"),
        (["{symbol: '\\sum_i', meaning: a}"], "is not one symbol"),
        (["{symbol: '\\foo', meaning: a}"], "in symbol: "),
        (["{symbol: n, meaning: 3}"], "must be text"),
    ],
)
def test_an_entrys_own_list_is_judged_as_strictly(make_registry: MakeRegistry, items: list[str], words: str) -> None:
    (error,) = lint(make_registry({CLAIM: with_symbols(*items)}))
    assert words in error.what


def test_a_symbol_that_no_list_names_is_told_and_no_error(make_registry: MakeRegistry) -> None:
    root = make_registry({CLAIM: ("\\mu$'\n", "\\mu + \\hat{y}_3 + \\hat y_3$'\n")})
    result = run_lint(root)
    assert result.exit_code == 0
    (note,) = result.stderr.splitlines()
    said = r"note: nothing says what '\hat{y}_3' of the prediction means; add it to 'symbols', with its meaning"
    assert note == f"{CLAIM}:9:36: {said}"
    assert result.stdout == "2 claims, 1 problem, 2 references: no errors, 1 note\n"
    assert lint(root) == []
    assert run_lint(root, str(root / "claims/limits")).stderr == ""


def test_an_entry_shows_its_own_symbols_and_those_of_the_house_that_it_uses(
    make_registry: MakeRegistry,
) -> None:
    items = (
        "{symbol: '\\mu', meaning: the mean, why: nothing is drawn}",
        "{symbol: q, meaning: used elsewhere}",
    )
    registry = load_registry(make_registry({CLAIM: with_symbols(*items)}))
    x, mu, q = entry_symbols(registry, registry.entries["noise-averages-out"])
    assert (x.tex, x.is_of_the_house, x.item.meaning, x.why) == ("x", True, "a draw", None)
    assert (mu.tex, mu.is_of_the_house, mu.item.meaning, mu.why) == (
        r"\mu",
        False,
        "the mean",
        "nothing is drawn",
    )
    assert mu.house is not None
    assert mu.house.meaning == "the centre of the noise"
    assert (q.tex, q.house) == ("q", None)


def test_show_prints_what_the_symbols_mean(make_registry: MakeRegistry) -> None:
    items = ("{symbol: '\\mu', meaning: the mean, unit: metres, why: nothing is drawn}",)
    root = make_registry({CLAIM: with_symbols(*items)})
    shown = CliRunner().invoke(main, ["show", "noise-averages-out", "--root", str(root)]).stdout
    assert "\nSymbols\n  - x: a draw\n" in shown
    assert "the mean; metres (elsewhere: the centre of the noise; not here: nothing is drawn)" in " ".join(
        shown.split()
    )


def test_kappa_has_one_meaning_in_the_whole_book(book: Registry) -> None:
    kappa = {
        id: symbol
        for id, entry in book.entries.items()
        for symbol in entry_symbols(book, entry)
        if symbol.tex == r"\kappa"
    }
    assert kappa["kernel-regression-risk"].is_of_the_house
    assert [id for id, symbol in kappa.items() if not symbol.is_of_the_house] == []
