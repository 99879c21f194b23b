"""The generated tree: the same for the same book, safe for any text, and green only where a record says so."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lawbook.book import Book
from lawbook.evidence.record import Record, RivalResult, StoredLine, StoredPanel
from lawbook.evidence.store import DamagedFile
from lawbook.publishing.addresses import PageTools
from lawbook.publishing.badge import badge
from lawbook.publishing.changes import status_changes
from lawbook.publishing.counts import STATUSES
from lawbook.publishing.generate import generate, text_files
from lawbook.publishing.settings import SiteError, SiteSettings, read_settings
from lawbook.publishing.templates import environment
from lawbook.publishing.words import minus, symbols
from lawbook.registry.answers import Answers
from lawbook.relations.edges import relations

REPOSITORY = Path(__file__).parents[2]
Make = Callable[..., Record]
BookOf = Callable[..., Book]
Registry = Callable[[dict[str, object]], Path]
ATOM = "{http://www.w3.org/2005/Atom}"


def tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_generating_twice_gives_the_same_bytes_and_changes_nothing(
    book: Book, site_settings: SiteSettings, tmp_path: Path
) -> None:
    first = generate(book, site_settings, tmp_path / "docs")
    before = tree(tmp_path / "docs")
    again = generate(book, site_settings, tmp_path / "docs")
    assert tree(tmp_path / "docs") == before
    assert (again.changed, again.removed) == (0, 0)
    assert first.changed == first.files == len(before)


def test_files_that_are_no_longer_made_are_removed(book: Book, site_settings: SiteSettings, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    generate(book, site_settings, docs)
    states = {id: state for id, state in book.states.items() if id != "noise-in-the-dark"}
    entries = {id: entry for id, entry in book.registry.entries.items() if id != "noise-in-the-dark"}
    smaller = replace(book, states=states, registry=replace(book.registry, entries=entries))
    assert generate(smaller, site_settings, docs).removed >= 1
    assert not (docs / "problems" / "noise-in-the-dark.md").exists()


def test_nothing_is_green_where_nothing_is_recorded(book_of: BookOf, site_settings: SiteSettings) -> None:
    files = dict(text_files(book_of(), site_settings))
    for path, text in files.items():
        if path.startswith(("claims/", "strands/", "problems/", "history")):
            assert "lb-is-pass" not in text, path
    assert '<span class="lb-count-number">0</span><span class="lb-count-name">' in files["index.md"]
    assert 'data-status="pass"' not in files["index.md"]
    assert FILL_OF_PASS not in files["badge/noise-averages-out.svg"]
    assert {claim["status"] for claim in json.loads(files["api/claims.json"])["claims"]} == {"unverified"}


FILL_OF_PASS = "#1a6b3c"


def test_the_home_page_counts_tiles_and_lists_what_did_not_run(book: Book, site_settings: SiteSettings) -> None:
    home = dict(text_files(book, site_settings))["index.md"]
    assert home.count('class="lb-tile ') == 2
    assert "<dt>quick checks recorded</dt><dd>1 of 2</dd>" in home
    assert "noise-is-positive/above-half" in home
    assert "no record yet" in home


def test_a_page_says_what_the_workers_of_its_record_were_kept_to(
    book_of: BookOf, site_settings: SiteSettings, make_record: Make
) -> None:
    older = make_record("noise-averages-out", "centre")
    where = older.environment.model_copy(update={"isolation": ["network", "<b>root</b>"]})
    newer = older.model_copy(update={"environment": where})
    before, after = (
        dict(text_files(book_of(record), site_settings))["claims/noise-averages-out.md"] for record in (older, newer)
    )
    assert "isolated" not in before
    assert "isolated: network, &lt;b&gt;root&lt;/b&gt; · commit" in after


def test_the_home_page_names_damaged_evidence(book_of: BookOf, site_settings: SiteSettings) -> None:
    broken = DamagedFile(Path("evidence/x/y.json"), "not a record: <b>")
    home = dict(text_files(book_of(damaged=(broken,)), site_settings))["index.md"]
    assert "evidence/x/y.json" in home
    assert "not a record: &lt;b&gt;" in home


def test_a_claim_page_shows_prediction_measurement_controls_and_sources(
    book: Book, site_settings: SiteSettings
) -> None:
    page = dict(text_files(book, site_settings))["claims/noise-averages-out.md"]
    for shown in (
        "0.012",
        "[−0.3, 0.3]",
        "shifted",
        "as it must",
        "test processor",
        "Gauß",
        "lawbook reproduce",
    ):
        assert shown in page, shown
    assert 'class="lb-svg lb-strip"' in page
    assert page.count('class="lb-svg lb-course"') == 1
    assert '<span class="lb-role">has as special case</span>' in page


def test_the_fields_of_a_setting_have_dotted_names() -> None:
    folder = REPOSITORY / "site/templates"
    macros = environment(folder).get_template("partials/check.jinja").make_module({"page": None})
    shown = str(macros.parameters({"steps": 8, "setting": {"width": 32, "hidden": [4, 4]}}))  # type: ignore[attr-defined]
    assert "<code>steps = 8</code>" in shown
    assert "<code>setting.width = 32</code>" in shown
    assert "<code>setting.hidden = [4, 4]</code>" in shown


def head_of(page: str) -> str:
    return page[: page.index("## Statement")]


def test_the_head_of_a_claim_answers_how_well_and_who_says_so(book: Book, site_settings: SiteSettings) -> None:
    files = dict(text_files(book, site_settings))
    head = head_of(files["claims/noise-averages-out.md"])
    for shown in (
        'href="#check-centre"',
        "0.012 [−0.050, 0.070]",
        "[−0.3, 0.3]",
        "lb-is-pass",
        "Gauß (1809)",
    ):
        assert shown in head, shown
    unrecorded = head_of(files["claims/noise-is-positive.md"])
    assert 'href="#check-above-half"' in unrecorded
    assert "lb-is-pass" not in unrecorded


def test_a_claim_without_a_check_says_so_in_its_head(make_registry: Registry, site_settings: SiteSettings) -> None:
    from lawbook.book import open_book

    path = "claims/limits/noise-is-positive.yaml"
    text = (REPOSITORY / "tests" / "tiny_registry" / path).read_text(encoding="utf-8")
    root = make_registry({path: (text[text.index("checks:") :], "")})
    page = dict(text_files(open_book(root), site_settings))["claims/noise-is-positive.md"]
    assert "no check" in head_of(page)
    assert "lb-is-unverified" in head_of(page)


def test_a_formula_is_found_by_the_names_of_its_symbols() -> None:
    formula = r"$\lambda_{\max}(\nabla^2 L) \to \frac{2}{\eta}$, $L_{\mathrm{test}}$ of \text{two words}"
    found = symbols(formula).split()
    assert {"lambda_max", "lambda", "nabla", "eta", "L_test", "test", "two", "words"} <= set(found)
    assert not {"frac", "mathrm", "text"} & set(found)


def test_numbers_in_sentences_have_true_minus_signs_and_dates_and_names_keep_theirs() -> None:
    assert minus("[-0.5, -.2] on 2026-11-20, seed-1 and x-2") == "[−0.5, −.2] on 2026-11-20, seed-1 and x-2"


def test_the_map_explains_its_dots_and_lines(book: Book, site_settings: SiteSettings) -> None:
    page = dict(text_files(book, site_settings))["graph.md"]
    legend = page[: page.index("lb-graph-frame")]
    assert all(f'lb-is-{status}"' in legend for status in STATUSES)
    assert re.search(r'class="lb-rel-contradicts">contradicts<', legend)
    assert re.search(r'class="lb-rel-bears-on">bears on<', legend)


def test_relations_show_from_both_ends(book: Book, site_settings: SiteSettings) -> None:
    files = dict(text_files(book, site_settings))
    assert "contradicts" in files["claims/noise-averages-out.md"]
    assert "is contradicted by" in files["claims/noise-is-positive.md"]


def test_a_claim_and_a_problem_that_name_each_other_are_related_once(book: Book) -> None:
    assert [r for r in relations(book) if "noise-in-the-dark" in r] == [
        ("noise-averages-out", "bears-on", "noise-in-the-dark")
    ]


def test_a_claims_text_cannot_leave_its_place(make_registry: Registry, site_settings: SiteSettings) -> None:
    from lawbook.book import open_book

    attack = "</div></section><script>alert(1)</script>\\n\\n# Own heading\\n\\n<img src=x onerror=alert(1)>"
    root = make_registry(
        {
            "claims/laws/noise-averages-out.yaml": ("title: Noise averages out", f'title: "{attack}"'),
            "claims/references.bib": ("Theoria motus corporum coelestium", "T <script>alert(1)</script>"),
        }
    )
    for path, text in text_files(open_book(root), site_settings):
        if path.endswith(".md") and not path.startswith(("contribute", "method", "about", "instruments")):
            assert "<script" not in text, path
            assert "<img" not in text, path
            assert "\n# Own" not in text, path


def test_labels_of_panels_cannot_leave_the_drawing(
    book_of: BookOf, make_record: Make, site_settings: SiteSettings
) -> None:
    label = "</svg></div><script>alert(1)</script>"
    line = StoredLine(label=label, x=[1, 2], y=[1, 2])
    panel = StoredPanel(title=label, x_label=label, lines=[line])
    record = make_record(
        "noise-averages-out", "centre", "void", panels=[panel], notes=[label], reason=label, output=label
    )
    page = dict(text_files(book_of(record), site_settings))["claims/noise-averages-out.md"]
    assert "<script" not in page


def test_links_between_claims_lead_to_their_pages_and_places_in_them(book: Book) -> None:
    tools = PageTools("claims/noise-averages-out.html", book.registry)
    html = tools.markdown(
        "[a](noise-is-positive.md) [b](../open-problems/noise-in-the-dark.yaml) `noise-is-positive` "
        "[c](noise-is-positive.md#limits) [d](#regime)"
    )
    assert '<a href="noise-is-positive.html">a</a>' in html
    assert '<a href="../problems/noise-in-the-dark.html">b</a>' in html
    assert '<a href="noise-is-positive.html"><code>noise-is-positive</code></a>' in html
    assert '<a href="noise-is-positive.html#limits">c</a>' in html
    assert '<a href="#regime"' in html
    assert '<a href="noise-is-positive.html#a&amp;b">' in tools.inline("[a](noise-is-positive.md#a&b)")
    assert "nowhere.md?a&amp;b" in tools.inline("[a](nowhere.md?a&b)")


@pytest.mark.parametrize(
    "address", ["HTTPS://a.example/x", "https://a.example/x", "Http://a.example", "MAILTO:a@b.example"]
)
def test_a_scheme_may_be_written_in_any_case(book: Book, address: str) -> None:
    tools = PageTools("claims/noise-averages-out.html", book.registry)
    assert f'<a href="{address}"' in tools.markdown(f"[c]({address})")


@pytest.mark.parametrize(
    "address",
    ["noize-is-positive.md", "secret.txt", "//evil.example/x", "ftp://a.example", "javascript:alert(1)"],
)
def test_a_link_that_leads_nowhere_is_no_link_and_shows_what_it_named(book: Book, address: str) -> None:
    tools = PageTools("claims/noise-averages-out.html", book.registry)
    for html in (tools.markdown(f"[words]({address})"), tools.inline(f"[words]({address})")):
        assert "<a" not in html
        assert "words" in html
        assert address in html
    assert "<a" not in tools.unlinked(f"[words]({address})")


def test_an_id_in_the_words_of_a_link_does_not_open_a_link_inside_it(book: Book) -> None:
    tools = PageTools("claims/noise-averages-out.html", book.registry)
    html = tools.markdown("[see `noise-is-positive`](https://a.example 'a > b')")
    assert html.count("<a ") == 1


def test_the_api_says_what_the_book_says(book: Book, site_settings: SiteSettings) -> None:
    files = dict(text_files(book, site_settings))
    listed = {claim["id"]: claim for claim in json.loads(files["api/claims.json"])["claims"]}
    assert set(listed) == set(book.registry.claims)
    for id, claim in listed.items():
        state = book.states[id]
        assert (claim["status"], claim["quick"], claim["as_expected"]) == (
            state.status,
            state.quick,
            state.as_expected,
        )
        whole = json.loads(files[f"api/claims/{id}.json"])
        assert whole["status"] == claim["status"]
        told = [(check["name"], tier["tier"]) for check in whole["checks"] for tier in check["tiers"]]
        assert told == [(c.check.name, c.tier) for c in state.checks]
    whole = json.loads(files["api/claims/noise-averages-out.json"])
    assert whole["checks"][0]["tiers"][0]["record"]["estimate"] == 0.012345
    assert [p["id"] for p in json.loads(files["api/problems.json"])["problems"]] == ["noise-in-the-dark"]


def test_a_status_change_is_what_moved_the_headline(book: Book) -> None:
    assert [(c.id, c.before, c.after) for c in status_changes(book)] == [
        ("noise-averages-out", "unverified", "fail"),
        ("noise-averages-out", "fail", book.states["noise-averages-out"].status),
    ]


def test_the_feed_is_valid_atom_with_an_entry_a_change(book: Book, site_settings: SiteSettings) -> None:
    settings = replace(site_settings, site_url="https://book.example/")
    root = ElementTree.fromstring(dict(text_files(book, settings))["feed.xml"].encode())
    assert root.tag == f"{ATOM}feed"
    entries = root.findall(f"{ATOM}entry")
    assert len(entries) == 2
    for part in [root, *entries]:
        for required in ("id", "title", "updated"):
            assert part.findtext(f"{ATOM}{required}"), required
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", part.findtext(f"{ATOM}updated") or "")
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids)
    link = entries[0].find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == "https://book.example/claims/noise-averages-out.html"
    assert "fail → pass" in (entries[0].findtext(f"{ATOM}title") or "")


def test_an_empty_book_still_has_a_valid_feed(book_of: BookOf, site_settings: SiteSettings) -> None:
    root = ElementTree.fromstring(dict(text_files(book_of(), site_settings))["feed.xml"].encode())
    assert root.findtext(f"{ATOM}updated")
    assert root.findall(f"{ATOM}entry") == []


def test_a_badge_says_its_status_in_words_and_marks_staleness() -> None:
    root = ElementTree.fromstring(badge("some-claim", "pass", stale=True))
    assert "pass (stale)" in [element.text for element in root.iter()]
    assert FILL_OF_PASS not in badge("some-claim", "unverified")


def test_the_schema_reference_holds_every_key_of_the_models(book: Book, site_settings: SiteSettings) -> None:
    from lawbook.registry.models import Check, Claim, Control, Problem

    page = dict(text_files(book, site_settings))["schema.md"]
    for model in (Claim, Check, Control, Problem):
        for key in model.model_fields:
            assert f"<code>{key}</code>" in page


def test_a_registry_without_a_site_says_what_is_missing(tiny_registry: Path) -> None:
    with pytest.raises(SiteError, match=r"mkdocs\.yml"):
        read_settings(tiny_registry)


def test_a_bad_formula_in_a_hand_written_page_names_file_and_line(
    book: Book, site_settings: SiteSettings, tmp_path: Path
) -> None:
    import shutil

    folder = tmp_path / "site"
    shutil.copytree(site_settings.folder, folder)
    (folder / "pages" / "extra.md").write_text("# Extra\n\nfine $x$ and `$y`\n\nbad $\\oops$\n")
    with pytest.raises(SiteError, match=r"extra\.md:5: bad formula"):
        generate(book, replace(site_settings, folder=folder), tmp_path / "docs")


def test_publishing_imports_no_numerical_library() -> None:
    code = (
        "import sys, lawbook.publishing.generate, lawbook.publishing.build, lawbook.prose\n"
        "from lawbook.publishing.figures.graph import Node, graph\n"
        "graph([Node('a', 'a', 'g', 'pass', 'x')], [], ['g'])\n"
        "print([name for name in ('torch', 'numpy', 'scipy', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_pass_names_what_it_excludes_and_a_check_that_is_no_experiment_says_so(
    book_of: BookOf, make_record: Make, site_settings: SiteSettings
) -> None:
    rivals = [
        RivalResult(name="half-as-much", excluded=True, predicts=(0.5, 0.5), away=12.3),
        RivalResult(name="any-more", excluded=True, predicts=(1.0, None), away=None),
    ]
    book = book_of(make_record("noise-averages-out", "centre", rivals=rivals, method="identity"))
    page = dict(text_files(book, site_settings))["claims/noise-averages-out.md"]
    for shown in ("half-as-much", "12.3", "any-more", "≥"):
        assert shown in page, shown
    severe = dict(text_files(book, site_settings))["severity.md"]
    assert "noise-averages-out" in severe
    assert "What differs between them?" in severe


def test_what_a_claim_explains_stands_with_its_sentence_apart_from_what_is_open(
    book_of: BookOf, make_record: Make, site_settings: SiteSettings
) -> None:
    book = book_of(make_record("noise-averages-out", "centre"))
    (state,) = [found for found in book.states["noise-averages-out"].checks if found.record is not None]
    check = state.check.model_copy(
        update={"answers": Answers.model_validate({"rivals": "No other *answer* is known."})}
    )
    entry = replace(book.states["noise-averages-out"], checks=(replace(state, check=check),))
    answered = replace(book, states={**book.states, "noise-averages-out": entry})
    before, after = (dict(text_files(each, site_settings))["severity.md"] for each in (book, answered))
    assert "explained</span>" not in before
    assert "No other <em>answer</em> is known." in after
    question = "<td>Which other answers are excluded?</td>"
    assert f'{question}<td class="lb-number">1</td><td class="lb-number">0</td>' in before
    assert f'{question}<td class="lb-number">1</td><td class="lb-number">1</td>' in after


def test_a_badge_says_how_it_is_known_where_no_experiment_stands_behind_it() -> None:
    assert "pass (identity)" in badge("some-claim", "pass", methods=("identity",))
    assert "pass (calculation, stale)" in badge("some-claim", "pass", methods=("calculation",), stale=True)
    assert "identity" not in badge("some-claim", "pass", methods=("identity", "experiment"))
