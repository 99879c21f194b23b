"""What programs read: JSON by a published schema, BibTeX that parses, and addresses that lead on for ever."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError

from lawbook.book import Book, open_book
from lawbook.evidence.history import history_line
from lawbook.evidence.record import ControlResult, Record, RivalResult
from lawbook.publishing.bibtex import bibtex_files, entry_bibtex
from lawbook.publishing.entry_page import record_data
from lawbook.publishing.generate import text_files
from lawbook.publishing.redirects import redirect_files
from lawbook.publishing.settings import SiteSettings
from lawbook.registry.bibliography import parse_bibliography

Make = Callable[..., Path]
CLAIM = "claims/laws/noise-averages-out.yaml"


@pytest.fixture
def addressed(site_settings: SiteSettings) -> SiteSettings:
    return dataclasses.replace(site_settings, site_url="https://book.example/")


def test_every_file_for_programs_is_as_the_schema_says(book: Book, site_settings: SiteSettings) -> None:
    files = dict(text_files(book, site_settings))
    schema = json.loads(files["api/schema.json"])
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    api = {path: json.loads(text) for path, text in files.items() if path.startswith("api/") and path.endswith(".json")}
    assert len(api) >= 5
    for path, held in api.items():
        if path != "api/schema.json":
            validator.validate(held)
    whole = api["api/claims/noise-averages-out.json"]
    for wrong in ({"status": "green"}, {"schema": 2}, {"checks": [{"name": "x"}]}, {"title": None}):
        with pytest.raises(ValidationError):
            validator.validate(whole | wrong)


def test_every_key_of_a_claim_and_a_record_that_the_schema_names_is_there(
    book: Book, site_settings: SiteSettings
) -> None:
    files = dict(text_files(book, site_settings))
    definitions = json.loads(files["api/schema.json"])["$defs"]
    (check, _) = json.loads(files["api/claims/noise-averages-out.json"])["checks"]
    assert set(definitions["check"]["required"]) <= check.keys()
    assert set(definitions["record"]["required"]) <= check["record"].keys()


def test_a_record_says_of_its_arms_what_there_is_to_say(make_record: Callable[..., Record]) -> None:
    rival = RivalResult(name="r", excluded=False, predicts=(0.0, 0.0), away=0.0)
    control = ControlResult(
        name="k", expect="fail", outcome="fail", as_expected=False, params={}, estimate=0.0, seconds=0.0
    )
    held = record_data(make_record("c", "x", controls=[control], rivals=[rival]))
    assert held["rivals"] == [{"name": "r", "excluded": False, "predicts": [0.0, 0.0], "away": 0.0, "seconds": 0.0}]
    assert held["controls"][0].keys() == {
        "name", "role", "expect", "accept", "outcome", "as_expected", "estimate", "seconds"
    }  # fmt: skip
    assert Record.model_validate(held | {"controls": [{"params": {}} | one for one in held["controls"]]}).rivals == [
        rival
    ]


def test_a_claim_and_the_book_are_cited_with_all_that_they_rest_on(book: Book, addressed: SiteSettings) -> None:
    files = bibtex_files(book, addressed)
    own = parse_bibliography(files["api/claims/noise-averages-out.bib"])
    assert own.diagnostics == ()
    state = book.states["noise-averages-out"]
    assert set(own.references) == {
        "lawbook:noise-averages-out",
        *(s.cite for s in state.entry.content.sources),
    }
    cited = own.references["lawbook:noise-averages-out"].fields
    assert cited["title"] == "Noise averages out"
    assert cited["url"] == "https://book.example/claims/noise-averages-out.html"
    assert cited["year"] == "2026"
    assert "pass on 2026-11-21" in cited["note"]
    whole = parse_bibliography(files["api/lawbook.bib"])
    assert whole.diagnostics == ()
    assert {"lawbook", *(f"lawbook:{id}" for id in book.states)} <= whole.references.keys()
    assert len(files) == len(book.states) + 1


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("50 % of all & more_so #1", "50 % of all & more_so #1"),
        (r"Sharpness is $\lambda_{\max}$", r"Sharpness is $\lambda_{\max}$"),
        ("It costs \\$5", None),
        ("}} @misc{evil, title={x}", None),
    ],
)
def test_no_text_breaks_out_of_its_field(
    make_registry: Make,
    make_record: Callable[..., Record],
    site_settings: SiteSettings,
    title: str,
    read: str | None,
) -> None:
    root = make_registry({CLAIM: ("title: Noise averages out", f"title: {json.dumps(title)}")})
    line = history_line(make_record("noise-averages-out", "centre"), None)
    book = dataclasses.replace(open_book(root), history=(line,))
    entry = entry_bibtex(book, book.states["noise-averages-out"], site_settings)
    found = parse_bibliography(entry + "\n")
    assert found.keys == {"lawbook:noise-averages-out"}
    assert found.is_whole
    assert read is None or found.references["lawbook:noise-averages-out"].fields["title"] == read


def test_a_former_id_leads_to_the_page_of_today(
    make_registry: Make, site_settings: SiteSettings, addressed: SiteSettings
) -> None:
    book = open_book(make_registry({CLAIM: ("standing:", "former_ids: [noise-cancels]\nstanding:")}))
    files = redirect_files(book, site_settings)
    assert set(files) == {"claims/noise-cancels.html", "api/claims/noise-cancels.json"}
    page = files["claims/noise-cancels.html"]
    assert 'content="0; url=noise-averages-out.html"' in page
    assert '<a href="noise-averages-out.html">' in page
    assert json.loads(files["api/claims/noise-cancels.json"])["moved_to"] == "noise-averages-out"
    linked = redirect_files(book, addressed)["claims/noise-cancels.html"]
    assert 'rel="canonical" href="https://book.example/claims/noise-averages-out.html"' in linked
    assert files.items() <= dict(text_files(book, site_settings)).items()
