"""Nights pooled, beside the newest: on the page, in files for programs, in the terminal; nothing for one night."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lawbook.book import Book
from lawbook.cli.show import page
from lawbook.evidence.record import Record
from lawbook.publishing.generate import text_files
from lawbook.publishing.settings import SiteSettings

BookOf = Callable[..., Book]
Make = Callable[..., Record]
CLAIM = "noise-averages-out"


@pytest.fixture
def nights(book_of: BookOf, make_record: Make) -> Callable[..., Book]:
    """The book after nights with these estimates, each of eight seeds and a standard error of 0.02."""

    def book_after(*estimates: float, **newest: Any) -> Book:
        records = [
            make_record(
                CLAIM, "centre", started=f"2026-11-{day:02}T02:00:00Z", seed_base=day, seeds=list(range(8)),
                estimate=value, standard_error=0.02, interval=(value - 0.047, value + 0.047),
                **({"in_regime": None} | (newest if day == len(estimates) else {})),
            )
            for day, value in enumerate(estimates, start=1)
        ]  # fmt: skip
        return book_of(*records)

    return book_after


def texts(book: Book, settings: SiteSettings) -> tuple[str, dict[str, Any] | None, str]:
    """The claim's page, what the files for programs hold of its check pooled, and what `lawbook show` prints."""
    files = dict(text_files(book, settings))
    (tier, _) = json.loads(files[f"api/claims/{CLAIM}.json"])["checks"][0]["tiers"]
    shown = " ".join("\n".join(page(book, book.states[CLAIM], "none")).split())
    return files[f"claims/{CLAIM}.md"], tier["pooled"], shown


def test_one_night_has_nothing_to_pool(nights: Callable[..., Book], site_settings: SiteSettings) -> None:
    markdown, held, shown = texts(nights(0.01), site_settings)
    assert held is None
    assert "pooled" not in f"{markdown}{shown}".lower()


def test_nights_that_agree_are_one_sharper_measurement(
    nights: Callable[..., Book], site_settings: SiteSettings
) -> None:
    markdown, held, shown = texts(nights(0.01, 0.02, 0.03), site_settings)
    assert held is not None
    assert (held["runs"], held["seeds"], held["since"], held["scale"]) == (3, 24, "2026-11-01", 1.0)
    assert held["estimate"] == pytest.approx(0.02)
    assert held["interval"] == pytest.approx((-0.004, 0.044), abs=5e-4)
    assert (
        'Pooled over 3 runs on seeds of their own since 2026-11-01: <span class="lb-number">'
        "0.020 [−0.004, 0.044]</span>, 24 seeds.</p>"
    ) in markdown
    assert "pooled: 0.02, interval [-0.00" in shown
    assert "], 3 runs since 2026-11-01, 24 seeds" in shown
    assert "scatter" not in f"{markdown}{shown}"


def test_nights_that_disagree_say_by_how_much(nights: Callable[..., Book], site_settings: SiteSettings) -> None:
    markdown, held, shown = texts(nights(-0.1, 0.1, -0.1, 0.1), site_settings)
    assert held is not None
    assert held["scale"] == pytest.approx(5.7735, abs=1e-3)
    assert held["is_scattered"]
    said = "they scatter 5.8 times as much as their own spread allows, more than chance does"
    assert said in markdown
    assert said in shown
    markdown, _, shown = texts(nights(-0.03, 0.0, 0.03), site_settings)
    assert "they scatter 1.5 times as much as their own spread allows, as chance may" in markdown


def test_a_record_of_another_law_than_the_nights_before_stands_alone(
    nights: Callable[..., Book], site_settings: SiteSettings
) -> None:
    _, held, shown = texts(nights(0.01, 0.02, 0.03, code="e" * 64), site_settings)
    assert held is None
    assert "pooled" not in shown


def test_a_seed_out_of_regime_has_no_weight_in_the_pool(nights: Callable[..., Book]) -> None:
    book = nights(0.0, 0.1, in_regime=[True] * 4 + [False] * 4)
    (record,) = book.states[CLAIM].checks[0].records
    pooled = book.pooled(record)
    assert pooled is not None
    assert pooled.seeds == 12
    assert pooled.estimate == pytest.approx((8 * 0.0 + 4 * 0.1) / 12)
