"""Text colours keep a contrast of 4.5 (WCAG AA) to every ground of their scheme."""

import re
from pathlib import Path

import pytest

STYLES = Path(__file__).parents[2] / "site" / "assets" / "styles"
NOT_TEXT = ("ground", "raised", "line", "hue", "line-strong")


def scheme_text(name: str) -> str:
    text = (STYLES / "tokens.css").read_text(encoding="utf-8")
    found = re.search(rf'\[data-md-color-scheme="{name}"\] {{(.*?)}}', text, re.DOTALL)
    assert found
    return found[1]


def scheme(name: str) -> dict[str, str]:
    return dict(re.findall(r"--lb-([a-z0-9-]+): (#[0-9a-f]{6});", scheme_text(name)))


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", ["default", "slate"])
def test_text_is_readable_on_both_grounds(name: str) -> None:
    colours = scheme(name)
    texts = {key: value for key, value in colours.items() if not key.startswith(NOT_TEXT)}
    assert {"ink", "soft", "link", "laws", "pass", "fail", "void", "unverified"} <= set(texts)
    for key, value in texts.items():
        for ground in ("ground", "raised"):
            assert contrast(value, colours[ground]) >= 4.5, (name, key, ground)


@pytest.mark.parametrize("name", ["default", "slate"])
def test_highlighted_code_is_readable(name: str) -> None:
    colours = dict(re.findall(r"--md-code-hl-([a-z]+)-color: (#[0-9a-f]{6});", scheme_text(name)))
    assert {"comment", "keyword", "number", "function", "string"} <= set(colours)
    for key, value in colours.items():
        assert contrast(value, scheme(name)["raised"]) >= 4.5, (name, key)


def test_paper_is_white_whatever_the_scheme() -> None:
    text = (STYLES / "tokens.css").read_text(encoding="utf-8")
    on_paper = re.sub(r"@media screen \{.*?\n\}", "", text, flags=re.DOTALL)
    assert '[data-md-color-scheme="slate"], [data-md-color-scheme="default"] {' in on_paper
    assert scheme("slate")["ground"] not in on_paper


@pytest.mark.parametrize("name", ["default", "slate"])
def test_lines_of_figures_stand_out_from_the_ground(name: str) -> None:
    colours = scheme(name)
    for key in (f"hue-{i}" for i in range(6)):
        assert contrast(colours[key], colours["ground"]) >= 3, (name, key)
