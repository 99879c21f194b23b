"""What programs read: JSON by a published schema, BibTeX that parses, and addresses that lead on for ever."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from lawbook.book import Book, open_book
from lawbook.evidence.history import history_line
from lawbook.evidence.map_cells import MapEvidence
from lawbook.evidence.record import ControlResult, Record, RivalResult
from lawbook.publishing.api import api_files
from lawbook.publishing.api_checks import record_data
from lawbook.publishing.bibtex import bibtex_files, entry_bibtex
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
    assert len(api) >= 6
    for path, held in api.items():
        if path != "api/schema.json":
            validator.validate(held)
    whole = api["api/claims/noise-averages-out.json"]
    for wrong in ({"status": "green"}, {"schema": 1}, {"checks": [{"name": "x"}]}, {"title": None}):
        with pytest.raises(ValidationError):
            validator.validate(whole | wrong)
    for missing in ("environments", "statement"):
        with pytest.raises(ValidationError):
            validator.validate({key: value for key, value in whole.items() if key != missing})


def test_every_key_of_a_claim_and_a_record_that_the_schema_names_is_there(
    book: Book, site_settings: SiteSettings
) -> None:
    files = dict(text_files(book, site_settings))
    definitions = json.loads(files["api/schema.json"])["$defs"]
    (check,) = json.loads(files["api/claims/noise-averages-out.json"])["checks"]
    assert set(definitions["check"]["required"]) <= check.keys()
    recorded, unrecorded = check["tiers"]
    assert set(definitions["tier"]["required"]) <= recorded.keys() & unrecorded.keys()
    assert (recorded["tier"], unrecorded["tier"], unrecorded["record"]) == ("quick", "full", None)
    assert set(definitions["record"]["required"]) <= recorded["record"].keys()
    assert recorded["record"].keys() <= definitions["record"]["properties"].keys() | FURTHER_KEYS


FURTHER_KEYS = {"device_kind", "looks", "seed_base", "definition", "code", "measures", "seconds"}


def rebuilt(held: dict[str, Any], check: dict[str, Any], tier: dict[str, Any], record: dict[str, Any]) -> Record:
    """A record as its file has it, from what stands around it: by the rules of the schema's descriptions."""
    beside = {"claim": held["id"], "check": check["name"], "tier": tier["tier"], "params": tier["settings"]["params"]}
    beside |= {key: check[key] for key in ("checker", "expect", "confidence", "estimator", "method")}
    told = beside | record | {"environment": held["environments"][record["environment"]]}
    seeds = {"seeds": told["seeds"], "batches": told.get("batches", [])}
    for arms in ("controls", "rivals"):
        told[arms] = [{"params": {}} | (seeds if "values" in arm else {}) | arm for arm in told.get(arms, ())]
    return Record.model_validate(told)


def without_panels(record: Record) -> Record:
    controls = [control.model_copy(update={"panels": []}) for control in record.controls]
    return record.model_copy(update={"panels": [], "controls": controls})


def test_every_record_can_be_had_whole_from_the_file_of_its_entry(
    book_of: Callable[..., Book], make_record: Callable[..., Record], site_settings: SiteSettings
) -> None:
    ran = {"seeds": [0, 1, 2, 3], "batches": [4], "values": [0.5, 0.25, 1 / 3, 0.1], "in_regime": [True] * 4}
    expected = {"expect": "fail", "outcome": "fail", "as_expected": True, "params": {"centre": 1.0}}
    controls = [
        ControlResult(name="same-seeds", **expected, **ran),
        ControlResult(name="other-seeds", **expected, **ran | {"seeds": [7, 8, 9, 10], "batches": [2, 2]}),
        ControlResult(name="unknown-seeds", **expected, **ran | {"seeds": [], "batches": []}),
        ControlResult(name="broken", **expected | {"outcome": "error"}, reason="it <broke>", notes=["so"]),
    ]
    rivals = [
        RivalResult(name="computed", excluded=True, predicts=(0.0, None), away=0.0),
        RivalResult(name="run", excluded=False, outcome="pass", accept=(0.1, 0.2), params={"centre": 2.0}, **ran),
    ]
    records = [
        make_record("noise-averages-out", "centre", controls=controls, rivals=rivals, batches=[4], seeds=[0, 1, 2, 3]),
        make_record(
            "noise-averages-out", "centre", tier="full", device_kind="cuda", device="h100", expect="0.0 ± 0.3",
            params={"centre": 0.0, "spread": 0.05}, started="2026-11-22T02:00:00Z", predicted=0.0,
        ),
        # Of an older definition: nothing of it is what the check says today.
        make_record(
            "noise-averages-out", "centre", "error", tier="full", estimator="median", confidence=0.99, expect="",
            method="identity", params={}, checker="checkers.laws.older:one", estimate=None, interval=None,
            seeds=[], values=[], in_regime=None, reason="timeout", output="...", notes=["n"], confirms=3,
        ),
            ]  # fmt: skip
    book = book_of(*records)
    state = book.states["noise-averages-out"]
    files = api_files(book, site_settings, MapEvidence())
    held = json.loads(files["api/claims/noise-averages-out.json"])
    found = {}
    for check in held["checks"]:
        for tier in check["tiers"]:
            for record in [tier["record"], *tier.get("others", ())]:
                whole = rebuilt(held, check, tier, record)
                found[whole.tier, whole.device] = whole
            state_of_tier = next(one for one in state.checks if one.tier == tier["tier"])
            assert rebuilt(held, check, tier, tier["record"]) == without_panels(state_of_tier.record)
    assert found == {(record.tier, record.device): without_panels(record) for record in records[:3]}
    assert len(held["environments"]) == 1


def test_a_record_is_told_to_the_letter_where_others_are_equal_and_not_the_same(
    book_of: Callable[..., Book], make_record: Callable[..., Record], site_settings: SiteSettings
) -> None:
    """1, 1.0 and true are equal, and a key of a later version may hold nothing."""
    made = make_record("noise-averages-out", "centre", params={"centre": False, "spread": 0.1}, in_regime=[])
    other = make_record("noise-averages-out", "centre", tier="full", device_kind="cuda", device="h100")
    told = made.model_dump(mode="json") | {"later": None, "and_later": ""}
    told["environment"] |= {"cores": 1, "spare": True}
    ran = {"params": {}, "seeds": [0], "values": [0.5], "batches": [1], "in_regime": []}
    arm = {"name": "a", "expect": "fail", "outcome": "fail", "as_expected": True, "later": [], **ran}
    made = Record.model_validate(told | {"controls": [arm]})
    told = other.model_dump(mode="json")
    told["environment"] |= {"cores": 1.0, "spare": 1}
    records = (made, Record.model_validate(told))
    book = book_of(*records)
    held = json.loads(api_files(book, site_settings, MapEvidence())["api/claims/noise-averages-out.json"])
    found = {
        tier["tier"]: rebuilt(held, check, tier, tier["record"]).model_dump_json()
        for check in held["checks"]
        for tier in check["tiers"]
    }
    for record in records:
        # To the letter, but for the order of keys.
        whole, as_it_was = json.loads(found[record.tier]), json.loads(without_panels(record).model_dump_json())
        assert json.dumps(whole, sort_keys=True) == json.dumps(as_it_was, sort_keys=True)
    assert len(held["environments"]) == 2


def test_nothing_that_a_check_says_is_told_once_a_tier(book: Book, site_settings: SiteSettings) -> None:
    text = dict(text_files(book, site_settings))["api/claims/noise-averages-out.json"]
    for said in ("three standard errors of the mean", "the centre has moved by ten", "checkers.laws.example:centre"):
        assert text.count(said) == 1, said


def test_problems_are_listed_like_claims_and_have_a_file_each(book: Book, site_settings: SiteSettings) -> None:
    files = dict(text_files(book, site_settings))
    (listed,) = json.loads(files["api/problems.json"])["problems"]
    whole = json.loads(files["api/problems/noise-in-the-dark.json"])
    assert listed.items() <= whole.items()
    assert whole["file"] == "claims/open-problems/noise-in-the-dark.yaml"
    assert whole["question"]
    assert "question" not in listed


def test_pages_lead_to_the_file_that_holds_their_records_and_nothing_is_copied(
    book: Book, addressed: SiteSettings
) -> None:
    settings = dataclasses.replace(addressed, repo_url="https://code.example/book", edit_uri="")
    files = dict(text_files(book, settings))
    page = files["claims/noise-averages-out.md"]
    assert '<a href="../api/claims/noise-averages-out.json">record (JSON)</a>' in page
    there = "https://code.example/book/blob/main/claims/laws/noise-averages-out.yaml"
    assert f'<a href="{there}"><code>claims/laws/noise-averages-out.yaml</code></a>' in page
    assert '<a href="../api/problems/noise-in-the-dark.json">JSON</a>' in files["problems/noise-in-the-dark.md"]
    assert {path.partition(".")[2] for path in files if path.startswith("data/")} == {"quick.cpu.curves.js"}
    unlinked = dict(text_files(book, addressed))["claims/noise-averages-out.md"]
    assert "is one YAML file, <code>claims/laws/noise-averages-out.yaml</code>" in unlinked


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
    assert set(own.references) == {"lawbook:noise-averages-out"}
    sources = [source.cite for source in state.entry.content.sources]
    assert f"Its sources, in lawbook.bib: {', '.join(sources)}" in files["api/claims/noise-averages-out.bib"]
    cited = own.references["lawbook:noise-averages-out"].fields
    assert cited["title"] == "Noise averages out"
    assert cited["url"] == "https://book.example/claims/noise-averages-out.html"
    assert cited["year"] == "2026"
    assert "pass on 2026-11-21" in cited["note"]
    whole = parse_bibliography(files["api/lawbook.bib"])
    assert whole.diagnostics == ()
    assert {"lawbook", *(f"lawbook:{id}" for id in book.states), *sources} <= whole.references.keys()
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
