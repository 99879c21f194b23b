"""What pages say at first sight, what follows, what changed, and how far a problem is."""

import re
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from lawbook.book import Book
from lawbook.evidence.record import Record, RivalResult
from lawbook.publishing.addresses import PageTools
from lawbook.publishing.changes import status_changes
from lawbook.publishing.entry_page import check_view
from lawbook.publishing.first_screen import first_screen
from lawbook.publishing.generate import text_files
from lawbook.publishing.history_views import history_views, weeks
from lawbook.publishing.settings import SiteSettings
from lawbook.registry.models import Problem

Make = Callable[..., Record]
BookOf = Callable[..., Book]
ATOM = "{http://www.w3.org/2005/Atom}"


def pages(book: Book, settings: SiteSettings) -> dict[str, str]:
    return dict(text_files(book, settings))


def section(page: str, name: str) -> str:
    return page.split(f"{{#{name}}}")[1].split("\n## ")[0]


def test_the_first_screen_says_how_precisely_and_how_far_from_the_law(
    book_of: BookOf, make_record: Make, site_settings: SiteSettings
) -> None:
    rivals = [
        RivalResult(name="twice", excluded=True, predicts=(10.0, 10.0), away=40.0),
        RivalResult(name="near", excluded=False, predicts=(5.1, 5.1)),
    ]
    record = make_record(
        "noise-averages-out", "centre", estimate=5.2, interval=(5.148, 5.252), predicted=5.0, rivals=rivals,
        accept=(4.0, 6.0),
    )  # fmt: skip
    head = pages(book_of(record), site_settings)["claims/noise-averages-out.md"].split("</header>")[0]
    assert "to 1 %, 4 % above the 5 that the law gives" in head
    assert re.search(r"Excludes.*twice.*\(10\), 40 .*not excluded: .*near", head)
    assert "independent draws" in head
    assert head.count('class="lb-svg lb-plot"') == 1


def test_the_figure_of_the_first_screen_is_the_verdict_where_nothing_else_is_drawn(
    book: Book, make_record: Make
) -> None:
    state = book.states["noise-averages-out"].checks[0]
    assert "lb-strip" in first_screen(state, make_record("a", "b", panels=[], controls=[])).figure
    assert "lb-plot" in first_screen(state, make_record("a", "b")).figure
    assert not first_screen(state, None).figure


def test_an_interval_around_nought_is_told_in_absolute_terms(book: Book, make_record: Make) -> None:
    state = book.states["noise-averages-out"].checks[0]
    assert first_screen(state, make_record("a", "b")).precision == "to ± 0.06"


def test_a_tension_is_told_on_both_claims_and_on_its_page(
    book_of: BookOf, make_record: Make, site_settings: SiteSettings
) -> None:
    made = pages(
        book_of(
            make_record("noise-averages-out", "centre"),
            make_record("noise-is-positive", "above-half", "fail"),
        ),
        site_settings,
    )
    page = made["tensions.md"]
    assert "## Tensions (1)" in page
    assert 'id="tension-noise-averages-out-noise-is-positive"' in page
    assert "1 inference between claims, 1 with both ends measured" in page
    for id in ("noise-averages-out", "noise-is-positive"):
        follows = section(made[f"claims/{id}.md"], "follows")
        assert "lb-finding" in follows
        assert "is a special case of" in follows


def test_a_book_that_fits_says_what_it_looked_at(book_of: BookOf, site_settings: SiteSettings) -> None:
    page = pages(book_of(), site_settings)["tensions.md"]
    assert "1 inference between claims, 0 with both ends measured" in page
    assert "Nothing: no claim that passes implies one that fails" in page


def test_who_would_fall_is_told_apart_from_who_would_lose_a_ground(book: Book, site_settings: SiteSettings) -> None:
    made = pages(book, site_settings)
    general = section(made["claims/noise-averages-out.md"], "follows")
    assert "Would lose a ground if this fell" in general
    assert "Would fall if this fell" not in general
    assert "Would fall if this fell" in section(made["claims/noise-is-positive.md"], "follows")


def test_display_formulas_have_addresses_that_stay_where_they_move(book: Book) -> None:
    def ids(text: str) -> list[str]:
        shown = PageTools("claims/x.html", book.registry).markdown(text)
        return re.findall(r'<span class="lb-formula" id="([^"]+)">', shown)

    first, second = ids("One $y$.\n\n$$a = b$$\n\nand\n\n$$c  =\nd$$\n")
    assert ids("$$c = d$$\n\nthen words, then\n\n$$a = b$$") == [second, first]
    assert ids("$$a = b$$\n\n$$a = b$$") == [first, f"{first}-2"]


def test_what_changed_stands_in_its_week_with_the_reason(book: Book, site_settings: SiteSettings) -> None:
    (week,) = weeks(book, status_changes(book))
    assert (week.monday, week.records) == ("2026-11-16", 2)
    assert len(week.arrivals) == 1
    page = pages(book, site_settings)["changes.md"]
    assert "## Week of 2026-11-16" in page
    assert section(page, "week-2026-11-16")


def test_a_region_that_moved_stands_in_its_week(book_of: BookOf, make_record: Make) -> None:
    book = book_of(
        make_record("noise-averages-out", "centre", accept=(-1.0, 1.0)),
        make_record("noise-averages-out", "centre", accept=(-0.3, 0.3), started="2026-11-23T00:00:00Z"),
    )
    newest, oldest = weeks(book, status_changes(book))
    assert (newest.monday, oldest.monday) == ("2026-11-23", "2026-11-16")
    assert [(move.before, move.after) for move in newest.moves] == [("[−1, 1]", "[−0.3, 0.3]")]
    assert oldest.moves == []


def test_the_feed_says_why(book: Book, site_settings: SiteSettings) -> None:
    feed = ElementTree.fromstring(pages(book, site_settings)["feed.xml"])
    newest = feed.find(f"{ATOM}entry/{ATOM}summary")
    assert newest is not None
    assert newest.text is not None
    assert newest.text.startswith("centre (quick, cpu) came out ")
    assert "accepted [−0.3, 0.3]" in newest.text


@pytest.fixture
def probed(book_of: BookOf, make_record: Make) -> Book:
    """A problem of two criteria, with a probe for the first one that fails."""
    book = book_of(make_record("noise-averages-out", "centre"))
    state = book.states["noise-in-the-dark"]
    lent = book.states["noise-averages-out"].checks[0]
    content = state.entry.problem.model_copy(
        update={
            "resolution": ["a number", "a proof"],
            "checks": [lent.check],
            "criteria": {"centre": [1]},
        }
    )
    entry = replace(state.entry, content=content, regions={("centre", "quick"): lent.regions})
    states = {**book.states, "noise-in-the-dark": replace(state, entry=entry, checks=(lent,))}
    entries = {**book.registry.entries, "noise-in-the-dark": entry}
    return replace(book, states=states, registry=replace(book.registry, entries=entries))


def test_a_criterion_stands_beside_its_probe_s_number_and_says_where_none_is(
    probed: Book, site_settings: SiteSettings
) -> None:
    page = pages(probed, site_settings)["problems/noise-in-the-dark.md"]
    first, second = section(page, "resolution").split('<li id="criterion-')[1:]
    assert "0.012 [−0.050, 0.070]" in first
    assert "[−0.3, 0.3]" in first
    assert "Nothing in this book measures this yet" not in first
    assert "Nothing in this book measures this yet" in second
    assert "1 of 2 criteria has no probe" in section(page, "missing")
    assert "lawbook new claim noise-in-the-dark-criterion-2 --strand laws" in section(page, "take")


@pytest.mark.parametrize(("criteria", "said"), [({"gone": [1]}, "no probe of this"), ({"centre": [3]}, "there are")])
def test_criteria_name_probes_and_count_what_there_is(probed: Book, criteria: dict[str, list[int]], said: str) -> None:
    content = probed.states["noise-in-the-dark"].entry.problem.model_dump(exclude_none=True)
    with pytest.raises(ValueError, match=said):
        Problem.model_validate({**content, "criteria": criteria})


def test_several_runs_of_a_check_are_drawn_and_a_single_one_stands_in_its_strip(book: Book) -> None:
    state = book.states["noise-averages-out"]
    line = next(line for line in book.history if line.claim == "noise-averages-out")
    again = line.model_copy(update={"started": "2026-12-01T00:00:00Z"})
    assert [view.drawing for view in history_views(state, [line])] == [""]
    (view,) = history_views(state, [line, again])
    assert view.drawing.count('class="dot ') == 2
    assert view.lines == [line, again]


def test_of_many_runs_the_page_tells_the_newest_and_where_the_others_are(
    book: Book, site_settings: SiteSettings
) -> None:
    line = next(line for line in book.history if line.claim == "noise-averages-out")
    nights = [line.model_copy(update={"started": f"2026-12-{day:02}T00:00:00Z"}) for day in range(1, 26)]
    page = pages(replace(book, history=tuple(nights)), site_settings)["claims/noise-averages-out.md"]
    told = section(page, "history")
    assert "The newest 20 of 25 records; all are in <code>evidence/history</code>" in told
    assert "2026-12-25 00:00" in told
    assert "2026-12-06 00:00" in told
    assert "2026-12-05 00:00" not in told


@pytest.mark.parametrize(("outcome", "is_brief"), [("pass", True), ("inconclusive", False)])
def test_a_second_tier_is_drawn_only_where_it_says_something_else(
    book_of: BookOf, make_record: Make, outcome: str, is_brief: bool
) -> None:
    book = book_of(
        make_record("noise-averages-out", "centre", tier="full"),
        make_record("noise-averages-out", "centre", outcome),
    )
    state = book.states["noise-averages-out"]
    fresh = replace(state, checks=tuple(replace(check, stale=()) for check in state.checks))
    full, quick = check_view(book, fresh, state.entry.checks[0]).tiers
    assert (full.state.tier, full.is_brief, bool(full.strip)) == ("full", False, True)
    assert (quick.state.tier, quick.is_brief, bool(quick.strip), bool(quick.figures)) == (
        "quick", is_brief, not is_brief, not is_brief
    )  # fmt: skip
    assert quick.curves_path
