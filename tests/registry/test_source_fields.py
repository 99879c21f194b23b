"""A source is linted or shown rightly: identifiers, addresses, people, years, formulas and keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawbook.publishing.source_title import source_title
from lawbook.publishing.words import address, venue
from lawbook.registry.bibliography import parse_bibliography
from lawbook.registry.entry import Reference
from lawbook.registry.load import lint, load_registry

FIELDS = {"author": "{Doe, Jane}", "title": "{T}", "year": "{2020}"}
MakeRegistry = Callable[[Mapping[str, object]], Path]


def entry(key: str = "key", **fields: str) -> str:
    lines = [f"  {name} = {value},\n" for name, value in {**FIELDS, **fields}.items()]
    return f"@article{{{key},\n{''.join(lines)}}}\n"


def read(**fields: str) -> Reference:
    bibliography = parse_bibliography(entry(**fields))
    assert bibliography.diagnostics == ()
    return bibliography.references["key"]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("doi", "{https://doi.org/10.1093/biomet/6.1.1}", ["write doi = {10.1093/biomet/6.1.1}"]),
        ("doi", "{HTTP://DX.DOI.ORG/10.1093/x}", ["write doi = {10.1093/x}"]),
        ("doi", "{doi:10.1093/x}", ["write doi = {10.1093/x}"]),
        ("doi", "{10.1093/%28x%29}", ["write doi = {10.1093/(x)}"]),
        ("doi", "{10.1093/x y}", ["'10.1093/x y' is no DOI"]),
        ("doi", "{10.1093/x.}", ["is no DOI"]),
        ("doi", "{arXiv:2604.21691}", ["is no DOI"]),
        ("eprint", "{arXiv:2604.21691}", ["write eprint = {2604.21691}"]),
        ("eprint", "{https://arxiv.org/abs/2604.21691v2}", ["write eprint = {2604.21691v2}"]),
        ("eprint", "{2613.21691}", ["is no arXiv number"]),
        ("url", "{https://a.b/c d}", ["is no address of the web"]),
        ("url", "{javascript:alert(1)}", ["is no address of the web"]),
        ("url", "{arxiv.org/abs/1}", ["is no address of the web"]),
        ("url", r"{\url{https://a.b/c}}", ["is no address of the web"]),
        ("author", "{Doe, Jane and others}", ["'others' stands for people", "name every one"]),
        ("author", "{Doe, Jane et al.}", ["stands for people"]),
        ("author", "{A and and B}", ["a name is missing"]),
        ("author", "{Doe, Jane; Roe, R.}", ["separate people by 'and'"]),
        ("editor", "{Doe, Jane and others}", ["'others' stands for people"]),
        ("year", "{19O8}", ["'19O8' is no year", "four digits"]),
        ("year", "{2020a}", ["is no year"]),
        ("year", "{in press}", ["is no year"]),
        ("year", "{２０２０}", ["is no year"]),
        ("year", "{1９08}", ["'1９08' is no year"]),
        ("doi", "{10.１093/x}", ["is no DOI"]),
        ("eprint", "{２６04.21691}", ["is no arXiv number"]),
        ("month", "{Foobar}", ["'Foobar' is no month"]),
        ("crossref", "{other}", ["'other' are not taken over"]),
        ("title", "{A $5 bound}", ["a $ of the title opens or closes no formula", r"\$"]),
        ("title", "{An {\\ss} and $x}", ["a $ of the title"]),
    ],
)
def test_a_field_that_is_wrong_is_told_at_its_place(name: str, value: str, words: list[str]) -> None:
    text = entry(**{name: value})
    (told,) = parse_bibliography(text).diagnostics
    line = next(number for number, line in enumerate(text.splitlines(), 1) if line.startswith(f"  {name} "))
    assert str(told).startswith(f"claims/references.bib:{line}:3: in 'key': ")
    assert all(word in str(told) for word in words), told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("doi", "{10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2}"),
        ("doi", "{10.1093/a#b?c}"),
        ("eprint", "{cond-mat/9901001}"),
        ("eprint", "{math.ST/0601001v2}"),
        ("url", r"{https://x.org/~a_b\_c--d?e=f&g#h}"),
        ("author", "{{Smith and others} and Al, Ben}"),
        ("author", "{{The A; B Group}}"),
        ("month", "jan # {~1}"),
        ("month", "{March--April}"),
        ("title", "{A $5$ and $6$ bound}"),
        ("title", r"{A \$5 bound}"),
    ],
)
def test_a_field_that_is_right_passes(name: str, value: str) -> None:
    assert read(**{name: value})


def test_a_doi_makes_an_address_whatever_its_characters() -> None:
    reference = read(doi=r"{10.1093/a#b?c\%d<e>}")
    assert reference.fields["doi"] == "10.1093/a#b?c%d<e>"
    assert address(reference) == "https://doi.org/10.1093/a%23b%3Fc%25d%3Ce%3E"


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="{}\\")))
def test_no_doi_breaks_out_of_its_address(suffix: str) -> None:
    reference = Reference("key", "article", {"doi": f"10.1093/{suffix}"}, (), "")
    shown = address(reference)
    assert not set("#?\"<>' ") & set(shown.removeprefix("https://doi.org/"))


def test_an_address_of_the_web_is_one_whatever_the_case_of_its_scheme() -> None:
    assert address(read(url="{HTTPS://A.org/x}")) == "https://A.org/x"


def test_another_archive_is_named_as_it_is() -> None:
    reference = read(eprint="{hal-01234}", archivePrefix="{HAL}", url="{https://hal.science/hal-01234}")
    assert venue(reference) == "HAL:hal-01234"
    assert address(reference) == "https://hal.science/hal-01234"


def test_formulas_of_a_title_are_typeset_and_the_rest_escaped() -> None:
    html = source_title(read(title=r"{{$L^2$} <b> bounds for \$5}"))
    assert "$L^2$" not in html.split("<annotation")[0]
    assert "<math" in html
    assert html.endswith(" &lt;b&gt; bounds for $5")


@pytest.mark.parametrize(
    ("title", "words"),
    [(r"{On $\nosuch$ laws}", "cannot be set"), ("{It costs $5 or $6 a run}", "is no formula")],
)
def test_a_bad_formula_of_a_title_is_for_lint_to_report(make_registry: MakeRegistry, title: str, words: str) -> None:
    root = make_registry({"claims/references.bib": ("{The probable error of a mean}", title)})
    assert load_registry(root).references
    (told,) = map(str, lint(root))
    assert told.startswith("claims/references.bib:8:1: in 'student1908probable': ")
    assert words in told


@pytest.mark.parametrize(
    ("first", "second"), [("müller2020x", "mu\u0308ller2020x"), ("ﬁnk2020x", "fink2020x"), ("Key", "kEY")]
)
def test_keys_that_look_alike_are_one_key(first: str, second: str) -> None:
    (told,) = parse_bibliography(entry(first) + entry(second)).diagnostics
    assert f"the key '{second}' is taken by '{first}'" in str(told)


@pytest.mark.parametrize("key", ["a#b", "a%b", 'a"b', "a&b", "a<b"])
def test_a_key_that_no_address_can_hold_is_told(key: str) -> None:
    (told,) = parse_bibliography(entry(key)).diagnostics
    assert f"the key '{key}' holds '{key[1]}'" in str(told)


@pytest.mark.parametrize("form", ["müller1908x", "mu\u0308ller1908x"])
def test_a_citation_that_differs_in_unicode_form_only_is_told_so(make_registry: MakeRegistry, form: str) -> None:
    other = "mu\u0308ller1908x" if len(form) == 11 else "müller1908x"
    bib = (Path(__file__).parents[1] / "tiny_registry/claims/references.bib").read_text(encoding="utf-8")
    changes = {
        "claims/references.bib": bib.replace("student1908probable", form),
        "claims/laws/noise-averages-out.yaml": ("cite: student1908probable", f"cite: {other}"),
        "claims/limits/noise-is-positive.yaml": ("cite: student1908probable", f"cite: {form}"),
    }
    (told,) = map(str, lint(make_registry(changes)))
    assert "it differs in Unicode form only: " in told
    assert "U+00FC" in told
    assert "U+0075 U+0308" in told


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (entry(title="{T}}"), "3:15", "the entry 'key' has ended before this"),
        (entry().replace("@", ""), "1:1", "this entry has no '@'"),
        (entry(title="{T"), "6:1", "the file ends inside an entry"),
        (entry(title="{A\u200bB}"), "3:13", "U+200B"),
        (entry() + "\x00", "6:1", "U+0000"),
        (entry(title="{{}}"), "1:1", "'key' has no title"),
    ],
)
def test_a_slip_of_the_file_itself_is_one_line(text: str, place: str, words: str) -> None:
    told = [str(diagnostic) for diagnostic in parse_bibliography(text).diagnostics]
    assert len(told) == 1, told
    assert told[0].startswith(f"claims/references.bib:{place}: ")
    assert words in told[0]
