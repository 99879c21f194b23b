"""A reader sees every character that a text holds, or its name."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawbook.prose import plain_text, render_inline, render_markdown, spelled_out

# Signs of Arabic, Syriac, Kaithi and Egyptian writing that Unicode counts as format and fonts draw.
DRAWN = set(range(0x600, 0x606)) | {0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD} | set(range(0x13430, 0x13440))


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("\x1b[31mred\x00", "␛[31mred␀"),
        ("a\r\nb\rc\td\n", "a\nb␍c\td\n"),
        ("\x7f\x85\x9b", "␡⟨U+0085⟩⟨U+009B⟩"),
        ("abc \u202e def", "abc ⟨U+202E⟩ def"),
        ("\u200b", "⟨U+200B⟩"),
        ("\ufffe \U0001ffff \ud800", "⟨U+FFFE⟩ ⟨U+1FFFF⟩ ⟨U+D800⟩"),
        ("\ue000", "⟨U+E000⟩"),
        ("🚀 𝒩 𝔼 é 中 ا", "🚀 𝒩 𝔼 é 中 ا"),
        ("👩\u200d🚀 می\u200cخواهم", "👩\u200d🚀 می\u200cخواهم"),
        ("\u200d\u200d", "⟨U+200D⟩⟨U+200D⟩"),
    ],
)
def test_what_nobody_sees_is_spelled_out_and_the_rest_stays(given: str, shown: str) -> None:
    assert spelled_out(given) == shown


def test_no_character_of_unicode_is_passed_over() -> None:
    for code in range(0x110000):
        character = chr(code)
        unseen = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") or code & 0xFFFE == 0xFFFE
        if unseen and character not in "\t\n\u200c\u200d" and code not in DRAWN:
            assert spelled_out(f"a{character}b") != f"a{character}b", hex(code)


@given(st.text())
def test_spelling_out_twice_is_spelling_out_once(text: str) -> None:
    assert spelled_out(spelled_out(text)) == spelled_out(text)


@pytest.mark.parametrize("character", ["\u202e", "\x1b", "\ue000", "\ufffe"])
@pytest.mark.parametrize("around", ["a {} b", "`{}`", "```{}\n{}\n```", "[a](https://a.example '{}')", "# {}"])
def test_markdown_shows_it_too_whether_written_or_named(around: str, character: str) -> None:
    for written in (character, f"&#x{ord(character):X};"):
        for render in (render_markdown, render_inline):
            assert character not in render(around.replace("{}", written))


def test_a_text_cannot_stand_in_for_a_formula() -> None:
    assert "katex" not in render_inline("&#xE000;0&#xE001; \ue0000\ue001")
    assert render_inline("$x$ &#xE000;0&#xE001;").count('class="katex"') == 1
    assert plain_text("\ue0000\ue001")
