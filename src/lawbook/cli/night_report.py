"""The night's news in the three forms of `lawbook report`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lawbook.junit import Case

if TYPE_CHECKING:
    from lawbook.night_news import Kind, NightNews

# What `--fail-on` may ask for, and the exit code for it.
FAILURES = {"flip": 1, "error": 3, "age": 4}
NOTHING = "nothing changed, nothing is broken, old or left out."
SUITE = "night"


def failed(news: NightNews, asked: str) -> bool:
    """Whether the night holds what `--fail-on` asks for."""
    kinds: dict[str, Kind] = {"flip": "flips", "error": "broken", "age": "old"}
    found = news.items[kinds[asked]]
    # A void check is not broken by a fault of its code.
    return any(asked != "error" or item.said.startswith("error") for item in found)


def night_as_markdown(news: NightNews) -> Iterator[str]:
    """A section for the night, a list for each kind of news that there is."""
    from lawbook.night_news import TITLES

    yield ""
    if any(news.items.values()):
        yield f"## The night since {news.since}"
    else:
        yield f"Since {news.since}: {NOTHING}"
    for kind, title in TITLES.items():
        if news.items[kind]:
            yield ""
            yield f"### {title}"
            yield ""
            yield from (f"- `{item.check}`: {_plain(item.said)}" for item in news.items[kind])
    for trouble in news.trouble:
        yield ""
        yield f"Not looked for: {trouble}."


def night_as_json(news: NightNews) -> dict[str, Any]:
    """The night as plain data."""
    told: dict[str, Any] = {
        kind: [{"check": item.check, "said": item.said} for item in found] for kind, found in news.items.items()
    }
    return {"since": news.since, **told, "trouble": news.trouble}


def night_as_cases(news: NightNews) -> Iterator[Case]:
    """What of the night is bad news and stands in no record: flips are failures, what was not measured an error."""
    for item in news.items["flips"]:
        yield Case(SUITE, "flips", item.check, "failure", "flip", item.said)
    for item in news.items["not_measured"]:
        yield Case(SUITE, "not measured", item.check, "error", "not measured", item.said)
    for item in news.items["not_reached"]:
        yield Case(SUITE, "not reached", item.check, "skipped", message=item.said)
    for item in news.items["old"]:
        yield Case(SUITE, "old", item.check, "skipped", message=item.said)


def _plain(text: str) -> str:
    return text.replace("\n", " ").replace("<", "&lt;")
